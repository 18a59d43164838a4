"""In whose hands the ledger's entries lie: an owner is told of nothing he may not see."""

import json

from crm_desktop.model import ENTITIES
from tests.simulation.chance import Violation
from tests.simulation.truth import Key, Row, Truth

_NO_CONTENT = ("delete", "restore", "transition")


def check_hands(truth: Truth) -> int:
    """I5 of conflicts and refused changes, also about what is deleted; returns how many lie with an owner."""
    count = 0
    for key, held in truth.rows.items():
        owner = held.row.get("owner_id") if key[0] in ("conflict", "quarantine") and not held.deleted else None
        if not owner:
            continue
        count += 1
        mine = truth.user_scopes(owner)
        for record in _told_of(key[0], held.row):
            if record in truth.rows and not truth.scopes_if_live(record) & mine:
                raise Violation("I5", f"{key} lies with {owner}, who may not see {record}")
    return count


def _told_of(entity: str, row: Row) -> list[Key]:
    if entity == "conflict":
        return [(row["entity"], row["record_id"])]
    ops = json.loads(row["payload"])["ops"]
    return [(op["e"], op["id"]) for op in ops if op["k"] not in _NO_CONTENT and op["e"] in ENTITIES]
