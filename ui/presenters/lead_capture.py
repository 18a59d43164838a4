"""Leads as they come in: what was captured today, and what a page of pasted cards would bring."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from crm_desktop.exchange.lead_paste import Pasted, PastedLead, read_pasted
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.same_people import SamePeople
from crm_desktop.services.duplicates import Likeness, find, wanted_of
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

FIELDS = ("name", "company", "email", "phone", "interest")
LATEST = 30
COMPARED_AT_ONCE = 100  # of one paste: what is read is shown before all of it was looked up


@dataclass(frozen=True, slots=True)
class CapturedToday:
    """How many leads this user made today, and the latest of them."""

    count: int
    latest: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a paste would bring: each lead with the record it looks like, if any.

    `known` covers the leads compared so far, the first ones; `again` says of each of them which lead before it in the
    same paste is the same person, as `people` finds out.
    """

    pasted: Pasted
    people: SamePeople
    known: tuple[Likeness | None, ...] = ()
    again: tuple[PastedLead | None, ...] = ()

    @property
    def leads(self) -> tuple[PastedLead, ...]:
        """The leads in order."""
        return self.pasted.leads

    @property
    def whole(self) -> bool:
        """Whether every lead was compared with what is known and with those before it."""
        return len(self.known) == len(self.leads)


def open_leads() -> ListQuery:
    """Leads nobody has decided on yet, the oldest first."""
    return ListQuery(
        "lead", (Filter("status", "!=", "qualified"), Filter("status", "!=", "disqualified")), "created_at"
    )


def captured_today(reader: Reader, user_id: str, now: datetime) -> CapturedToday:
    """Leads made since midnight of this machine's day, newest first."""
    midnight = datetime.combine(now.astimezone().date(), time.min).astimezone()
    conditions = [Filter("created_at", ">=", format_instant(midnight.astimezone(UTC)))]
    if user_id:
        conditions.append(Filter("created_by", "=", user_id))
    ids = reader.row_ids(ListQuery("lead", tuple(conditions), "created_at", descending=True))
    return CapturedToday(len(ids), tuple(reader.rows("lead", ids[:LATEST])))


def preview(reader: Reader, text: str | bytes) -> Preview:
    """Read what was pasted, and look up who of the first is known. InvalidInput where there is nothing to read."""
    pasted = read_pasted(text)
    return compare_more(reader, Preview(pasted, SamePeople(lead.values for lead in pasted.leads)))


def compare_more(reader: Reader, found: Preview) -> Preview:
    """The same with the next leads compared: call it again until it is whole."""
    begin = len(found.known)
    end = min(begin + COMPARED_AT_ONCE, len(found.leads))
    more = [_known(reader, lead) for lead in found.leads[begin:end]]
    earlier = [found.people.earlier(number) for number in range(begin, end)]
    again = [found.leads[at] if at is not None else None for at in earlier]
    return replace(found, known=(*found.known, *more), again=(*found.again, *again))


def _known(reader: Reader, lead: PastedLead) -> Likeness | None:
    found = find(reader, wanted_of("lead", lead.values))
    return found[0] if found else None


def with_common(leads: Sequence[dict[str, str]], source: str, owner_id: str | None) -> list[dict[str, str]]:
    """Source and owner for those that do not say it themselves."""
    common = {"source": source.strip(), "owner_id": owner_id or ""}
    return [{name: value for name, value in common.items() if value} | lead for lead in leads]
