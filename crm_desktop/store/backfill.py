"""What a grant makes visible comes in a lane of its own, beside the live one. Where it stands lies in the file."""

from collections.abc import Callable, Iterable
from typing import Any

from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.server_rows import ServerRows
from crm_desktop.store.tables import ENTITY_NUMBER
from crm_desktop.store.writer import Writer

Key = tuple[str, str]
EPOCH, SEQ = "backfill_epoch", "backfill_seq"


class Backfill:
    """The store's side of it. Every method is one durable step."""

    def __init__(self, writer: Writer, changed: Callable[[Iterable[Key]], None]) -> None:
        self._writer = writer
        self._changed = changed

    def after(self) -> int | None:
        """Grants up to this commit are here; None: not known, they come in the live lane."""
        return self._writer.call(_after)

    def begin(self) -> None:
        """Everything up to the cursor is here: from now on grants have their own lane."""

        def work(connection: Connection) -> None:
            if _after(connection) is None:
                here = meta.sync_state(connection)
                meta.put_several(connection, {EPOCH: here.epoch, SEQ: str(here.cursor_seq)})

        self._writer.call(work, durable=False)

    def apply(self, page: dict[str, Any]) -> int:
        """Put granted rows in; returns how many. A page from before our cursor is dropped and asked for again."""

        def work(connection: Connection) -> tuple[Key, ...]:
            here = meta.sync_state(connection)
            if page["epoch"] != here.epoch or page["cursor"]["seq"] < here.cursor_seq:
                return ()
            run = ServerRows(connection, page["scope_sets"])
            keys: list[Key] = []
            for commit in page["commits"]:
                for rows in commit["put"]:
                    if rows["e"] in ENTITY_NUMBER:
                        run.put(commit["seq"], rows["e"], rows["cols"], rows["rows"])
                        keys += [(rows["e"], row[0]) for row in rows["rows"]]
            run.save()
            meta.put(connection, SEQ, int(page["backfill"]))
            return tuple(keys)

        return len(self._writer.call(work, mode="apply", durable=False, after=self._changed))


def nothing_waits(connection: Connection, seq: int) -> None:
    """The server has nothing left in the lane up to commit `seq`: the next question need not begin before it.

    It would look through all that was ever granted, and what the log no longer holds could not be told.
    """
    after = _after(connection)
    if after is not None and after < seq:
        meta.put(connection, SEQ, seq)


def _after(connection: Connection) -> int | None:
    held = meta.several(connection, EPOCH, SEQ, "epoch", "cursor_seq")
    if SEQ not in held or held[EPOCH] != held.get("epoch") or int(held.get("cursor_seq", "0")) < int(held[SEQ]):
        return None
    return int(held[SEQ])
