"""The form of a record, made from the declaration: which fields in which groups, what was changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_desktop.errors import NotFound
from crm_desktop.model.facts import Choice, Facts, Kind
from crm_desktop.model.wire import Row, Value, default_row, entity_facts, field_facts
from crm_desktop.rules.permissions import Permissions, offered_fields
from crm_desktop.services.refusals import Proposal
from crm_desktop.store.reader import Reader
from ui.presenters.new_record import own_choices
from ui.presenters.titles import called, title_of

REPEATED: Mapping[str, tuple[str, ...]] = {"account": ("address", "channel"), "contact": ("address", "channel")}
SHORT = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.INSTANT, Kind.CHOICE, Kind.STATE, Kind.REFERENCE)


@dataclass(frozen=True, slots=True)
class FormData:
    """A record as the form was opened with it. `version` is the server version seen; `names` titles by field.

    With `refused` the form changes a refused action: `proposed` is what that wanted of the record.
    """

    entity: str
    record_id: str | None
    row: Row
    version: int
    state: str
    title: str
    names: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    account_title: str = ""
    refused: str = ""
    proposed: Mapping[str, Value] = field(default_factory=dict)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)  # of the company's own catalogue

    def shown(self, name: str) -> Value:
        """What the form begins with."""
        return self.proposed[name] if name in self.proposed else self.row.get(name)


def form_fields(entity: str, permissions: Permissions) -> dict[str, Facts]:
    """The fields of a form as people begin: what it is called, whose it is, the facts, who does it, long texts."""
    known, offered = entity_facts(entity), offered_fields(entity, permissions)
    whose = known.account if "company" not in offered else None  # who is called by a company becomes a customer later

    def place(name: str) -> float:
        if name in known.title:
            return known.title.index(name) / len(known.title)
        if name == whose:
            return 1
        if offered[name].kind is Kind.LONG_TEXT:
            return 4
        return 3 if offered[name].ref == "user" else 2

    return {name: offered[name] for name in sorted(offered, key=place)}


def child_fields(entity: str, permissions: Permissions) -> dict[str, Facts]:
    """Fields of a repeated row: all but what ties it to its parent."""
    parents = entity_facts(entity).parents
    return {name: facts for name, facts in offered_fields(entity, permissions).items() if name not in parents}


def load_form(reader: Reader, entity: str, record_id: str | None, values: Mapping[str, object]) -> FormData:
    """Read a record for its form; a new one starts from `values`. NotFound where it is not on this device."""
    if record_id is None:
        row: Row = default_row(entity) | dict(values)
        own = own_choices(reader, entity)
        return FormData(entity, None, row, 0, "local", "", _names(reader, entity, row), choices=own)
    found = reader.get(entity, record_id)
    if found is None:
        raise NotFound("record_not_here", "This record is not on this laptop.", "Search for it or sync first.")
    parent = f"{entity}_id"
    children = {child: tuple(reader.where(child, **{parent: record_id})) for child in REPEATED.get(entity, ())}
    account = reader.get("account", found.get("account_id")) if found.get("account_id") else None
    return FormData(
        entity,
        record_id,
        found,
        reader.version(entity, record_id),
        reader.record_state(entity, record_id),
        called(reader, entity, found),
        _names(reader, entity, found),
        children,
        called(reader, "account", account) if account else "",
        choices=own_choices(reader, entity),
    )


def load_refused(reader: Reader, refused_id: str, wanted: Proposal) -> FormData:
    """The form of a refused action: the record as it stands, with what the action wanted of it laid over."""
    kept = wanted.row | wanted.values
    title = title_of(wanted.entity, kept)
    return FormData(
        wanted.entity,
        None if wanted.is_new else wanted.record_id,
        wanted.row,
        0 if wanted.is_new else reader.version(wanted.entity, wanted.record_id),
        "refused",
        title,
        _names(reader, wanted.entity, kept),
        refused=refused_id,
        choices=own_choices(reader, wanted.entity),
        proposed=wanted.values,
    )


def _names(reader: Reader, entity: str, row: Row) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, facts in field_facts(entity).items():
        if facts.kind is Kind.REFERENCE and facts.ref and row.get(name):
            target = reader.get(facts.ref, str(row[name]))
            names[name] = called(reader, facts.ref, target) if target else ""
    return names


def changed(row: Row, typed: Mapping[str, object]) -> dict[str, object]:
    """Only what differs from the record as it was opened. States move by their own actions."""
    return {name: value for name, value in typed.items() if row.get(name) != value}


def is_blank(entity: str, typed: Mapping[str, object]) -> bool:
    """Whether a repeated row says nothing yet: its kind alone is no content."""
    facts = field_facts(entity)
    return not any(
        value not in (None, "", [], False) for name, value in typed.items() if facts[name].kind is not Kind.CHOICE
    )
