"""Leads from the trade fair to the customer: capture many at once, qualify, disqualify. Each is one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import CrmError, InvalidInput, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.similar_names import SAME, likeness, name_words
from crm_desktop.services.pipeline import stages
from crm_desktop.services.records import Batch, RecordService
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import CreateIntent
from crm_desktop.store.reader import Reader

NAMING = ("name", "company", "email", "phone")  # one of them makes a lead
_DECIDED = ("status", "interest", "account_id", "contact_id")  # what a decision on a lead changes
MOST_AT_ONCE = 400  # of one transaction


@dataclass(frozen=True, slots=True)
class Qualified:
    """What a lead became; `was_known`: the account stood there before. `made`: records that are new, in order."""

    account_id: str
    contact_id: str | None
    opportunity_id: str | None
    was_known: bool
    made: tuple[tuple[str, str], ...] = ()


class LeadService:
    """Everything a person does with leads."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._records = RecordService(store, user_id)

    def capture(
        self,
        leads: Sequence[Mapping[str, Any]],
        initiator: str = "",
        progress: Callable[[int, int], bool] | None = None,
    ) -> list[str]:
        """New leads, returns their ids. An e-mail, a number or a name is enough.

        A page of a fair's list is one transaction, a longer list several. `progress` is told (done, all) and answers
        False to stop: then none of them stays. InvalidInput nothing_to_name where one says none of these.
        """
        if any(not any(str(values.get(name) or "").strip() for name in NAMING) for values in leads):
            raise InvalidInput(
                "nothing_to_name",
                "A lead needs a name, a company, an e-mail address or a telephone number.",
                "Enter one of them.",
            )
        made: list[str] = []
        try:
            for at in range(0, len(leads), MOST_AT_ONCE):
                if progress is not None and not progress(at, len(leads)):
                    self.withdraw(made, initiator)
                    return []
                with self._records.batch(initiator) as batch:
                    part = [
                        batch.create("lead", {"status": "new"} | _trimmed(values))
                        for values in leads[at : at + MOST_AT_ONCE]
                    ]
                made += part
        except CrmError:
            self.withdraw(made, initiator)  # a second try must not find the first part there
            raise
        return made

    def withdraw(self, lead_ids: Sequence[str], initiator: str = "") -> None:
        """Undo a capture."""
        for at in range(0, len(lead_ids), MOST_AT_ONCE):
            with self._records.batch(initiator) as batch:
                for lead_id in lead_ids[at : at + MOST_AT_ONCE]:
                    batch.delete("lead", lead_id)

    def qualify(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        opportunity: str = "",
        initiator: str = "",
    ) -> Qualified:
        """Make a lead a customer: account (new, or the known `account_id`), contact, and an opportunity of that name.

        A contact of the same name or address at a known account is taken. NotFound where lead or account are not
        here, InvalidInput already_qualified.
        """
        with self._records.batch(initiator) as batch:
            return self._store.read(lambda reader: self._qualify(reader, batch, lead_id, account_id, opportunity))

    def _qualify(
        self, reader: Reader, batch: Batch, lead_id: str, account_id: str | None, opportunity: str
    ) -> Qualified:
        lead = _require(reader, "lead", lead_id)
        if lead["status"] == "qualified":
            raise InvalidInput("already_qualified", "This lead is qualified already.", "Open its account.")
        account_id = account_id or lead["account_id"]
        known = _require(reader, "account", account_id) if account_id else None
        owner = {"owner_id": lead["owner_id"]}
        if known is None:
            title = lead["company"] or lead["name"]
            kind = "company" if lead["company"] else "person" if lead["name"] else ""
            account_id = batch.create("account", {"name": title, "kind": kind} | owner)
            if lead["city"] or lead["country"]:
                place = {"kind": "visit", "preferred": True, "city": lead["city"], "country": lead["country"]}
                batch.create("address", place | {"account_id": account_id})
        contact = _contact(reader, known["id"], lead) if known is not None else None
        contact_id = contact["id"] if contact is not None else None
        if contact is None and lead["name"] and (known is not None or lead["company"]):
            values = {"account_id": account_id, "name": lead["name"], "job_title": lead["job_title"]}
            contact_id = batch.create("contact", values | owner | {"preferred": known is None})
        holder = {"contact_id": contact_id} if contact_id else {"account_id": account_id}
        there = {row["value"].strip().casefold() for row in reader.where("channel", **holder)}
        for channel, value in (("email", lead["email"]), ("phone", lead["phone"])):
            if value and value.strip().casefold() not in there:
                batch.create("channel", {"kind": channel, "value": value} | holder)
        opportunity_id = None
        if opportunity.strip():
            first = stages(reader)[0]
            opportunity_id = batch.create(
                "opportunity",
                {
                    "account_id": account_id,
                    "name": opportunity.strip(),
                    "stage": first.code,
                    "probability_percent": first.probability_percent,
                    "note": lead["interest"],
                }
                | owner,
            )
        batch.update("lead", lead_id, {"status": "qualified", "account_id": account_id, "contact_id": contact_id})
        made = tuple((intent.entity, intent.id) for intent in batch.intents if isinstance(intent, CreateIntent))
        return Qualified(str(account_id), contact_id, opportunity_id, known is not None, made)

    def take_back(self, before: Row, became: Qualified, initiator: str = "") -> ChangeSet:
        """Undo `qualify`: the lead as it stood in `before`, what was made of it deleted, in one step."""
        with self._records.batch(initiator) as batch:
            batch.update("lead", before["id"], {name: before[name] for name in _DECIDED})
            for entity, record_id in reversed(became.made):
                batch.delete(entity, record_id)
        return batch.changes

    def disqualify(self, lead_id: str, word: str, initiator: str = "") -> ChangeSet:
        """Put a lead aside; the word why stands below its interest. InvalidInput without one."""
        if not word.strip():
            raise InvalidInput("no_word", "Why the lead is put aside is not said.", "Write a word on it.")
        lead = self._store.read(lambda reader: _require(reader, "lead", lead_id))
        day = self._clock.now().astimezone().date().isoformat()
        interest = "\n".join(part for part in (lead["interest"], f"{day}: {word.strip()}") if part)
        return self._records.update(
            "lead", lead_id, {"status": "disqualified", "interest": interest}, initiator=initiator
        )

    def put_back(self, before: Row, initiator: str = "") -> ChangeSet:
        """Undo a decision: status, interest and links as they stood in `before`; what it became stays."""
        values = {name: before[name] for name in _DECIDED}
        return self._records.update("lead", before["id"], values, initiator=initiator)


def _trimmed(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: value for name, value in kept.items() if value not in (None, "")}


def _contact(reader: Reader, account_id: str, lead: Row) -> Row | None:
    """The person at a known account: by address, else by name."""
    words = name_words(lead["name"])
    address = lead["email"].strip().casefold()
    for contact in reader.where("contact", account_id=account_id):
        channels = {row["value"].strip().casefold() for row in reader.where("channel", contact_id=contact["id"])}
        if (address and address in channels) or (words and likeness(words, name_words(contact["name"])) == SAME):
            return contact
    return None


def _require(reader: Reader, entity: str, record_id: str | None) -> Row:
    row = reader.get(entity, record_id) if record_id else None
    if row is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    return row
