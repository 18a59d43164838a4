"""What a decision about a ledger entry does to the record it is about."""

import json
from typing import Literal

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.store.intents import Intent, delete, restore, transition, update
from crm_desktop.store.reader import Reader

Side = Literal["mine", "theirs"]


def sides_of(conflict: Row) -> tuple[Row, Row, Row]:
    """(before, mine, theirs) of an entry, field to value."""
    before, mine, theirs = (_object(conflict[side]) for side in ("before", "mine", "theirs"))
    return before, mine, theirs


def _object(text: str) -> Row:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


def decision(reader: Reader, conflict: Row, side: Side) -> list[Intent]:
    """The intents of one transaction: the entry's state and, where it changes, the record.

    InvalidInput where it was decided so already, NotFound where the record is not on this device.
    """
    if conflict["status"] == side:
        raise InvalidInput("already_decided", "This conflict was decided so already.", "There is nothing to do.")
    made = [transition("conflict", conflict["id"], side)]
    if conflict["rule"] == "delete_request":
        return made + _deletion(reader, conflict, side)
    if conflict["rule"] == "gone":
        return made + _revival(reader, conflict, side)
    # Theirs stands already, unless mine was taken before or two texts were made into one.
    if side == "mine" or conflict["status"] == "mine" or conflict["rule"] == "merged_text":
        if reader.get(conflict["entity"], conflict["record_id"]) is None:
            raise _not_here()
        before, mine, theirs = sides_of(conflict)
        wanted, seen = (mine, before) if side == "mine" else (theirs, mine)
        made.append(update(conflict["entity"], conflict["record_id"], wanted, seen=_sets(conflict, wanted, seen)))
    return made


def _sets(conflict: Row, wanted: Row, seen: Row) -> Row:
    """Of a set an entry tells only the elements it is about: what else is in it by now stays."""
    facts = field_facts(conflict["entity"])
    return {name: seen.get(name, []) for name in wanted if facts[name].kind is Kind.SET}


def _deletion(reader: Reader, conflict: Row, side: Side) -> list[Intent]:
    """'mine' deletes after all, now that everything has been seen."""
    key = (conflict["entity"], conflict["record_id"])
    is_here = reader.get(*key) is not None
    if side == "mine":
        return [delete(*key)] if is_here else []
    return [restore(*key)] if conflict["status"] == "mine" and not is_here else []


def _revival(reader: Reader, conflict: Row, side: Side) -> list[Intent]:
    """'mine' brings the deleted record back with my change; taking that back deletes it again."""
    entity, record_id = conflict["entity"], conflict["record_id"]
    before, mine, _ = sides_of(conflict)
    is_here = reader.get(entity, record_id) is not None
    if side == "theirs":
        return [delete(entity, record_id)] if conflict["status"] == "mine" and is_here else []
    if not is_here:
        return [restore(entity, record_id, mine, before)]
    states = [name for name in mine if field_facts(entity)[name].kind is Kind.STATE]
    values = {name: value for name, value in mine.items() if name not in states}
    made = [transition(entity, record_id, str(mine[name]), name) for name in states]
    return [*made, update(entity, record_id, values, seen=_sets(conflict, values, before))] if values else made


def _not_here() -> NotFound:
    return NotFound(
        "not_here",
        "The record of this conflict is not on this laptop.",
        "Keep the other value, or ask a colleague who has it.",
    )
