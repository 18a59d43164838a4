"""The outbox in plain words: what each waiting action is about, what it changes, what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.ordering import AFTER_ORDER, DELIVERED, ORDERED
from crm_desktop.services.changes import ChangeView
from crm_desktop.services.conflicts import ConflictView
from crm_desktop.services.outbox import OutboxService
from crm_desktop.services.refusals import RefusalService, RefusedView
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from ui.catalogue import sentence
from ui.presenters.last_run import LastRun, load_last_run
from ui.presenters.outbox_entries import Diff, Group, diffs_of, headline, load_groups, main_change
from ui.presenters.sync_history import Run, load_runs

RUNS = 6
_NAMES_DETAIL = frozenset({ORDERED, AFTER_ORDER, DELIVERED})


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that was not accepted and waits for somebody; `followers` counts what builds on it.

    `author` is empty where it is one's own, `handed` says that it lies with inside sales, `editable` that a form
    can show it. `deletes`: a record was to go; `following` are the fields of what builds on it.
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
    deletes: bool = False
    following: tuple[Diff, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxContents:
    """Everything on the page. `names` words references: id to name; `waiting` counts also what is not in `groups`."""

    groups: tuple[Group, ...]
    refused: tuple[Refused, ...]
    conflicts: tuple[ConflictView, ...]
    runs: tuple[Run, ...]
    last: LastRun | None
    records: int
    names: dict[str, str]
    waiting: int

    @property
    def older(self) -> int:
        """How many wait that were written before those in `groups`."""
        return max(0, self.waiting - sum(len(group.entries) for group in self.groups))


def load_outbox(
    store: ClientStore, service: OutboxService, refusals: RefusalService, conflicts: list[ConflictView]
) -> OutboxContents:
    """Read the page; several short reads, off the main thread."""
    waiting = [entry for entry in service.entries() if entry.state in ("waiting", "sending", "sent")]
    refused = refusals.open()

    def read(reader: Reader) -> OutboxContents:
        groups = load_groups(reader, waiting)
        groups_of: dict[str, list[RefusedView]] = {}
        for view in refused:
            groups_of.setdefault(view.group, []).append(view)
        rejected = tuple(_refused(reader, first, followers) for first, *followers in groups_of.values())
        parts = [part for group in groups for entry in group.entries for part in entry.parts]
        diffs = [diff for part in parts for diff in part.diffs] + [
            d for r in rejected for d in (*r.diffs, *r.following)
        ]
        diffs += [Diff(view.entity, f.name, f.mine, f.theirs, "") for view in conflicts for f in view.fields]
        counts = reader.counts()
        return OutboxContents(
            groups=groups,
            refused=rejected,
            conflicts=tuple(conflicts),
            runs=load_runs(reader, RUNS),
            last=load_last_run(reader),
            records=sum(counts.get(name, 0) for name in ENTITIES),
            names=reference_names(reader, diffs),
            waiting=counts["outbox"],
        )

    return store.read(read)


def reason_words(code: str, language: str, detail: str = "", *, own: bool = True) -> str:
    """Why the server refused something and what to do, in 'de' or 'en'; of an unheard-of reason what can be said.

    `detail` is what the server said of this one case; some sentences name it (the order that is there already).
    Of a colleague's change (not `own`) it says what the colleague may not.
    """
    said = "" if own else sentence(language, f"outbox.reason_others.{code}")
    said = said or sentence(language, f"outbox.reason.{code}") or sentence(language, f"error.{code}.title")
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


def _refused(reader: Reader, view: RefusedView, followers: Sequence[RefusedView]) -> Refused:
    if not view.changes:
        return Refused(view.id, "", "", "", view.reason, view.detail, view.at, ())
    main = main_change(view.changes)
    diffs = tuple(diff for change in view.changes for diff in diffs_of(change))
    title = headline(reader, main)
    following = tuple(diff for one in followers for change in one.changes for diff in diffs_of(change))
    return Refused(
        view.id, main.entity, main.record_id, title, view.reason, view.detail, view.at, diffs, len(followers),
        view.author, view.note, view.handed, any(_in_a_form(reader, change) for change in view.changes),
        main.entity in ENTITIES and reader.get(main.entity, main.record_id) is not None,
        any(change.kind == "delete" for change in view.changes), following,
    )  # fmt: skip


def _in_a_form(reader: Reader, change: ChangeView) -> bool:
    """Whether a form can show what a change wanted: fields of a record that is here, or that it makes."""
    if change.entity not in ENTITIES or change.kind not in ("create", "patch", "text", "set_add", "set_remove"):
        return False
    return change.kind == "create" or reader.get(change.entity, change.record_id) is not None
