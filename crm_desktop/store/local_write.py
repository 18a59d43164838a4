"""A local write: what a person wants becomes operations, on top of what he sees."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, assert_never

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput
from crm_desktop.failpoints import failpoint
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.operations import (
    Create,
    Delete,
    FieldChange,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transition,
)
from crm_desktop.model.wire import Row, check_length, clean_row, clean_value, default_row, field_facts, text_hash
from crm_desktop.store import meta
from crm_desktop.store.changes import NOTHING, ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.intents import (
    CreateIntent,
    DeleteIntent,
    Intent,
    PatchIntent,
    RestoreIntent,
    SetIntent,
    TextIntent,
    TransitionIntent,
)
from crm_desktop.store.outbox import UserAction
from crm_desktop.store.tables import children_of, quoted
from crm_desktop.store.unseen import unseen_changes
from crm_desktop.store.writer import Writer
from crm_desktop.store.written_texts import goes_on


class LocalWriter:
    """Saves what a person does, one action a transaction.

    Who writes and how far he had read stays in memory from one save to the next, unless something else was written
    in between, also by another program on this profile: reading it anew each time is a tenth of a save.
    """

    def __init__(self, writer: Writer, clock: Clock, on_the_way: Callable[[int], bool]) -> None:
        self._writer = writer
        self._clock = clock
        self._on_the_way = on_the_way
        self._author = meta.Author()
        self._known_at = -1
        self._file_version = -1

    def save(
        self,
        intents: Sequence[Intent],
        initiator: str,
        resolves: str | None,
        with_it: Callable[[Connection, ChangeSet, str], None],
        after: Callable[[ChangeSet], None],
    ) -> ChangeSet:
        """One action, all or nothing. `with_it` adds to the transaction, `after` is called once it is on the disk."""

        def work(connection: Connection) -> ChangeSet:
            if self._changed_by_others(connection) or self._known_at + 1 != self._writer.begun:
                self._author = meta.author(connection)
            at = stamp(self._clock)
            change = write_local(connection, self._author, at, self._on_the_way, intents, initiator, resolves)
            with_it(connection, change, at)
            failpoint("C1-before")
            return change

        def done(change: ChangeSet) -> None:
            self._known_at = self._writer.begun  # not after a failure: then it is read anew
            after(change)

        return self._writer.call(work, mode="op", after=done)

    def _changed_by_others(self, connection: Connection) -> bool:
        """Whether another connection, maybe of another program, has written to the file since the last save."""
        before, self._file_version = self._file_version, connection.execute("PRAGMA data_version").fetchone()[0]
        return bool(self._file_version != before)


def write_local(
    connection: Connection,
    author: meta.Author,
    at: str,
    on_the_way: Callable[[int], bool],
    intents: Sequence[Intent],
    initiator: str = "",
    resolves: str | None = None,
) -> ChangeSet:
    """Apply all intents and queue one transaction, inside the writer's; InvalidInput or NotFound: roll it back.

    `on_the_way` tells whether a transaction was handed to the sync and may not be changed any more.
    """
    action = UserAction(connection, author, at, on_the_way)
    write = _LocalWrite(connection, action)
    for intent in intents:
        write.intend(intent)
    if not action.touched and not (resolves and action.sends):
        return NOTHING
    client_seq = action.write(resolves)
    kinds = {entity for entity, _ in action.touched} | {"outbox"}
    return ChangeSet(frozenset(kinds), frozenset(action.touched), initiator, "local", client_seq)


class _LocalWrite:
    """Makes the operations of one action."""

    def __init__(self, connection: Connection, action: UserAction) -> None:
        self._connection = connection
        self._action = action

    def intend(self, intent: Intent) -> None:
        """Add what one intent comes to."""
        if isinstance(intent, CreateIntent):
            self._create(intent)
        elif isinstance(intent, PatchIntent):
            self._patch(intent)
        elif isinstance(intent, TextIntent):
            self._text(intent.entity, intent.id, intent.field, intent.text, intent.base)
        elif isinstance(intent, SetIntent):
            self._set(intent.entity, intent.id, intent.field, intent.elements, add=intent.add)
        elif isinstance(intent, TransitionIntent):
            self._transition(intent)
        elif isinstance(intent, DeleteIntent):
            self._action.visible(intent.entity, intent.id)
            self._delete(intent.entity, intent.id)
        elif isinstance(intent, RestoreIntent):
            self._action.record(intent.entity, intent.id)
            self._action.add(Restore(**self._action.head(intent.entity, intent.id)))
            seen = self._action.author.cursor_seq
            for operation in unseen_changes(intent, lambda: self._action.head(intent.entity, intent.id), seen):
                self._action.add(operation)
        else:
            assert_never(intent)

    def _delete(self, entity: str, record_id: str) -> None:
        below = self._below(entity, record_id)
        self._action.add(Delete(**self._action.head(entity, record_id), seen_cursor=self._action.author.cursor_seq))
        # The server takes the children along by itself, or keeps them with the root: they are hidden, not deleted.
        for key in below:
            self._action.hide(*key)

    def _below(self, entity: str, record_id: str) -> list[tuple[str, str]]:
        """Visible records that belong to a record, also at second hand."""
        found: dict[tuple[str, str], None] = {}
        for other, name in children_of(entity):
            ids = self._connection.execute(f"SELECT id FROM {quoted(other)} WHERE {quoted(name)} = ?", (record_id,))
            here = self._action.known(other)  # as this user action leaves them
            for child in dict.fromkeys([*(row[0] for row in ids), *here]):
                row = self._action.row(other, child)
                if row is not None and row[name] == record_id and (other, child) not in found:
                    found[other, child] = None
                    found |= dict.fromkeys(self._below(other, child))
        return list(found)

    def _create(self, intent: CreateIntent) -> None:
        record = self._action.record(intent.entity, intent.id)
        if record.values is not None or record.live or self._action.row(intent.entity, intent.id) is not None:
            raise InvalidInput("exists", "This record exists already.", "Use another id.")
        filled = {"created_at": self._action.at, "created_by": self._action.author.user_id} | dict(intent.values)
        row = clean_row(intent.entity, filled)
        check_length(intent.entity, row)
        defaults = default_row(intent.entity)
        values = {name: value for name, value in row.items() if value != defaults[name]}
        self._action.add(Create(**self._action.head(intent.entity, intent.id), v=values))

    def _patch(self, intent: PatchIntent) -> None:
        row = self._action.visible(intent.entity, intent.id)
        changes: dict[str, FieldChange] = {}
        for name, value in intent.values.items():
            facts = _facts(intent.entity, name)
            new = clean_value(name, facts, value)
            if facts.kind is Kind.STATE:
                if new != row[name]:
                    raise InvalidInput("state", f"“{facts.en}” changes by its own commands.", "Use them.", label=facts)
                continue
            if facts.kind in (Kind.LONG_TEXT, Kind.SET):
                if not intent.mixed:
                    raise InvalidInput("not_scalar", f"“{facts.en}” is changed as a text or set.", "", label=facts)
                self._mixed(intent, name, facts, new)
                continue
            old = clean_value(name, facts, intent.seen[name]) if name in intent.seen else row[name]
            if new == row[name] or (name in intent.seen and new == old):
                continue
            changes[name] = FieldChange(base_ver=self._base(intent, name, old), old=old, new=new)
        if changes:
            check_length(intent.entity, {name: change.new for name, change in changes.items()})
            changes |= self._coupled(intent, row, changes)
            self._action.add(Patch(**self._action.head(intent.entity, intent.id), set=changes))

    def _base(self, intent: PatchIntent, name: str, seen: Any) -> int:
        """Version of what the author saw: `seen`."""
        record = self._action.record(intent.entity, intent.id)
        base = self._action.base_version(intent.entity, intent.id, name)
        if intent.seen_ver is not None:
            base = min(base, max(intent.seen_ver, 0))
        # Not what stands now, and yet its version: it was told by a history that is gone, or not told at all.
        return 0 if base >= record.server.ver and seen != self._action.visible(intent.entity, intent.id)[name] else base

    def _coupled(self, intent: PatchIntent, row: Row, changes: Mapping[str, FieldChange]) -> dict[str, FieldChange]:
        """The unchanged fields of the groups that change: a group is compared, and conflicts, as a whole."""
        fields = field_facts(intent.entity)
        groups = {fields[name].group for name in changes} - {None}
        kept: dict[str, FieldChange] = {}
        for name, facts in fields.items():
            if facts.group in groups and name not in changes:
                value = clean_value(name, facts, intent.seen[name]) if name in intent.seen else row[name]
                kept[name] = FieldChange(base_ver=self._base(intent, name, value), old=value, new=value)
        return kept

    def _mixed(self, intent: PatchIntent, name: str, facts: Facts, new: Any) -> None:
        seen = clean_value(name, facts, intent.seen[name]) if name in intent.seen else None
        if facts.kind is Kind.LONG_TEXT:
            if new != seen:
                self._text(intent.entity, intent.id, name, new, None if seen is None else str(seen))
            return
        before = self._action.visible(intent.entity, intent.id)[name] if seen is None else seen
        assert isinstance(before, list)
        self._set(intent.entity, intent.id, name, [item for item in new if item not in before], add=True)
        self._set(intent.entity, intent.id, name, [item for item in before if item not in new], add=False)

    def _text(self, entity: str, record_id: str, name: str, text: str, base: str | None) -> None:
        row = self._action.visible(entity, record_id)
        facts = _facts(entity, name, Kind.LONG_TEXT)
        new = str(clean_value(name, facts, text))
        start = str(row[name] if base is None else clean_value(name, facts, base))
        if new in (row[name], start):
            return
        if start == row[name] and goes_on(start, new) and self._action.fold_text(entity, record_id, name, new):
            return
        head = self._action.head(entity, record_id)
        self._action.add(Text(**head, f=name, base_sha=text_hash(start), text=new, base=start))

    def _set(self, entity: str, record_id: str, name: str, elements: Iterable[str], *, add: bool) -> None:
        row = self._action.visible(entity, record_id)
        facts = _facts(entity, name, Kind.SET)
        wanted = clean_value(name, facts, list(elements))
        assert isinstance(wanted, list)
        if add:
            fresh = [item for item in wanted if item not in row[name]]
            if fresh:
                base = self._action.base_version(entity, record_id, name)
                self._action.add(SetAdd(**self._action.head(entity, record_id), f=name, v=fresh, base_ver=base))
            return
        by_base: dict[int, list[str]] = {}
        for item in wanted:
            if item in row[name] and not self._action.take_back(entity, record_id, name, item):
                by_base.setdefault(self._action.element_version(entity, record_id, name, item), []).append(item)
        for base, items in sorted(by_base.items()):
            self._action.add(SetRemove(**self._action.head(entity, record_id), f=name, v=items, base_ver=base))

    def _transition(self, intent: TransitionIntent) -> None:
        row = self._action.visible(intent.entity, intent.id)
        facts = _facts(intent.entity, intent.field, Kind.STATE)
        here = row[intent.field]
        if here == intent.to:
            return
        if (here, intent.to) not in facts.transitions:
            raise InvalidInput(
                "no_such_transition",
                f"“{facts.en}” cannot go from “{facts.choice_label(here, 'en')}” "
                f"to “{facts.choice_label(intent.to, 'en')}”.",
                "Look at the record again; it may have changed.",
                label=facts,
                here=facts.choice(here),
                to=facts.choice(intent.to),
            )
        head = self._action.head(intent.entity, intent.id)
        # `from` is a Python keyword: the wire name goes in by its alias.
        moved: dict[str, Any] = {"from": here}
        self._action.add(
            Transition(**head, **moved, f=intent.field, to=intent.to, expected_total=intent.expected_total)
        )


def _facts(entity: str, name: str, *kinds: Kind) -> Facts:
    facts = field_facts(entity).get(name)
    if facts is None or (kinds and facts.kind not in kinds):
        raise InvalidInput("unknown_field", f"{entity} has no such field {name!r}.", "Check the name.", name=name)
    return facts
