"""The outbox in plain words: what each waiting action is about, what it changes, what was refused."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.services.changes import ChangeView, FieldDiff
from crm_desktop.services.conflicts import ConflictView
from crm_desktop.services.outbox import OutboxService, OutboxView
from crm_desktop.services.refusals import RefusalService, RefusedView
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from ui.catalogue import sentence
from ui.presenters.last_run import LastRun, load_last_run
from ui.presenters.sync_history import Run, load_runs

_TECHNICAL = frozenset({"position", "ladder", "zone", "created_at", "created_by"})
_ORDER = ("visit", "quote", "account", "contact", "order", "quote_revision", "task", "quote_line")
RUNS = 6
_NAMES_DETAIL = frozenset({"ordered_already"})


@dataclass(frozen=True, slots=True)
class Diff:
    """One field of a change: wire values with what is needed to word them."""

    entity: str
    name: str
    old: Any
    new: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One user action. `headline` is the record it is about, `others` counts the records that came along."""

    client_seq: int
    at: str
    state: str
    entity: str
    record_id: str
    title: str
    kind: str
    fields: int
    others: int
    diffs: tuple[Diff, ...]
    can_discard: bool

    @property
    def id(self) -> str:
        """Its name in lists."""
        return str(self.client_seq)


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that was not accepted and waits for somebody; `followers` counts what builds on it.

    `author` is empty where it is one's own, `handed` says that it lies with inside sales, `editable` that a form
    can show it.
    """

    id: str
    entity: str
    record_id: str
    title: str
    reason: str
    detail: str
    at: str | None
    diffs: tuple[Diff, ...]
    followers: int = 0
    author: str = ""
    note: str = ""
    handed: bool = False
    editable: bool = False
    here: bool = False  # the record itself can be opened


@dataclass(frozen=True, slots=True)
class OutboxContents:
    """Everything on the page; entries newest first. `names` words references: id to name."""

    waiting: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    conflicts: tuple[ConflictView, ...]
    runs: tuple[Run, ...]
    last: LastRun | None
    records: int
    names: dict[str, str]


def load_outbox(
    store: ClientStore, service: OutboxService, refusals: RefusalService, conflicts: list[ConflictView]
) -> OutboxContents:
    """Read the page; several short reads, off the main thread."""
    waiting = [entry for entry in service.entries() if entry.state in ("waiting", "sending", "sent")]
    refused = refusals.open()

    def read(reader: Reader) -> OutboxContents:
        entries = tuple(_entry(reader, view) for view in reversed(waiting) if view.changes)
        sizes = Counter(view.group for view in refused)
        rejected = tuple(_refused(reader, view, sizes[view.group] - 1) for view in refused if view.place == 0)
        diffs = [diff for entry in entries for diff in entry.diffs] + [d for r in rejected for d in r.diffs]
        counts = reader.counts()
        return OutboxContents(
            waiting=entries,
            refused=rejected,
            conflicts=tuple(conflicts),
            runs=load_runs(reader, RUNS),
            last=load_last_run(reader),
            records=sum(counts.get(name, 0) for name in ENTITIES),
            names=reference_names(reader, diffs),
        )

    return store.read(read)


def reason_words(code: str, language: str, detail: str = "") -> str:
    """Why the server refused something and what to do, in 'de' or 'en'; of an unheard-of reason what can be said.

    `detail` is what the server said of this one case; some sentences name it (the order that is there already).
    """
    said = sentence(language, f"outbox.reason.{code}") or sentence(language, f"error.{code}.title")
    if said and code in _NAMES_DETAIL:
        return said.format(detail=detail)
    return said or sentence(language, "outbox.reason.other") or code


def reference_names(reader: Reader, diffs: list[Diff]) -> dict[str, str]:
    """Names of the records that changed references point to."""
    wanted: dict[str, set[str]] = {}
    for diff in diffs:
        facts = field_facts(diff.entity).get(diff.name) if diff.entity in ENTITIES else None
        if facts is not None and facts.kind is Kind.REFERENCE and facts.ref:
            wanted.setdefault(facts.ref, set()).update(v for v in (diff.old, diff.new) if isinstance(v, str))
    names: dict[str, str] = {}
    for entity, ids in wanted.items():
        for record_id, row in reader.many(entity, list(ids)).items():
            names[record_id] = next((str(row[name]) for name in entity_facts(entity).title if row.get(name)), "")
    return names


def _main(changes: tuple[ChangeView, ...]) -> ChangeView:
    return min(
        changes,
        key=lambda change: _ORDER.index(change.entity) if change.entity in _ORDER else len(_ORDER),
    )


def _entry(reader: Reader, view: OutboxView) -> Entry:
    main = _main(view.changes)
    diffs = tuple(diff for change in view.changes for diff in _diffs(change) if change.record_id == main.record_id)
    kinds = {change.kind for change in view.changes if change.record_id == main.record_id}
    others = {change.record_id for change in view.changes} - {main.record_id}
    kind = "create" if "create" in kinds else "delete" if "delete" in kinds else main.kind
    return Entry(
        view.client_seq, view.at, view.state, main.entity, main.record_id, headline(reader, main), kind,
        len(diffs), len(others), diffs, view.can_discard,
    )  # fmt: skip


def _refused(reader: Reader, view: RefusedView, followers: int) -> Refused:
    if not view.changes:
        return Refused(view.id, "", "", "", view.reason, view.detail, view.at, ())
    main = _main(view.changes)
    diffs = tuple(diff for change in view.changes for diff in _diffs(change))
    title = headline(reader, main)
    return Refused(
        view.id, main.entity, main.record_id, title, view.reason, view.detail, view.at, diffs, followers,
        view.author, view.note, view.handed, any(_in_a_form(reader, change) for change in view.changes),
        main.entity in ENTITIES and reader.get(main.entity, main.record_id) is not None,
    )  # fmt: skip


def _in_a_form(reader: Reader, change: ChangeView) -> bool:
    """Whether a form can show what a change wanted: fields of a record that is here, or that it makes."""
    if change.entity not in ENTITIES or change.kind not in ("create", "patch", "text", "set_add", "set_remove"):
        return False
    return change.kind == "create" or reader.get(change.entity, change.record_id) is not None


def headline(reader: Reader, change: ChangeView) -> str:
    """The name a person knows the record by: a line is known by its quote, a visit by its account."""
    row = reader.get(change.entity, change.record_id) if change.entity in ENTITIES else None
    if row is None:
        return change.title if change.title != change.record_id else ""
    if change.entity in ("quote_revision", "quote_line") and row["quote_id"]:
        quote = reader.get("quote", row["quote_id"])
        return str(quote["number"]) if quote is not None else change.title
    if change.entity in ("visit", "address", "channel") and row.get("account_id"):
        account = reader.get("account", row["account_id"])
        return str(account["name"]) if account is not None else change.title
    return change.title


def _diffs(change: ChangeView) -> list[Diff]:
    facts = field_facts(change.entity) if change.entity in ENTITIES else {}
    return [
        Diff(change.entity, field.name, field.old, field.new, change.kind)
        for field in change.fields
        if field.name not in _TECHNICAL and _worth(field, facts.get(field.name), change.kind)
    ]


def _worth(field: FieldDiff, facts: Facts | None, kind: str) -> bool:
    if kind != "create":
        return True
    return field.new not in (None, "", [], False) and (facts is None or facts.form or facts.kind is Kind.STATE)
