"""Pages as pictures."""

import struct
import zlib
from collections.abc import Callable

import pytest

from crm_desktop.documents.preview import page_picture, page_pictures
from crm_desktop.documents.quote_document import QuoteDocument
from crm_desktop.documents.quote_pdf import render_quote


def test_each_page_becomes_a_png_of_its_size(long_example: Callable[..., QuoteDocument]) -> None:
    pdf = render_quote(long_example(60), "de")
    pictures = list(page_pictures(pdf, dpi=72))
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", picture[16:24]) == (596, 842)
    assert pictures[0] != pictures[1]
    assert page_picture(pdf, 1, dpi=72) == pictures[1]


def test_colours_are_not_swapped(worked_example: QuoteDocument) -> None:
    picture = page_picture(render_quote(worked_example, "de"), 0, dpi=72)
    width = struct.unpack(">I", picture[16:20])[0]
    length = struct.unpack(">I", picture[33:37])[0]
    rows = zlib.decompress(picture[41 : 41 + length])
    # The petrol square of the letterhead, 26 mm from the left and 19 mm from the top.
    start = 54 * (1 + 3 * width) + 1 + 3 * 74
    assert rows[start : start + 3] == bytes((0x0E, 0x64, 0x80))


def test_a_page_that_is_not_there(worked_example: QuoteDocument) -> None:
    with pytest.raises(IndexError):
        page_picture(render_quote(worked_example, "de"), 1)
