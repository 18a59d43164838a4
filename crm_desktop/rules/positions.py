"""Fractional keys: a new position between two others without touching either (ordered lines, sync design 2.5)."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)


def between(before: str, after: str) -> str:
    """A key that sorts between `before` and `after`; '' stands for the open end on either side.

    Keys are base-36 fractions without trailing zeros, compared as text.
    """
    if after and before >= after:
        raise ValueError(f"{before!r} does not sort before {after!r}")
    key: list[str] = []
    place = 0
    bounded = bool(after)
    while True:
        low = _DIGITS.index(before[place]) if place < len(before) else 0
        high = _DIGITS.index(after[place]) if bounded and place < len(after) else _BASE
        if high - low > 1:
            # Appending is the common case: a step of one keeps keys short.
            key.append(_DIGITS[low + 1 if not bounded else (low + high) // 2])
            return "".join(key)
        key.append(_DIGITS[low])
        if high != low:
            bounded = False
        place += 1
