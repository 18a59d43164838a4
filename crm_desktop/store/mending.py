"""Finding and mending where this copy differs from the server's, and what only this copy still holds.

A difference of the sums is narrowed down to buckets of ids; their rows are fetched and compared one by one. Rows of
a history that is gone, which the new one does not know, stay in view until the server has a copy of them.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import orjson

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import BUCKETS, bucket_of
from crm_desktop.store import meta, sums
from crm_desktop.store.connection import Connection
from crm_desktop.store.page_rows import hash_values, ordered
from crm_desktop.store.pull_apply import SCOPES_MOVED
from crm_desktop.store.readers import Readers
from crm_desktop.store.server_rows import ServerRows
from crm_desktop.store.tables import ENTITY_NAMES, ENTITY_NUMBER, UNKNOWN, quoted, table
from crm_desktop.store.visible import load, write
from crm_desktop.store.writer import Writer

Key = tuple[str, str]
MOST_BYTES = 1024 * 1024  # of copies told at once
FEW, SHARE_PERCENT = 50, 5  # what one page may take away without a question: this many, or this share
LOOKED_OVER, WEEK = "looked_over", timedelta(days=7)
UNCOUNTED = "uncounted"  # the program did not end well: the sums are counted anew behind the window
_MASK = (1 << 64) - 1


class Mending:
    """The store's side of it. Every method is one durable step."""

    def __init__(self, writer: Writer, readers: Readers, changed: Callable[[Iterable[Key]], None]) -> None:
        self._writer = writer
        self._readers = readers
        self._changed = changed
        self._allowed = False  # by a person, for one reading

    def differing(self, told: dict[str, dict[str, list[str]]]) -> dict[str, list[int]]:
        """Buckets whose sum is not the server's, by scope. Our sums are computed anew from the rows' content before."""

        self._rehash()

        def work(connection: Connection) -> dict[str, list[int]]:
            sums.recompute(connection)
            own: dict[str, list[int]] = {scope: [0] * BUCKETS for scope in told["buckets"]}
            for (_, record_id), _, amount, scopes in _confirmed(connection):
                for scope in own.keys() & set(orjson.loads(scopes)):
                    own[scope][bucket_of(record_id)] += amount
            found = {
                scope: [n for n, text in enumerate(theirs) if int(text, 16) != own[scope][n] & _MASK]
                for scope, theirs in told["buckets"].items()
            }
            return {scope: numbers for scope, numbers in found.items() if numbers}

        return self._writer.call(work, mode="apply")

    def look_over(self, now: str) -> bool:
        """Once a week the sums are computed anew from the rows: damage to content alone shows with the next pull.

        After a program that did not end well they are counted from the kept hashes, which takes a tenth of that.
        """
        last, uncounted = self._writer.call(lambda c: (meta.get(c, LOOKED_OVER), meta.get(c, UNCOUNTED)))
        # A time to come was told by a clock that was wrong.
        due = bool(last) and not last <= now < format_instant(parse_instant(last) + WEEK)
        if due:
            self._rehash()
        lacking = self._readers.run(sums.missing) if due or uncounted else {}

        def note(connection: Connection) -> None:
            sums.supply(connection, lacking)
            meta.put(connection, UNCOUNTED, "")
            if due or not last:
                meta.put(connection, LOOKED_OVER, now)

        if due or uncounted or not last:
            self._writer.call(note, mode="apply")
        return due

    def _rehash(self) -> None:
        for entity in ENTITY_NAMES:
            after: int | None = 0
            while after is not None:
                after = self._writer.call(partial(sums.rehash, entity=entity, after=after), mode="apply")

    def mend(self, page: dict[str, Any]) -> tuple[Key, ...]:
        """Make the buckets of the page what the server says they are. Returns what had been different.

        Nothing is done where the page was asked from another cursor than the present one.
        """
        return self._writer.call(lambda connection: _mend(connection, page), mode="apply", after=self._changed)

    def allow_removals(self) -> None:
        """A person lets the server take away what it wants: with the next reading, up to its last page."""
        self._allowed = True

    def removals(self, page: dict[str, Any]) -> list[Key]:
        """What a page would take away, where that is suspiciously much and nobody changed what we may see.

        Empty: nothing is suspicious, or a person has allowed it.
        """
        named = [(entity, i) for commit in page["commits"] for entity, i in (*commit["gone"], *commit["evict"])]
        allowed, self._allowed = self._allowed, self._allowed and bool(page["more"])
        if allowed or len(named) <= FEW:
            return []
        scopes = page["digest"] if page.get("scopes") is None else page["scopes"]

        def work(connection: Connection) -> list[Key]:
            if meta.get(connection, "scopes") != orjson.dumps(sorted(scopes)).decode():
                return []
            if meta.get(connection, SCOPES_MOVED):  # with the first of these pages
                return []
            there = _here(connection, named)
            most = max(FEW, _count(connection) * SHARE_PERCENT // 100)
            return there if len(there) > most else []

        return self._writer.call(work)

    def left(self) -> list[dict[str, Any]]:
        """The next records nobody else may have any more; empty: none are left, or the reading is not through yet."""

        def work(connection: Connection) -> list[dict[str, Any]]:
            held = meta.several(connection, "copies", "caught_up", "rebuilding")
            if held.get("copies") != "1" or held.get("caught_up") != "1":
                return []
            rows: list[dict[str, Any]] = []
            size = 0
            for entity, record_id in _unconfirmed(connection):
                values = load(connection, entity, record_id).values
                if values is None:
                    continue
                rows.append({"e": entity, "id": record_id, "row": table(entity).row(record_id, values)})
                size += len(orjson.dumps(rows[-1]))
                if size > MOST_BYTES:
                    break
            if not rows:
                meta.put(connection, "copies", 0)
            return rows

        return self._writer.call(work)

    def let_go(self, keys: Iterable[Key]) -> None:
        """The server has copies of these: they leave the view, as the server does not count them among its records."""
        gone = list(keys)

        def work(connection: Connection) -> None:
            for entity, record_id in gone:
                stored = load(connection, entity, record_id)
                if stored.server.ver == UNKNOWN and not stored.live:  # not what was written on meanwhile
                    write(connection, stored, None, stored.server)

        self._writer.call(work, mode="apply", after=lambda _done: self._changed(gone))


def _here(connection: Connection, keys: Iterable[Key]) -> list[Key]:
    """Those of the records the server has told before and that are still here."""
    ids: dict[str, list[str]] = {}
    for entity, record_id in keys:
        if entity in ENTITY_NUMBER:
            ids.setdefault(entity, []).append(record_id)
    found: list[Key] = []
    for entity, wanted in ids.items():
        rows = connection.execute(
            f"SELECT id FROM {quoted(entity)} WHERE sync_ver > 0 AND id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(wanted).decode(),),
        )
        found += [(entity, record_id) for (record_id,) in rows]
    return found


def _count(connection: Connection) -> int:
    return sum(
        int(connection.execute(f"SELECT count(*) FROM {quoted(entity)}").fetchone()[0]) for entity in ENTITY_NAMES
    )


def _confirmed(connection: Connection) -> Iterator[tuple[Key, int, int, str]]:
    """(record, version, hash, scopes) of all server rows of this copy, those under work included."""
    for entity in ENTITY_NAMES:
        found = connection.execute(
            f"SELECT id, sync_ver, sync_hash, sync_scopes FROM {quoted(entity)} e WHERE sync_ver > 0 "
            "AND NOT EXISTS (SELECT 1 FROM mirror m WHERE m.entity = ? AND m.id = e.id)",
            (entity,),
        )
        for record_id, ver, amount, scopes in found.fetchall():
            yield (entity, record_id), ver, amount, scopes
    found = connection.execute("SELECT entity, id, row_ver, hash, scopes FROM mirror WHERE json IS NOT NULL")
    for entity, record_id, ver, amount, scopes in found.fetchall():
        yield (entity, record_id), ver, amount, scopes


def _unconfirmed(connection: Connection) -> Iterator[Key]:
    """Records of the history before that the present one did not name, and that nothing of ours waits for."""
    for entity in ENTITY_NAMES:
        found = connection.execute(
            f"SELECT id FROM {quoted(entity)} e WHERE sync_ver = {UNKNOWN} AND NOT EXISTS (SELECT 1 FROM outbox_op o "
            "JOIN outbox_txn t ON t.n = o.txn WHERE o.entity = ? AND o.id = e.id AND t.state <> 'covered')",
            (entity,),
        )
        for (record_id,) in found.fetchall():
            yield entity, record_id


def _mend(connection: Connection, page: dict[str, Any]) -> tuple[Key, ...]:
    here, asked = meta.sync_state(connection), page["asked"]
    if (page["epoch"], asked["seq"], asked["commit_id"]) != (here.epoch, here.cursor_seq, here.cursor_commit):
        return ()
    wanted = {(scope, number) for scope, numbers in page["buckets"].items() for number in numbers}
    own = {
        key: (ver, amount)
        for key, ver, amount, scopes in _confirmed(connection)
        if any((scope, bucket_of(key[1])) in wanted for scope in orjson.loads(scopes))
    }
    told = _told(page)
    wrong = sorted(key for key in own.keys() | told.keys() if own.get(key) != told.get(key))
    for entity, record_id in wrong:
        where = (entity, record_id)
        connection.execute(
            f"UPDATE {quoted(entity)} SET sync_ver = {UNKNOWN}, sync_hash = 0, sync_scopes = '[]' "
            "WHERE id = ? AND sync_ver > 0",
            (record_id,),
        )
        connection.execute(
            f"UPDATE mirror SET row_ver = {UNKNOWN}, hash = 0, scopes = '[]' WHERE entity = ? AND id = ?", where
        )
    run = ServerRows(connection, page["scope_sets"])
    for commit in page["commits"]:
        for rows in commit["put"]:
            if rows["e"] in ENTITY_NUMBER:
                run.put(commit["seq"], rows["e"], rows["cols"], rows["rows"])
    for entity, record_id in wrong:
        if (entity, record_id) not in told:
            run.leave(here.cursor_seq, entity, record_id)
    run.save()
    sums.recompute(connection)
    return tuple(wrong)


def _told(page: dict[str, Any]) -> dict[Key, tuple[int, int]]:
    """Version and hash of the rows of a page."""
    found: dict[Key, tuple[int, int]] = {}
    for commit in page["commits"]:
        for rows in commit["put"]:
            if rows["e"] not in ENTITY_NUMBER:
                continue
            spec = table(rows["e"])
            for packed in rows["rows"]:
                values = ordered(spec, rows["cols"], packed[3:])
                found[rows["e"], packed[0]] = (commit["seq"], hash_values(spec, packed[0], commit["seq"], values))
    return found
