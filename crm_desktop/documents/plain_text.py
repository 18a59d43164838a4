"""User text on its way to paper: what can be printed stays as it was typed."""

import unicodedata

# Direction overrides could show a figure or a name in another order than it is read.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = ("Cc", "Cs")


def printable(text: str) -> str:
    """Composed (NFC) text without control characters; line breaks stay, as \\n."""
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(sign for sign in unified if sign == "\n" or _is_printable(sign))


def one_line(text: str) -> str:
    """`printable` text whose line breaks became spaces."""
    return " ".join(printable(text).split("\n")).strip()


def _is_printable(sign: str) -> bool:
    return sign not in _DIRECTION_CONTROLS and unicodedata.category(sign) not in _UNPRINTABLE
