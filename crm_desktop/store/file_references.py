"""Who still refers to the bytes of a file on this laptop: records, waiting files, and changes nobody has decided."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from crm_desktop.store.connection import Connection


def told_again(connection: Connection, sha256s: list[str]) -> None:
    """The server has told records of these contents: if it had no bytes when it was asked, it has them now."""
    connection.execute(
        "UPDATE file_blob SET state = 'wanted' WHERE state = 'missing' AND sha256 IN (SELECT value FROM json_each(?))",
        (orjson.dumps(sha256s).decode(),),
    )


def forget_unreferred(connection: Connection) -> list[str]:
    """Forget contents nothing refers to; returns those whose bytes may go once this is committed."""
    found = connection.execute(
        "SELECT sha256 FROM file_blob WHERE sha256 NOT IN (SELECT sha256 FROM attachment) "
        "AND sha256 NOT IN (SELECT sha256 FROM file_pending) AND sha256 NOT IN "
        "(SELECT json ->> 'sha256' FROM mirror WHERE entity = 'attachment' AND json IS NOT NULL)"
    ).fetchall()
    kept = _undecided(connection) if found else set()
    gone = [sha256 for (sha256,) in found if sha256 not in kept]
    connection.executemany("DELETE FROM file_blob WHERE sha256 = ?", [(sha256,) for sha256 in gone])
    return gone


def _undecided(connection: Connection) -> set[str]:
    """Contents of records that were refused or whose outcome is not known: these bytes may be the only ones."""
    waiting = connection.execute(
        "SELECT o.json FROM outbox_op o JOIN outbox_txn t ON t.n = o.txn LEFT JOIN quarantine_local q ON q.txn = t.n "
        "WHERE o.entity IN ('attachment', 'quarantine') AND o.k = 'create' "
        "AND (t.state <> 'covered' OR (q.txn IS NOT NULL AND q.closed_at IS NULL))"
    ).fetchall()
    refused = connection.execute("SELECT payload FROM quarantine WHERE status = 'open'").fetchall()
    found = set(_named(orjson.loads(text) for (text,) in waiting))
    for (payload,) in refused:
        found.update(_in_entry(payload))
    return found


def _named(ops: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Contents that operations name, also those inside an entry that was handed over: it may be refused in its turn."""
    for op in ops:
        if op.get("k") != "create" or not isinstance(op.get("v"), dict):
            continue
        if op.get("e") == "attachment":
            yield str(op["v"].get("sha256", ""))
        elif op.get("e") == "quarantine":
            yield from _in_entry(op["v"].get("payload", ""))


def _in_entry(payload: str) -> Iterator[str]:
    return _named(orjson.loads(payload or "{}").get("ops", ()))
