"""How a version differs from the note of now."""

import pytest

from ui.presenters.note_versions import Piece, differences


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("same", "same", [Piece("both", "same")]),
        ("", "new", [Piece("now", "new")]),
        ("old", "", [Piece("then", "old")]),
        (
            "40 boxes of Chai\n",
            "12 boxes of Chai\n",
            [Piece("then", "40 "), Piece("now", "12 "), Piece("both", "boxes of Chai\n")],
        ),
        (
            "We met the cook today\nPrice open",
            "Nothing today\nPrice open",
            [Piece("then", "We met the cook today\n"), Piece("now", "Nothing today\n"), Piece("both", "Price open")],
        ),
        (
            "first\nsecond\n",
            "first\nbetween\nsecond\n",
            [Piece("both", "first\n"), Piece("now", "between\n"), Piece("both", "second\n")],
        ),
    ],
    ids=["equal", "all new", "all gone", "a word", "another line", "a line between"],
)
def test_words_and_lines_are_told_apart(then: str, now: str, expected: list[Piece]) -> None:
    assert list(differences(then, now)) == expected


@pytest.mark.parametrize(("then", "now"), [("a\nb c\nd", "a\nb x c\nd e"), ("one two", "two one"), ("ä\r\nö", "ö\nü")])
def test_both_texts_can_be_read_out_of_it(then: str, now: str) -> None:
    pieces = differences(then, now)
    assert "".join(piece.text for piece in pieces if piece.kind != "now") == then
    assert "".join(piece.text for piece in pieces if piece.kind != "then") == now
