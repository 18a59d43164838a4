"""A pulled page enters the file: rows, departures, cursor and sums in one transaction of the writer."""

import logging
import traceback
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.errors import SessionError
from crm_desktop.failpoints import failpoint
from crm_desktop.store import backfill, first_pages, meta
from crm_desktop.store.acknowledge import end_replay, settle
from crm_desktop.store.connection import Connection, ValueRefused
from crm_desktop.store.server_rows import ServerRows
from crm_desktop.store.sums import agrees
from crm_desktop.store.tables import ENTITY_NUMBER, quoted

log = logging.getLogger("crm.store")
SCOPES_MOVED = "scopes_moved"  # '1': with a page before this one, of those still to come
# What reading content of a wrong shape or type raises, down to a value the database cannot take.
_BROKEN = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, *ValueRefused)


@dataclass(frozen=True, slots=True)
class PageApplied:
    """What a page did. `applied` False: it no longer fits the cursor and has to be asked again.

    `digest_ok` is None while more is to come, else whether this copy equals the server's. `differed` names, with
    the last page of a repair, the first records that were not as the server has them.
    """

    applied: bool
    rows: int = 0
    evicted: int = 0
    deleted: int = 0
    digest_ok: bool | None = None
    changed: frozenset[tuple[str, str]] = frozenset()
    differed: tuple[tuple[str, str], ...] = ()
    filled: bool = False
    """It ended a first filling by pages: `first_pages.end` is due."""


class PageApply:
    """One page in the writer's transaction."""

    def __init__(self, connection: Connection, page: dict[str, Any]) -> None:
        self._connection = connection
        self._page = page
        self._rows = ServerRows(connection, page["scope_sets"])
        self._gone = 0
        self._evicted = 0

    @classmethod
    def apply(cls, connection: Connection, page: dict[str, Any]) -> PageApplied:
        """Apply a page; SessionError bad_answer where its content is not what the protocol says."""
        try:
            return cls(connection, page).run()
        except _BROKEN as error:
            # No values: they are somebody's data.
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error("a page cannot be applied: %s in %s:%s", type(error).__name__, where.name, where.lineno)
            raise unreadable_page() from error

    def run(self) -> PageApplied:
        """Apply the page if it was asked with the cursor that still stands."""
        page, connection = self._page, self._connection
        here = meta.sync_state(connection)
        asked = page["asked"]
        if (asked["seq"], asked["commit_id"]) != (here.cursor_seq, here.cursor_commit):
            return PageApplied(applied=False)
        if here.epoch and page["epoch"] != here.epoch:
            return PageApplied(applied=False)
        commits, cursor = page["commits"], page["cursor"]
        if page["more"]:
            first_pages.begin(connection, sum(len(rows["rows"]) for commit in commits for rows in commit["put"]))
        covered = set() if page["more"] else end_replay(connection, int(cursor["seq"]))
        if covered:
            self._rows.replay_has_ended()
        self._rows.documents.expect(sum(len(commit["gone"]) + len(commit["evict"]) for commit in commits))
        for commit in commits:
            self._commit(commit)
        # A page names each record once, so what leaves may go together.
        self._gone = self._rows.leave_all((c["seq"], entity, i) for c in commits for entity, i in c["gone"])
        self._evicted = self._rows.leave_all((c["seq"], entity, i) for c in commits for entity, i in c["evict"])
        self._rows.flush()  # what is settled below may take the place of what has left
        failpoint("C10")
        scopes = sorted(page["digest"] if page.get("scopes") is None else page["scopes"])
        moved = tuple(scopes) != here.scopes or bool(meta.get(connection, SCOPES_MOVED))
        reached = {
            "cursor_seq": str(cursor["seq"]),
            "cursor_commit": str(cursor["commit_id"]),
            "scopes": orjson.dumps(scopes).decode(),
            "caught_up": "0" if page["more"] or page.get("backfill") else "1",
            SCOPES_MOVED: "1" if moved and page["more"] else "",
        }
        meta.put_several(connection, reached)
        if not page["more"] and not page.get("backfill"):
            backfill.nothing_waits(connection, int(cursor["seq"]))
        digest_ok = None
        if not page["more"]:
            self._rows.changed |= covered
            for entity, record_id in covered - (self._rows.settled.done if self._rows.settled else set()):
                settle(connection, entity, record_id)
            self._rows.look_again()  # what has just been covered holds nothing any more
            self._sweep(int(cursor["seq"]))
        sums = self._rows.save()
        if not page["more"] and page["digest"] is not None:
            digest_ok = agrees(sums, page["digest"], scopes)
        differed = self._rows.repair.save(done=not page["more"], healed=digest_ok is True)
        return PageApplied(
            True, self._rows.count, self._evicted, self._gone, digest_ok, frozenset(self._rows.changed), differed,
            filled=not page["more"] and first_pages.under_way(connection),
        )  # fmt: skip

    def _commit(self, commit: dict[str, Any]) -> None:
        if type(commit["seq"]) is not int:  # SQLite would take a text
            raise TypeError("version")
        for rows in commit["put"]:
            if rows["e"] in ENTITY_NUMBER:  # a kind of record this version does not know waits for its update
                self._rows.put(commit["seq"], rows["e"], rows["cols"], rows["rows"])

    def _sweep(self, seq: int) -> None:
        """After a new history has been read from its start: what it did not contain is not here either."""
        held = meta.several(self._connection, "rebuilding", "copies")
        if held.get("rebuilding") != "1" or held.get("copies") == "1":
            return  # with `copies`: what is left is told to the server first
        for entity in ENTITY_NUMBER:
            left = self._connection.execute(
                f"SELECT id FROM {quoted(entity)} e WHERE sync_ver < 0 AND NOT EXISTS (SELECT 1 FROM outbox_op o "
                "JOIN outbox_txn t ON t.n = o.txn WHERE o.entity = ? AND o.id = e.id AND t.state <> 'covered')",
                (entity,),
            ).fetchall()
            for (record_id,) in left:
                self._evicted += self._rows.leave(seq, entity, record_id, told=1)
        waiting = self._connection.execute("SELECT 1 FROM outbox_txn WHERE state <> 'covered' LIMIT 1").fetchone()
        if waiting is None:
            meta.put(self._connection, "rebuilding", 0)


def check_page(page: Any) -> None:
    """SessionError for something that is no page; the transport has checked the protocol before."""
    if not isinstance(page, dict) or not {"asked", "cursor", "commits", "scope_sets", "more"} <= page.keys():
        raise unreadable_page()


def unreadable_page() -> SessionError:
    """The server's page cannot be applied: nothing of it was, the cursor stays."""
    return SessionError(
        "bad_answer",
        "The server gives an answer this program does not know.",
        "Update the program or ask your administrator. What you wrote stays on this laptop.",
    )
