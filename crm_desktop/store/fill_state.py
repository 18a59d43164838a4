"""How far the first filling by prepared parts is, kept in the file that is filled."""

from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.store import fill_sql, meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, quoted

STATE, PIECE, TO_COME = "fill", "fill_piece", "fill_to_come"  # names in the table `meta`

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FillState:
    """How far the first filling is. `next` is the part to be applied; `begun` False: nothing is known yet."""

    begun: bool = False
    epoch: str = ""
    snapshots: tuple[str, ...] = ()
    parts: tuple[dict[str, Any], ...] = ()
    complete: bool = False
    next: int = 0


def stored_fill(connection: Connection) -> dict[str, Any]:
    """What is kept of a filling; empty: none is under way."""
    return dict(orjson.loads(meta.get(connection, STATE, "{}")))


def state_of(connection: Connection) -> FillState | None:
    """How far it is. None where parts cannot help: rows of the server are here, or a position in its history."""
    if meta.number(connection, "cursor_seq"):
        return None
    stored = stored_fill(connection)
    if stored:
        return _told(stored)
    for entity in ENTITY_NAMES:
        if connection.execute(f"SELECT 1 FROM {quoted(entity)} WHERE sync_ver <> 0 LIMIT 1").fetchone():
            return None
    return FillState()


def keep(connection: Connection, stored: dict[str, Any]) -> dict[str, Any]:
    """Keep how far it is, and beside it how many rows are known to come: the status strip says so."""
    left = sum(part["rows"] for part in stored["parts"][stored["next"] :]) - stored["row"]
    meta.put(connection, STATE, orjson.dumps(stored).decode())
    meta.put(connection, TO_COME, left)
    return stored


def _told(stored: dict[str, Any]) -> FillState:
    return FillState(
        True, stored["epoch"], tuple(stored["snapshots"]), tuple(stored["parts"]), stored["complete"], stored["next"]
    )


def take(connection: Connection, manifest: Manifest) -> FillState:
    """Keep what the server offers: more of the same snapshots, or others from the first part on."""
    before = stored_fill(connection)
    stored = {name: manifest[name] for name in ("epoch", "as_of", "snapshots", "scopes", "scope_sets", "parts")}
    stored |= {"complete": manifest["complete"], "next": 0, "row": 0, "mixed": False, "low": before.get("low", {})}
    if not before:
        fill_sql.drop_indexes(connection)
        fill_sql.bulk_search(connection, on=True)
    elif before["snapshots"] == manifest["snapshots"]:
        stored |= {name: before[name] for name in ("as_of", "next", "row", "mixed")}
    else:
        stored["mixed"] = bool(before["mixed"] or before["next"] or before["row"])
        stored["as_of"] = min(before["as_of"], manifest["as_of"], key=lambda at: int(at["seq"]))
    return _told(keep(connection, stored))


def looks_up(connection: Connection) -> bool:
    """Whether each row of a part is looked up, as it may be here."""
    return bool(stored_fill(connection)["mixed"])


def look_up(connection: Connection) -> None:
    """From now on each row is."""
    keep(connection, stored_fill(connection) | {"mixed": True})


def finish(connection: Connection) -> None:
    """All parts are in: the cursor moves to where the pull begins."""
    stored = stored_fill(connection)
    meta.put(connection, "cursor_seq", stored["as_of"]["seq"])
    meta.put(connection, "cursor_commit", stored["as_of"]["commit_id"])
    meta.put(connection, "scopes", orjson.dumps(sorted(stored["scopes"])).decode())
    meta.put(connection, "caught_up", 0)
    forget(connection)


def forget(connection: Connection) -> None:
    """No filling is under way any more."""
    fill_sql.bulk_search(connection, on=False)
    connection.execute("DELETE FROM meta WHERE key IN (?, ?, ?)", (STATE, PIECE, TO_COME))
