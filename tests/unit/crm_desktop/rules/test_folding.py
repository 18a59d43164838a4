"""What must find each other."""

import unicodedata

import pytest

from crm_desktop.rules.folding import digits, fold, search_terms

ALIKE = [
    ["Müller", "Mueller", "Muller", "MÜLLER", unicodedata.normalize("NFD", "Müller")],
    ["Straße", "Strasse", "STRASSE"],
    ["Łódź", "Lodz", "łódź"],
    ["København", "Kobenhavn", "KØBENHAVN"],
    ["Pébéo", "Pebeo"],
]


@pytest.mark.parametrize("words", ALIKE, ids=lambda words: words[0])
def test_alike(words: list[str]) -> None:
    assert len({fold(word) for word in words}) == 1


def test_different_names_stay_different() -> None:
    assert fold("Maier") != fold("Meier")


def test_terms() -> None:
    assert search_terms("  Müller & Söhne, KG ") == ["muller", "sohne", "kg"]


@pytest.mark.parametrize("number", ["+49 (0) 30 0074321", "0049 30 0074321", "49-30-0074321"])
def test_digits(number: str) -> None:
    assert digits(number) == "49300074321"
