"""Earlier versions of a note: which there are, and how one differs from what stands there now."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from crm_desktop.store.reader import Reader
from crm_desktop.store.written_texts import WrittenText

SHOWN = 20
ALIKE = 0.5
"""Share of two lines that has to be equal; below it, word by word is noise: one stands in the place of the other."""
_WORDS = re.compile(r"\s*\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a comparison: in both texts, only in the version, or only in the text of now."""

    kind: Literal["both", "then", "now"]
    text: str


def read_versions(reader: Reader, visit_id: str) -> tuple[WrittenText, ...]:
    """Versions of the note of a visit other than the one that stands there, newest first."""
    row = reader.get("visit", visit_id)
    if row is None:
        return ()
    seen = {str(row["note"])}
    found = []
    for version in reversed(reader.written_texts("visit", visit_id, "note")):
        if version.text not in seen:
            seen.add(version.text)
            found.append(version)
    return tuple(found[:SHOWN])


def differences(then: str, now: str) -> tuple[Piece, ...]:
    """Both texts as one, by lines and within changed lines by words."""
    pieces: list[Piece] = []
    for before, after in _compared(then.splitlines(keepends=True), now.splitlines(keepends=True)):
        was_words, now_words = _WORDS.findall(before), _WORDS.findall(after)
        changed = before != after and _matcher(was_words, now_words).ratio() >= ALIKE
        for was, is_now in _compared(was_words, now_words) if changed else ((before, after),):
            if was == is_now:
                pieces.append(Piece("both", was))
            else:
                pieces += [Piece("then", was)] if was else []
                pieces += [Piece("now", is_now)] if is_now else []
    return tuple(pieces)


def _matcher(then: Sequence[str], now: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, then, now, autojunk=False)


def _compared(then: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of stretches, equal where nothing differs."""
    for _tag, a, b, c, d in _matcher(then, now).get_opcodes():
        yield "".join(then[a:b]), "".join(now[c:d])
