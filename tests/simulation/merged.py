"""Work on a record that was merged into another: as the rules write it down, it is work on the one that was kept.

What it was based on says nothing there, and where the record belongs is not moved by it.
"""

from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import field_facts
from tests.simulation.truth import Row, Truth

Op = dict[str, Any]


def followed(txn: dict[str, Any], truth: Truth) -> dict[str, Any]:
    """The transaction as it is carried out; operations on the record kept instead are marked `merged`."""
    return txn | {"ops": [_followed(op, truth) for op in txn["ops"]]} if truth.aliases else txn


def _followed(op: Op, truth: Truth) -> Op:
    facts = field_facts(op["e"])

    def led(name: str, value: Any) -> Any:
        kind = facts[name].ref if name in facts else None
        return truth.aliases.get((str(kind), value), value) if isinstance(value, str) else value

    if op["k"] == "create":
        return op | {"v": {name: led(name, value) for name, value in op["v"].items()}}
    if op["k"] == "patch":
        op = op | {"set": {n: change | {"new": led(n, change["new"])} for n, change in op["set"].items()}}
    kept = truth.aliases.get((op["e"], op["id"]))
    return op if kept is None else op | {"id": kept, "base_epoch": "", "merged": True}


def without_moves(op: Op, row: Row) -> Op:
    """A change through a merge leaves territory, owner and parents alone: they read as they are."""
    if not op.get("merged") or op["k"] != "patch":
        return op
    facts = ENTITIES[op["e"]].FACTS
    fixed = {*facts.parents, facts.account, facts.owner, "territory_id"}
    return op | {"set": {n: change | ({"new": row[n]} if n in fixed else {}) for n, change in op["set"].items()}}
