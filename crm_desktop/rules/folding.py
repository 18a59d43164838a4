"""Search folding: what two people type differently and mean alike becomes one text.

Umlauts and their transcriptions (ü, ue, u) fold to the base letter, so do accents, ß, ł, ø and their kin.
"""

import re
import unicodedata

# Letters that Unicode does not decompose into base letter and accent.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ø": "o",
        "œ": "o",
        "æ": "a",
        "ı": "i",
        "ŀ": "l",
        "ħ": "h",
        "ŧ": "t",
        "’": "'",
    }
)
_NOT_WORD = re.compile(r"[^\w]+")
_NOT_DIGIT = re.compile(r"\D+")


def fold(text: str) -> str:
    """Folded text in lower case; punctuation is kept (see `search_terms` for words)."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        if not text.isascii():
            text = "".join(char for char in text if not unicodedata.combining(char)).translate(_LETTERS)
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def digits(text: str) -> str:
    """The digits of a telephone number; an international 00 or + prefix and a (0) are dropped."""
    only = _NOT_DIGIT.sub("", text.replace("(0)", ""))
    return only[2:] if only.startswith("00") else only


def search_terms(query: str) -> list[str]:
    """Folded words of a query, in order, without empty ones."""
    return [word for word in _NOT_WORD.split(fold(query)) if word]
