"""Three-way merge of long texts: by line, then by word where lines collide."""

import re
from collections.abc import Sequence

from merge3 import Merge3

_WORDS = re.compile(r"\s+|[^\s]+")


def _merge(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, deeper: bool) -> str | None:
    merged: list[str] = []
    for group in Merge3(list(base), list(mine), list(theirs)).merge_groups():
        if group[0] != "conflict":
            merged.extend(group[1])
            continue
        if not deeper:
            return None
        parts = [_WORDS.findall("".join(part)) for part in group[1:4]]
        words = _merge(parts[0], parts[1], parts[2], deeper=False)
        if words is None:
            return None
        merged.append(words)
    return "".join(merged)


def merge_text(base: str, mine: str, theirs: str) -> str | None:
    """The text that holds both changes, or None where they overlap. Never puts markers into the text."""
    if mine in (theirs, base):
        return theirs
    if theirs == base:
        return mine
    return _merge(
        base.splitlines(keepends=True),
        mine.splitlines(keepends=True),
        theirs.splitlines(keepends=True),
        deeper=True,
    )
