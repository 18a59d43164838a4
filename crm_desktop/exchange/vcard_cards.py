"""Business cards as text (vCard 2.1, 3.0, 4.0): each card by itself, so that a broken one harms no other.

Only the properties a lead needs are handed to the parser: pictures, keys and extensions are what most programs
write wrongly. Quoted-printable is decoded here, in the character set the line names, else as it reads best.
"""

import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.rules.delimited import Problem

_KEPT = ("FN", "N", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "NOTE")
_NAMING = {"name", "company", "email", "phone"}  # one of them makes a lead
_PROPERTY = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)*):(.*)$", re.DOTALL)
_CHARSET = re.compile(r"CHARSET=\"?([\w-]+)", re.IGNORECASE)
_QUOTED = re.compile(r"QUOTED-PRINTABLE", re.IGNORECASE)
_MARK = "BEGIN:VCARD"


@dataclass(frozen=True, slots=True)
class Card:
    """One card as the values of a lead. `line` is where it begins in the text."""

    line: int
    values: dict[str, str]


@dataclass(slots=True)
class Cards:
    """The cards that say something, and what was odd."""

    cards: list[Card] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def is_vcard(text: str) -> bool:
    """Whether a text holds a card."""
    return _MARK in re.sub(r"[ \t]", "", text[:100_000]).upper()


