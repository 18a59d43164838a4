"""Which rows of one list mean the same person: a fair's list holds some twice, spelt in two ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_desktop.rules.folding import digits
from crm_desktop.rules.similar_names import likeness, name_words
from crm_desktop.rules.telephone import national_number

_HEAD = 6  # letters of a word by which it is found although one of them is wrong
_SHORTEST = 3
_PER_BLOCK = 200  # rows looked at for one key: what half of a list shares tells nobody apart


@dataclass(frozen=True, slots=True)
class _Person:
    name: tuple[str, ...]
    company: tuple[str, ...]
    email: str
    phone: str
    figures: str  # of the name: visitor 1 and visitor 2 are not a typing error apart


class SamePeople:
    """`rows` have name, company, email and phone as pasted. Rows are compared only where they share a key."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._people = [_person(row) for row in rows]
        self._blocks: dict[str, list[int]] = {}
        for number, person in enumerate(self._people):
            for key in _keys(person):
                self._blocks.setdefault(key, []).append(number)

    def earlier(self, number: int) -> int | None:
        """The first row before this one that means the same person; None where it is new."""
        person = self._people[number]
        near: set[int] = set()
        for key in _keys(person):
            near.update(self._blocks[key][:_PER_BLOCK])
        return next((at for at in sorted(near) if at < number and _same(person, self._people[at])), None)


def _person(row: Mapping[str, str]) -> _Person:
    name, company = row.get("name", ""), row.get("company", "")
    email = row.get("email", "").strip().casefold()
    phone = row.get("phone", "").strip()
    return _Person(
        name_words(name),
        name_words(company),
        email if "@" in email else "",
        national_number(phone) if phone else "",
        digits(name or company),
    )


def _keys(person: _Person) -> set[str]:
    """What rows of the same person share: an address, a number, a word or the beginning of one but for a letter."""
    found = {f"e {person.email}"} if person.email else set()
    if person.phone:
        found.add(f"p {person.phone}")
    for word in person.name or person.company:
        if len(word) >= _SHORTEST:
            head = word[:_HEAD]
            found |= {head, *(head[:at] + head[at + 1 :] for at in range(len(head)))}
    return found


def _same(one: _Person, two: _Person) -> bool:
    both_named = bool(one.name and two.name)
    apart = both_named and not set(one.name) & set(two.name) and not _alike(one, two)
    if one.email and one.email == two.email:
        return not apart  # else a box that two colleagues share
    if one.phone and one.phone == two.phone:
        return not apart and (both_named or not _differ(one.company, two.company))
    if both_named:
        return _alike(one, two) and not _namesakes(one, two)
    if one.name or two.name:
        return False
    other_way = (one.email and two.email) or (one.phone and two.phone)
    return not other_way and one.figures == two.figures and bool(likeness(one.company, two.company))


def _alike(one: _Person, two: _Person) -> bool:
    return one.figures == two.figures and bool(likeness(one.name, two.name))


def _namesakes(one: _Person, two: _Person) -> bool:
    """People of one name in two companies; where one of the companies is not said, their addresses tell."""
    if one.company and two.company:
        return _differ(one.company, two.company)
    return bool(one.email and two.email) and one.email.split("@")[-1] != two.email.split("@")[-1]


def _differ(one: Sequence[str], two: Sequence[str]) -> bool:
    return bool(one and two) and not likeness(one, two)
