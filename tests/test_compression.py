"""Pages are sent as small as the browser can take them, and of no certain length."""

import gzip

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from breakthrough.compression import CompressionMiddleware, compressed

PAGE = "<p>Ask for something you want.</p>" * 50


def _sent(response: HttpResponse | StreamingHttpResponse, accept: str) -> HttpResponse:
    request = RequestFactory().get("/", headers={"accept-encoding": accept})
    return CompressionMiddleware(lambda _request: response)(request)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("abr, identity", None),
        ("", None),
    ],
)
def test_a_page_is_sent_as_the_browser_takes_it(accept: str, encoding: str | None) -> None:
    response = _sent(HttpResponse(PAGE, headers={"ETag": '"1"', "Vary": "Cookie"}), accept)

    plain = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert plain(response.content).decode() == PAGE
    assert response.get("Content-Encoding") == encoding
    assert response["Vary"] == "Cookie, Accept-Encoding"
    assert response["ETag"] == ('W/"1"' if encoding else '"1"')
    if encoding:
        assert response["Content-Length"] == str(len(response.content))


def test_what_is_short_or_compressed_already_stays_as_it_is() -> None:
    already = HttpResponse(PAGE, headers={"Content-Encoding": "gzip"})

    assert _sent(HttpResponse("short"), "br").content == b"short"
    assert _sent(already, "br").content.decode() == PAGE


def test_a_stream_is_left_to_gzip() -> None:
    response = _sent(StreamingHttpResponse([PAGE.encode()]), "gzip, br")

    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(response)).decode() == PAGE


@pytest.mark.parametrize("padding", [0, 1, 4, 99, 256])
def test_padding_adds_its_length_and_nothing_to_read(padding: int) -> None:
    content = compressed(PAGE.encode(), padding)

    assert brotli.decompress(content).decode() == PAGE
    least = len(compressed(PAGE.encode(), 0))
    assert len(content) == least + padding + (2 if padding else 0)


def test_the_same_page_has_no_certain_length(db: None, client: Client) -> None:
    headers = {"accept-encoding": "br"}
    lengths = {len(client.get("/terms/", headers=headers).content) for _time in range(12)}

    assert len(lengths) > 2
