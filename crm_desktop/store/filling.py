"""Which file prepared parts go into: an empty store is filled itself; one that has to read everything anew gets a
successor beside it, while the user goes on working in the old one.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from crm_desktop.errors import StoreError
from crm_desktop.store import meta
from crm_desktop.store.connection import Connection, connect
from crm_desktop.store.exchange import NEXT, beside
from crm_desktop.store.fill_part import Part
from crm_desktop.store.fill_state import FillState, Manifest
from crm_desktop.store.first_fill import FirstFill
from crm_desktop.store.migrations import prepare
from crm_desktop.store.writer import Writer

log = logging.getLogger("crm.store")


class Filling:
    """The store as the first sync by parts sees it; see `FirstFill` for the methods."""

    def __init__(
        self, path: Path, key: bytes, writer: Writer, changed: Callable[[str], None], exchange: Callable[[], bool]
    ) -> None:
        self._path = path
        self._key = key
        self._writer = writer
        self._exchange = exchange
        self._own = FirstFill(writer, changed)
        self._next: FirstFill | None = None
        self._connection: Connection | None = None
        self._given_up = False

    def state(self) -> FillState | None:
        """How far it is; None where pages go on."""
        own = self._own.state()
        if own is not None or not self._writer.call(reads_anew):
            self._remove()
            return own
        if self._given_up:
            return None
        if self._next is None:
            self._open()
        return None if self._next is None else self._next.state()

    def take(self, manifest: Manifest) -> FillState:
        """Keep what the server offers."""
        return self._target.take(manifest)

    decode = staticmethod(FirstFill.decode)

    def apply(self, number: int, part: Part) -> int:
        """Put a part in. A successor for which there is no room is given up: pages need none."""
        try:
            return self._target.apply(number, part)
        except StoreError as error:
            if self._next is None:
                raise
            log.warning("the successor is given up: %s", error.code)
            self._give_up()
            return 0

    def keep_piece(self, sha256: str, data: bytes) -> None:
        """Keep what came of a part before the line broke."""
        self._target.keep_piece(sha256, data)

    def piece(self, sha256: str) -> bytes:
        """What was kept of a part."""
        return self._target.piece(sha256)

    def finish(self) -> None:
        """All parts are in: the successor takes the place of the store, or pages go on in the old one."""
        if self._next is None:
            self._own.finish()
            return
        try:
            self._next.finish()
            self._close()
            done, why = self._exchange(), "the file is in use elsewhere"
        except StoreError as error:
            done, why = False, error.code
        if not done:
            log.warning("the successor cannot take its place: %s", why)
            self._give_up()

    def forget(self) -> None:
        """Give it up: pages do the rest."""
        if self._next is None:
            self._own.forget()
        else:
            self._give_up()

    def close(self) -> None:
        """Leave the successor for the next start."""
        self._close()

    @property
    def _target(self) -> FirstFill:
        return self._next or self._own

    def _open(self) -> None:
        path = beside(self._path, NEXT)
        try:
            connection = connect(path, self._key)
            prepare(connection, path)
            fill = FirstFill(Writer(connection), lambda _entity: None)
        except StoreError as error:
            log.warning("no successor can be made: %s", error.code)
            self._give_up()
            return
        self._connection, self._next = connection, fill
        if fill.state() is None:  # filled before, and the exchange was not to be: its rows are old by now
            self._remove()
            self._open()

    def _close(self) -> None:
        self._next = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self) -> None:
        """Until the next start."""
        self._given_up = True
        self._remove()

    def _remove(self) -> None:
        self._close()
        path = beside(self._path, NEXT)
        for tail in ("", "-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)


def reads_anew(connection: Connection) -> bool:
    """Whether all rows are to be told again and none has been yet."""
    held = meta.several(connection, "rebuilding", "cursor_seq")
    return held.get("rebuilding") == "1" and held.get("cursor_seq", "0") == "0"
