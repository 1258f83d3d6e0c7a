"""Pages on the wire: brotli where the browser takes it, gzip elsewhere (docs/decisions/0011)."""

import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# What takes as long as gzip and comes to a tenth less. Pages are smaller than the window.
QUALITY, WINDOW = 5, 18
SHORT = 200  # bytes that are not worth it, as with gzip


class CompressionMiddleware(GZipMiddleware):
    """As Django's own, which stays for browsers that take no brotli, and for streams."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if (
            not isinstance(response, HttpResponse)
            or response.has_header("Content-Encoding")
            or len(response.content) < SHORT
            or "br" not in request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
        ):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        content = compressed(response.content, secrets.randbelow(self.max_random_bytes))
        if len(content) < len(response.content):
            response.content = content
            response.headers["Content-Length"] = str(len(content))
            response.headers["Content-Encoding"] = "br"
            etag = response.get("ETag", "")
            if etag.startswith('"'):
                response.headers["ETag"] = f"W/{etag}"
        return response


def compressed(content: bytes, padding: int) -> bytes:
    """With as many bytes more as `padding` says, from 0 to 256, which a browser skips.

    A length that varies says less of secrets in a page to whoever can put words beside them
    (https://www.breachattack.com); Django pads the header of gzip for that.
    """
    compressor = brotli.Compressor(mode=brotli.MODE_TEXT, quality=QUALITY, lgwin=WINDOW)
    start: bytes = compressor.process(content) + compressor.flush()
    end: bytes = compressor.finish()
    return start + _skipped(padding) + end


def _skipped(length: int) -> bytes:
    """A block of metadata, RFC 7932 section 9.2; what it follows was flushed to a whole byte."""
    if not length:
        return b""
    # Lowest bit first: not the last block (0), none of content (11), reserved (0), its length less
    # one takes one byte (10), and is in the next eight bits.
    block = 0b010110 | (length - 1) << 6
    return block.to_bytes(2, "little") + b"a" * length
