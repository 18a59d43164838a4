"""Conflicts by record: what is open together is decided together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_desktop.errors import CrmError
from crm_desktop.services.conflicts import ConflictService, ConflictView
from crm_desktop.services.deciding import Side
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from ui.presenters.outbox import reference_names
from ui.presenters.outbox_entries import Diff


@dataclass(frozen=True, slots=True)
class Case:
    """A record with its conflicts: all open ones together, or one that is decided, by a person or by a rule."""

    key: str
    entity: str
    record_id: str
    title: str
    conflicts: tuple[ConflictView, ...]
    open: bool
    put_off: bool

    @property
    def at(self) -> str:
        """When they met, as far as it is known (wire form)."""
        times = [at for view in self.conflicts for at in (view.mine_at, view.theirs_at) if at]
        return max(times, default="")

    @property
    def other(self) -> str:
        """Who wrote the other value; empty where nobody may be named."""
        return next((view.theirs_by for view in self.conflicts if view.theirs_by), "")

    @property
    def rule(self) -> str:
        """The rule of its first conflict."""
        return self.conflicts[0].rule

    @property
    def settled(self) -> bool:
        """A rule decided it and nobody was asked."""
        return self.conflicts[0].status == "settled"

    @property
    def mine(self) -> bool:
        """Whether it is the user's own value that did not stand."""
        return self.conflicts[0].lost_by_me

    @property
    def loser(self) -> str:
        """Whose value did not stand."""
        return self.conflicts[0].mine_by

    def holds(self, conflict_id: str) -> bool:
        """Whether a conflict is one of these."""
        return any(view.id == conflict_id for view in self.conflicts)


@dataclass(frozen=True, slots=True)
class ConflictContents:
    """Open cases first, put-off ones after them, then what was decided, newest first."""

    cases: tuple[Case, ...]
    names: dict[str, str]


@dataclass
class Decisions:
    """What the user chose so far, by conflict as it stood; choosing is no decision yet."""

    chosen: dict[tuple[str, str], Side] = field(default_factory=dict)

    def choose(self, view: ConflictView, side: Side) -> None:
        """Mark a side."""
        self.chosen[view.id, view.status] = side

    def of(self, case: Case) -> dict[str, Side]:
        """What is marked within a case; a mark ends where the conflict is decided elsewhere."""
        standing = {view.id: (view.id, view.status) for view in case.conflicts}
        return {name: self.chosen[key] for name, key in standing.items() if key in self.chosen}

    def forget(self, case: Case) -> None:
        """It was carried out."""
        for view in case.conflicts:
            self.chosen.pop((view.id, view.status), None)


_PUT_OFF = "conflict.put_off:"


def load_conflicts(store: ClientStore, service: ConflictService) -> ConflictContents:
    """All conflicts on this device, open ones grouped by record."""
    views = service.all()
    grouped: dict[tuple[str, str], list[ConflictView]] = {}
    for view in views:
        if view.status == "open":
            grouped.setdefault((view.entity, view.record_id), []).append(view)
    cases = [_case(store, group, is_open=True) for group in grouped.values()]
    cases.sort(key=lambda case: (case.put_off, _backwards(case.at)))
    decided = [_case(store, [view], is_open=False) for view in views if view.status != "open"]
    all_cases = (*cases, *decided)
    diffs = [
        Diff(view.entity, item.name, item.mine, item.theirs, "")
        for case in all_cases
        for view in case.conflicts
        for item in view.fields
    ]
    diffs += [Diff(d.entity, i.name, i.before, None, "") for c in all_cases for d in c.conflicts for i in d.fields]

    def names(reader: Reader) -> dict[str, str]:
        return reference_names(reader, diffs)

    return ConflictContents(all_cases, store.read(names))


def put_off(store: ClientStore, case: Case) -> None:
    """Remember on this laptop that the user looked and will decide later."""
    for view in case.conflicts:
        store.set_setting(_PUT_OFF + view.id, "1")


def decide(service: ConflictService, sides: dict[str, Side]) -> int:
    """Carry out what was chosen; returns how many conflicts are decided now.

    One that cannot be decided (any more) keeps no other from it; it is told afterwards.
    """
    failed: CrmError | None = None
    for conflict_id, side in sides.items():
        try:
            service.resolve(conflict_id, side, "conflicts")
        except CrmError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return len(sides)


def _case(store: ClientStore, views: Iterable[ConflictView], *, is_open: bool) -> Case:
    group = tuple(sorted(views, key=lambda view: view.id))
    first = group[0]
    later = is_open and all(store.get_setting(_PUT_OFF + view.id) for view in group)
    key = f"{first.entity}:{first.record_id}" if is_open else first.id
    return Case(key, first.entity, first.record_id, first.record_title, group, is_open, later)


def _backwards(text: str) -> tuple[int, ...]:
    return tuple(-ord(char) for char in text)
