"""A link as a code that a phone's camera reads."""

import io

from django.utils.html import format_html
from django.utils.safestring import SafeString

# Clear room around it, in modules: what the standard asks for.
BORDER = 4
# Pixels of a module in the file, which is made to be printed.
SCALE = 16


def svg(text: str) -> SafeString:
    """Drawn in the color of the text around it, one unit a module; whoever shows it says its size
    and puts it on white.
    """
    rows = _modules(text)
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return format_html(
        '<svg class="code" viewBox="0 0 {0} {0}" aria-hidden="true" focusable="false">'
        '<path d="{1}"/></svg>',
        len(rows),
        path,
    )


def png(text: str) -> bytes:
    from PIL import Image

    rows = _modules(text)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if is_dark else 1 for row in rows for is_dark in row])
    size = len(rows) * SCALE
    file = io.BytesIO()
    image.resize((size, size), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def _modules(text: str) -> list[list[bool]]:
    # Only here, for it brings a library of pictures: a worker that draws no code does without both.
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=BORDER)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(is_dark) for is_dark in row] for row in code.get_matrix()]
