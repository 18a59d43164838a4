"""Who is known already: looked up while somebody types a name, an address or a number. Works on this laptop alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.model.wire import Row
from crm_desktop.rules.similar_names import SAME, likeness, name_words
from crm_desktop.rules.telephone import national_number
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.duplicate_candidates import Candidate
from crm_desktop.store.reader import Reader

FEWEST_LETTERS = 3
MOST = 5
_NEAREST = ("contact", "account", "lead")  # of equals, the person leads to the account too


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed so far. `people` and `companies` are names; `leave_out` the id of the record being written."""

    companies: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    leave_out: str = ""

    def __bool__(self) -> bool:
        return bool(self.companies or self.people or self.emails or self.phones)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A record that is probably the same. `reason`: name, email or phone; `score` 1 to 100; `place` tells it apart."""

    entity: str
    id: str
    name: str
    place: str
    reason: str
    score: int
    account_id: str | None = None


def wanted_of(
    entity: str, values: Mapping[str, Any], channels: Sequence[Mapping[str, Any]] = (), leave_out: str = ""
) -> Wanted:
    """What to look for, of the values of an account, a contact or a lead and its channels as typed."""
    emails = [str(values.get("email") or "")] + [str(row.get("value") or "") for row in channels]
    phones = [str(values.get("phone") or "")] + [
        str(row.get("value") or "") for row in channels if row.get("kind") in ("phone", "mobile")
    ]
    name = str(values.get("name") or "").strip()
    company = str(values.get("company") or "").strip()
    return Wanted(
        tuple(text for text in (name if entity == "account" else company,) if len(text) >= FEWEST_LETTERS),
        tuple(text for text in (name if entity in ("contact", "lead") else "",) if len(text) >= FEWEST_LETTERS),
        tuple(text.strip() for text in emails if "@" in text),
        tuple(text.strip() for text in phones if text.strip()),
        leave_out,
    )


def find(reader: Reader, wanted: Wanted) -> list[Likeness]:
    """The records most like what was typed, best first; none where it is new."""
    found: dict[tuple[str, str], Likeness] = {}

    def note(candidate: Candidate, reason: str, score: int) -> None:
        key = candidate.entity, candidate.id
        known = found.get(key)
        if candidate.id != wanted.leave_out and (known is None or known.score < score):
            found[key] = Likeness(candidate.entity, candidate.id, candidate.name, "", reason, score)

    for address in wanted.emails:
        for candidate in reader.with_email(address):
            note(candidate, "email", SAME)
    for number in wanted.phones:
        digits = national_number(number)
        for candidate in reader.with_number(digits) if digits else ():
            note(candidate, "phone", SAME)
    for names, entities in ((wanted.companies, ("account", "lead")), (wanted.people, ("contact", "lead"))):
        for name in names:
            words = name_words(name)
            for candidate in reader.with_name_like(name, words, entities):
                score = likeness(words, name_words(candidate.name))
                if score:
                    note(candidate, "name", score)
    best = sorted(found.values(), key=lambda item: (-item.score, _NEAREST.index(item.entity), item.id))[:MOST]
    return [_placed(reader, item) for item in best]


def _placed(reader: Reader, item: Likeness) -> Likeness:
    """With the town, or the company of a person, and the account it leads to."""
    row = reader.get(item.entity, item.id) or {}
    account_id = item.id if item.entity == "account" else row.get("account_id")
    if item.entity == "lead":
        place = str(row.get("city") or "")
    elif item.entity == "contact" and account_id:
        place = str((reader.get("account", account_id) or {}).get("name") or "")
    else:
        place = _town(reader.where("address", account_id=account_id)) if account_id else ""
    return Likeness(item.entity, item.id, item.name, place, item.reason, item.score, account_id)


def _town(addresses: list[Row]) -> str:
    with_town = [row for row in addresses if row["city"]]
    return str(min(with_town, key=lambda row: not row["preferred"])["city"]) if with_town else ""


class DuplicateService:
    """Looks in the store of one profile."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def look(self, wanted: Wanted) -> list[Likeness]:
        """The records most like what was typed; call it off the main thread."""
        return self._store.read(lambda reader: find(reader, wanted)) if wanted else []
