"""Two people change one line of a draft without seeing each other: the second one's draft becomes a fork of its own.

The first one's revision stays as it is and stays the current one. The fork is the draft as it would be had the second
author won; it has the same number and is told by his name, 'revision 3 (Anna)'. Its ids follow from the revision and
its author, so that the same history makes the same fork again, and his later changes find it.
"""

from collections.abc import Mapping
from dataclasses import replace

from crm_desktop.model.operations import Operation, Outcome, Patch
from crm_desktop.model.wire import Row, clean_value, field_facts
from crm_desktop.rules.merged import FieldConflict, Merged, RecordState
from crm_desktop.rules.named_ids import named_id

RULE = "fork"
# What a line costs: only about these a draft is forked.
FIGURES = frozenset(
    {"quantity", "optional"} | {name for name, facts in field_facts("quote_line").items() if facts.group == "price"}
)
_PLACE = frozenset({"quote_id", "revision_id"})
_HEADER = (
    "quote_id", "revision", "quote_date", "valid_until", "price_list_id", "currency", "discount_percent",
    "needs_review", "intro", "terms",
)  # fmt: skip


def fork_id(revision_id: str, user_id: str) -> str:
    """Id of the fork of a revision for an author."""
    return named_id(f"fork of {revision_id} for {user_id}")


def fork_line_id(fork: str, line_id: str) -> str:
    """Id of a line's copy in a fork."""
    return named_id(f"{line_id} in {fork}")


def split(state: RecordState, op: Operation, merged: Merged) -> Merged | None:
    """The merge of a line as a fork: the line stays as it is, all of the author's change goes to his fork.

    None where there is nothing to fork: no conflict about what the line costs, or the line is moved elsewhere.
    The change is kept in the ledger as well, settled: nobody is asked field by field.
    """
    if op.e != "quote_line" or not isinstance(op, Patch) or _PLACE & op.set.keys():
        return None
    if not any(FIGURES & set(conflict.fields) for conflict in merged.conflicts if not conflict.mine_stands):
        return None
    facts = field_facts(op.e)
    mine = {name: clean_value(name, facts[name], op.set[name].new) for name in facts if name in op.set}
    mine = {name: value for name, value in mine.items() if state.row[name] != value}
    kept = FieldConflict(
        field=next(iter(mine)),
        fields=tuple(mine),
        before={name: op.set[name].old for name in mine},
        mine=mine,
        theirs={name: state.row[name] for name in mine},
        rule=RULE,
        settled=True,
    )
    return replace(merged, state=state, outcome=Outcome.CONFLICT, conflicts=(kept,), changed=False)


def fork_header(revision: Row) -> Row:
    """What a fork takes over from its revision: a draft, with nothing of approval, issue or signature."""
    return {name: revision[name] for name in _HEADER}


def fork_line(line: Row, fork: str, changed: Mapping[str, object]) -> Row:
    """A line's copy in a fork, with what its author wrote over it."""
    return line | {"revision_id": fork} | dict(changed)
