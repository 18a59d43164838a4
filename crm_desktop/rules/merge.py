"""Merge of one operation into the server's row: pure, total, the same for every caller (sync design, 2.5).

A conflict is found per field by version, never by clock. What then stands is the field's declared policy;
what does not stand is returned as a `FieldConflict` and kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from crm_desktop.model.facts import Facts, Kind, Merge
from crm_desktop.model.operations import (
    Create,
    Delete,
    Operation,
    Outcome,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transition,
)
from crm_desktop.model.wire import Row, check_length, clean_row, clean_value, default_row, entity_facts, field_facts
from crm_desktop.rules.merged import Context, FieldConflict, Merged, RecordState, Refused
from crm_desktop.rules.text_merge import merge_text


def merge(entity: str, state: RecordState | None, op: Operation, context: Context) -> Merged:
    """Merge `op` into `state` (None: id never seen). Raises Refused where a guard fails, InvalidInput on bad values."""
    if isinstance(op, Create):
        return _create(entity, state, op, context)
    if state is None:
        raise Refused("unknown_row", op.id)
    if isinstance(op, Delete):
        return _delete(state, op, context)
    if isinstance(op, Restore):
        return _restore(state, context)
    if state.deleted:
        return Merged(state, Outcome.GONE)
    if isinstance(op, Patch):
        return _patch(entity, state, op, context)
    if isinstance(op, Text):
        return _text(entity, state, op, context)
    if isinstance(op, SetAdd):
        return _set_add(entity, state, op, context)
    if isinstance(op, SetRemove):
        return _set_remove(entity, state, op, context)
    if isinstance(op, Transition):
        return _transition(entity, state, op, context)
    assert_never(op)


def base_version(op: Operation, version: int, context: Context) -> int:
    """Version the operation was made from; 0 where the history it refers to is another one."""
    return 0 if context.through_alias or op.base_epoch != context.epoch else version


def _facts(entity: str, name: str, *kinds: Kind) -> Facts:
    facts = field_facts(entity).get(name)
    if facts is None:
        raise Refused("unknown_field", f"{entity}.{name}")
    if kinds and facts.kind not in kinds:
        raise Refused("wrong_operation", f"{entity}.{name}")
    return facts


def _write(state: RecordState, values: Row, versions: Mapping[str, int]) -> RecordState:
    return replace(state, row=state.row | values, field_ver={**state.field_ver, **versions})


def _create(entity: str, state: RecordState | None, op: Create, context: Context) -> Merged:
    if state is not None:
        return Merged(state, Outcome.GONE if state.deleted else Outcome.DUPLICATE)
    row = default_row(entity) | clean_row(entity, op.v)
    check_length(entity, row)
    versions = dict.fromkeys(op.v, context.commit_seq)
    for name, facts in field_facts(entity).items():
        if facts.kind is Kind.SET:
            versions |= {f"{name}/{element}": context.commit_seq for element in row[name]}
    return Merged(RecordState(row, versions, context.commit_seq), Outcome.APPLIED, changed=True)


def units_of(entity: str, names: Iterable[str]) -> list[tuple[str, ...]]:
    """Fields by coupled group; each unit conflicts as one. Refused where there is no such field."""
    facts = field_facts(entity)
    units: dict[str, list[str]] = {}
    for name in names:
        units.setdefault(_facts(entity, name).group or name, []).append(name)
    return [tuple(sorted(unit, key=list(facts).index)) for unit in units.values()]


def _group_members(entity: str, unit: tuple[str, ...]) -> tuple[str, ...]:
    group = field_facts(entity)[unit[0]].group
    if group is None:
        return unit
    return tuple(name for name, facts in field_facts(entity).items() if facts.group == group)


def _patch(entity: str, state: RecordState, op: Patch, context: Context) -> Merged:
    conflicts: list[FieldConflict] = []
    changed = merged = False
    for unit in units_of(entity, op.set):
        if context.through_alias and _moves(entity, unit):
            merged = True
            continue
        new: Row = {}
        for name in unit:
            facts = _facts(entity, name)
            if facts.kind in (Kind.LONG_TEXT, Kind.SET, Kind.STATE):
                raise Refused("wrong_operation", f"{entity}.{name}")
            new[name] = clean_value(name, facts, op.set[name].new)
        current = {name: state.row[name] for name in unit}
        if current == new:
            merged = True
            continue
        check_length(entity, new)
        if _clean_base(entity, state, op, unit, context):
            state = _write(state, new, dict.fromkeys(unit, context.commit_seq))
            changed = True
            continue
        conflict = _decide(entity, state, op, unit, new, context)
        conflicts.append(conflict)
        if conflict.mine_stands:
            state = _write(state, new, dict.fromkeys(unit, context.commit_seq))
            changed = True
    if conflicts:
        return Merged(state, Outcome.CONFLICT, tuple(conflicts), changed)
    return Merged(state, Outcome.APPLIED if changed or not merged else Outcome.MERGED, (), changed)


def _moves(entity: str, unit: tuple[str, ...]) -> bool:
    """Whether the fields say where a record belongs: of a record merged into another that is not taken over."""
    facts = entity_facts(entity)
    return bool({*facts.parents, facts.account, facts.owner, "territory_id"} & set(unit))


def _clean_base(entity: str, state: RecordState, op: Patch, unit: tuple[str, ...], context: Context) -> bool:
    """Nobody changed the unit since the user saw it: by version, or because it still holds what he saw."""
    if all(state.row[name] == op.set[name].old for name in unit) and len(unit) == len(_group_members(entity, unit)):
        return True
    base = min(base_version(op, op.set[name].base_ver, context) for name in unit)
    members = _group_members(entity, unit)
    if all(state.field_ver.get(name, 0) <= base for name in members):
        return True
    # A coupled unit written in part: the members not written must be unchanged, those written may equal `old`.
    return all(
        state.row[name] == op.set[name].old if name in op.set else state.field_ver.get(name, 0) <= base
        for name in members
    )


def _decide(
    entity: str, state: RecordState, op: Patch, unit: tuple[str, ...], new: Row, context: Context
) -> FieldConflict:
    rule = field_facts(entity)[unit[0]].merge
    mine_stands = False
    if rule is Merge.NEWEST:
        if context.clock_trusted:
            standing = max((context.field_at(name) or "" for name in unit), default="")
            mine_stands = min(context.at, context.received_at) > standing
        else:
            rule = Merge.ASK
    return FieldConflict(
        field=unit[0],
        fields=unit,
        before={name: op.set[name].old for name in unit},
        mine=new,
        theirs={name: state.row[name] for name in unit},
        rule=rule.value,
        mine_stands=mine_stands,
        settled=rule is Merge.NEWEST,
    )


def _text(entity: str, state: RecordState, op: Text, context: Context) -> Merged:
    facts = _facts(entity, op.f, Kind.LONG_TEXT)
    mine = str(clean_value(op.f, facts, op.text))
    theirs = str(state.row[op.f])
    if mine == theirs:
        return Merged(state, Outcome.MERGED)
    base = context.text_base(op.base_sha)
    if base is not None:
        text = merge_text(base, mine, theirs)
        if text is not None:
            written = _write(state, {op.f: text}, {op.f: context.commit_seq})
            if text in (mine, theirs):
                return Merged(written, Outcome.APPLIED if text == mine else Outcome.MERGED, changed=text != theirs)
            # Both changes stand in one text that nobody wrote: its two sources are kept.
            both = FieldConflict(op.f, (op.f,), {op.f: base}, {op.f: mine}, {op.f: theirs}, "merged_text", settled=True)
            return Merged(written, Outcome.MERGED, (both,), changed=True)
    conflict = FieldConflict(op.f, (op.f,), {op.f: base or ""}, {op.f: mine}, {op.f: theirs}, "text")
    return Merged(state, Outcome.CONFLICT_COPY, (conflict,))


def _set_add(entity: str, state: RecordState, op: SetAdd, context: Context) -> Merged:
    added = set(clean_value(op.f, _facts(entity, op.f, Kind.SET), op.v) or ())  # type: ignore[arg-type]
    value = sorted({*state.row[op.f], *added})
    versions = {f"{op.f}/{element}": context.commit_seq for element in added}
    # An element that is there is raised all the same: a later remove that had not seen this add must lose.
    return Merged(
        _write(state, {op.f: value}, versions),
        Outcome.APPLIED if value != state.row[op.f] else Outcome.MERGED,
        changed=True,
    )


def _set_remove(entity: str, state: RecordState, op: SetRemove, context: Context) -> Merged:
    _facts(entity, op.f, Kind.SET)
    base = base_version(op, op.base_ver, context)
    present = [element for element in op.v if element in state.row[op.f]]
    removed = {e for e in present if state.field_ver.get(f"{op.f}/{e}", 0) <= base}
    kept = [element for element in present if element not in removed]
    # Of a set a conflict tells the elements it is about alone: the others are none of the author's doing.
    both = {op.f: kept}
    told = (FieldConflict(op.f, (op.f,), both, {op.f: []}, both, "newer_addition", settled=True),) if kept else ()
    if not removed:
        return Merged(state, Outcome.MERGED, told)
    value = [element for element in state.row[op.f] if element not in removed]
    versions = {f"{op.f}/{element}": context.commit_seq for element in removed}
    outcome = Outcome.APPLIED if len(removed) == len(op.v) else Outcome.MERGED
    return Merged(_write(state, {op.f: value}, versions), outcome, told, changed=True)


def _transition(entity: str, state: RecordState, op: Transition, context: Context) -> Merged:
    facts = _facts(entity, op.f, Kind.STATE)
    if (op.from_, op.to) not in facts.transitions:
        raise Refused("no_such_transition", f"{op.from_} to {op.to}")
    if state.row[op.f] != op.from_:
        if op.to in facts.yielding:
            return Merged(state, Outcome.MERGED)
        raise Refused("state_changed", str(state.row[op.f]))
    return Merged(_write(state, {op.f: op.to}, {op.f: context.commit_seq}), Outcome.APPLIED, changed=True)


def _delete(state: RecordState, op: Delete, context: Context) -> Merged:
    """The row itself; whether its whole aggregate was seen is the caller's question (`may_delete`)."""
    if state.deleted:
        return Merged(state, Outcome.MERGED)
    if context.through_alias:
        return Merged(state, Outcome.MERGED)
    if op.base_epoch != context.epoch or state.row_ver > op.seen_cursor:
        return Merged(state, Outcome.DELETE_REQUEST)
    return Merged(replace(state, deleted=True), Outcome.APPLIED, changed=True)


def _restore(state: RecordState, context: Context) -> Merged:
    if not state.deleted:
        return Merged(state, Outcome.MERGED)
    return Merged(replace(state, deleted=False), Outcome.APPLIED, changed=True)


def may_delete(newest_version: int, foreign_references: int, seen_cursor: int) -> bool:
    """Whether a delete applies: all of the aggregate was seen and no live row of another root refers to it.

    `newest_version` is the newest row version of the aggregate and of all live rows referring to it;
    `foreign_references` counts live rows of other roots that refer to it. The same predicate on both sides.
    """
    return newest_version <= seen_cursor and foreign_references == 0
