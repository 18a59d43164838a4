"""Pages of a PDF as pictures, so that screen and paper show the same bytes.

PDFium is not safe to be entered from two threads at once: callers render on one thread.
"""

import struct
import zlib
from collections.abc import Iterator

import pypdfium2

_POINTS_PER_INCH = 72
_PNG_COLOURS = {1: 0, 3: 2, 4: 6}  # bitmap channels to PNG colour type: grey, RGB, RGBA


def page_pictures(pdf: bytes, dpi: float = 144) -> Iterator[bytes]:
    """Each page as PNG, one after the other, at `dpi` dots per inch."""
    with pypdfium2.PdfDocument(pdf) as document:
        for index in range(len(document)):
            yield _picture(document, index, dpi)


def page_picture(pdf: bytes, index: int, dpi: float = 144) -> bytes:
    """One page as PNG; `index` counts from 0. IndexError where there is no such page."""
    with pypdfium2.PdfDocument(pdf) as document:
        if not 0 <= index < len(document):
            raise IndexError(f"the PDF has {len(document)} pages")
        return _picture(document, index, dpi)


def _picture(document: pypdfium2.PdfDocument, index: int, dpi: float) -> bytes:
    page = document[index]
    try:
        bitmap = page.render(scale=dpi / _POINTS_PER_INCH, rev_byteorder=True)  # RGB instead of BGR
        try:
            return _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
        finally:
            bitmap.close()
    finally:
        page.close()


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """8-bit PNG. Written here because no imaging library is needed for anything else."""
    used = width * channels
    rows = b"".join(b"\0" + pixels[start : start + used] for start in range(0, stride * height, stride))
    header = struct.pack(">IIBBBBB", width, height, 8, _PNG_COLOURS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