def decoded(data: bytes) -> str:
    """The text of a file: Unicode where it is, else as Western European programs write it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read_cards(text: str) -> Cards:
    """Every card of a text. One that cannot be read is named, the rest goes in."""
    found = Cards()
    for number, (start, lines, closed) in enumerate(_blocks(text), 1):
        kept, dropped = _readable(lines)
        values = _values(kept)
        name = values.get("name") or values.get("company") or values.get("email") or str(number)
        if not values.keys() & _NAMING:
            found.problems.append(_unreadable(start, number))
            continue
        found.cards.append(Card(start, values))
        if dropped:
            found.problems.append(_left_out(start, name, dropped))
        if not closed:
            found.problems.append(_unclosed(start, name))
    return found


def _blocks(text: str) -> Iterator[tuple[int, list[str], bool]]:
    """(line it begins on, its unfolded lines, whether it ends) of each card; a card inside another is left out."""
    start, depth, inside = 0, 0, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        plain = re.sub(r"[ \t]", "", line).upper()
        if plain == _MARK and depth and not (inside and inside[-1].upper().startswith("AGENT")):
            yield start, inside, False
            start, depth, inside = number, 1, []
        elif plain == _MARK:
            depth += 1
            if depth == 1:
                start, inside = number, []
        elif plain == "END:VCARD" and depth:
            depth -= 1
            if not depth:
                yield start, inside, True
        elif depth == 1:
            _add(inside, line)
    if depth:
        yield start, inside, False


def _add(lines: list[str], line: str) -> None:
    """Join what was folded: a line that begins with white space, or one after a soft break."""
    if lines and lines[-1].endswith("=") and _QUOTED.search(lines[-1].split(":", 1)[0]):
        lines[-1] = lines[-1][:-1] + line
    elif lines and line[:1] in (" ", "\t"):
        lines[-1] += line[1:]
    elif line.strip():
        lines.append(line)


def _readable(lines: Sequence[str]) -> tuple[list[Any], list[str]]:
    """Parsed lines of the properties a lead needs, and the names of those nobody can read."""
    from vobject.base import VObjectError, textLineToContentLine  # type: ignore[import-untyped]
    from vobject.vcard import VCardTextBehavior  # type: ignore[import-untyped]

    kept, dropped = [], []
    for line in lines:
        match = _PROPERTY.match(line)
        name = match.group(1).upper() if match else ""
        if match is None or name not in _KEPT:
            continue
        try:
            parsed = textLineToContentLine(f"{name}{_plain_parameters(match.group(2))}:{_unquoted(match)}")
            VCardTextBehavior.decode(parsed)
        except (VObjectError, ValueError, LookupError):
            dropped.append(name)
            continue
        kept.append(parsed)
    return kept, dropped


def _plain_parameters(parameters: str) -> str:
    """Without how the value was written down: it is decoded."""
    parts = [part for part in parameters.split(";") if part]
    return "".join(f";{part}" for part in parts if not _QUOTED.search(part) and not _CHARSET.match(part))


def _unquoted(match: re.Match[str]) -> str:
    value = match.group(3)
    if not _QUOTED.search(match.group(2)):
        return value
    octets = quopri.decodestring(value.encode("utf-8", "replace"))
    named = _CHARSET.search(match.group(2))
    for charset in (named.group(1) if named else "utf-8", "utf-8", "cp1252", "latin-1"):
        try:
            return octets.decode(charset).replace("\r\n", "\n").replace("\n", "\\n")
        except (UnicodeDecodeError, LookupError):
            continue
    return value


def _values(lines: Sequence[Any]) -> dict[str, str]:
    by_name: dict[str, list[Any]] = {}
    for line in lines:
        by_name.setdefault(line.name.upper(), []).append(line)

    def first(name: str) -> str:
        return next((text for line in by_name.get(name, ()) if (text := _text(line.value))), "")

    family, given = [*_parts(by_name, "N"), "", ""][:2]
    emails = _by_preference(by_name.get("EMAIL", ()), ("PREF", "WORK", "INTERNET"))
    phones = _by_preference(by_name.get("TEL", ()), ("PREF", "CELL", "WORK"), never=("FAX",))
    place = [*_parts(by_name, "ADR"), *[""] * 7]
    more = [*emails[1:], *phones[1:]]
    found = {
        "name": first("FN") or " ".join(part for part in (given, family) if part),
        "company": (_parts(by_name, "ORG") or [""])[0],
        "job_title": first("TITLE") or first("ROLE"),
        "email": emails[0] if emails else "",
        "phone": phones[0] if phones else "",
        "city": place[3],
        "country": place[6],
        "interest": "\n".join(part for part in (first("NOTE"), ", ".join(more)) if part),
    }
    return {name: text for name, text in found.items() if text}


def _parts(by_name: dict[str, list[Any]], name: str) -> list[str]:
    """The parts of a structured value, of the first line that says anything."""
    for line in by_name.get(name, ()):
        parts = [_text(part) for part in re.split(r"(?<!\\);", str(line.value))]
        if any(parts):
            return parts
    return []


def _text(value: Any) -> str:
    """Without escapes; the spaces of a folded line made one."""
    plain = re.sub(r"\\([nN])", "\n", str(value))
    plain = re.sub(r"\\(.)", r"\1", plain)
    return "\n".join(" ".join(line.split()) for line in plain.split("\n")).strip()


def _by_preference(lines: Sequence[Any], wanted: Sequence[str], never: Sequence[str] = ()) -> list[str]:
    ranked = []
    for place, line in enumerate(lines):
        marks = {str(mark).upper() for values in line.params.values() for mark in values}
        marks |= {str(mark).upper() for mark in line.singletonparams} | {str(name).upper() for name in line.params}
        marks = {part for mark in marks for part in mark.split(",")}
        text = _text(line.value).removeprefix("tel:").removeprefix("mailto:")
        if text and not marks & set(never):
            ranked.append((next((at for at, mark in enumerate(wanted) if mark in marks), len(wanted)), place, text))
    return list(dict.fromkeys(text for _, _, text in sorted(ranked)))


def _unreadable(line: int, number: int) -> Problem:
    return Problem(
        line,
        "unreadable_card",
        f"Card {number}, line {line}: it holds no name, company, e-mail or telephone number; it was left out.",
        f"Karte {number}, Zeile {line}: Sie enthält weder Name noch Firma, E-Mail oder Telefon; sie wurde ausgelassen.",
    )


def _left_out(line: int, name: str, dropped: Sequence[str]) -> Problem:
    what = ", ".join(dict.fromkeys(dropped))
    return Problem(
        line,
        "unreadable_property",
        f"Card of {name}, line {line}: {what} cannot be read and was left out.",
        f"Karte von {name}, Zeile {line}: {what} ist nicht lesbar und wurde ausgelassen.",
    )


def _unclosed(line: int, name: str) -> Problem:
    return Problem(
        line,
        "card_not_closed",
        f"Card of {name}, line {line}: its end is missing; it was taken as far as it goes.",
        f"Karte von {name}, Zeile {line}: Ihr Ende fehlt; sie wurde übernommen, so weit sie reicht.",
    )
