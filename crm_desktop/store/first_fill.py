"""The first filling of a copy by prepared parts, straight into the file the user already works in.

A part goes in by transactions that each leave rows, search documents and sums complete; how far it is stands in the
same transaction, so a crash loses at most one. Secondary indexes are off meanwhile and built at the end. The
cursor stays at the start until then: the pull that follows tells what changed since the parts were begun.

Rows of ours that are not on the server yet are met one by one, as by a page. Parts of another snapshot than before
may name rows that are here: then each is looked up, and the pull begins at the older of both. So may parts of one
offer: its snapshots are of different moments, and a record may have come from what one user sees to what many see.
"""

import base64
from collections.abc import Callable

import orjson

from crm_desktop.failpoints import failpoint
from crm_desktop.store import fill_state, meta
from crm_desktop.store.connection import Connection, IntegrityError
from crm_desktop.store.fill_part import BROKEN, Part, PartRun, inflated
from crm_desktop.store.fill_sql import build_indexes
from crm_desktop.store.fill_state import PIECE, FillState, Manifest
from crm_desktop.store.pull_apply import unreadable_page
from crm_desktop.store.writer import Writer


class _RowIsHere(Exception):
    """A part names a row that is here, where none was looked up."""


class FirstFill:
    """The store's side of it. Every method is one durable step or some; a crash between them loses nothing."""

    def __init__(self, writer: Writer, changed: Callable[[str], None]) -> None:
        self._writer = writer
        self._changed = changed

    def state(self) -> FillState | None:
        """None: this copy already has rows of the server or a position in its history."""
        return self._writer.call(fill_state.state_of)

    def take(self, manifest: Manifest) -> FillState:
        """Keep what the server offers: more parts of the same snapshots, or others from the first part on."""
        return self._writer.call(lambda connection: fill_state.take(connection, manifest))

    @staticmethod
    def decode(packed: bytes) -> Part:
        """A part as it travelled, ready to be applied; touches no file, so any thread may do it ahead.

        SessionError bad_answer where it is not what the protocol says.
        """
        try:
            told = orjson.loads(inflated(packed))
            return Part(told["e"], told["cols"], told["data"])
        except BROKEN as error:
            raise unreadable_page() from error

    def apply(self, number: int, part: Part) -> int:
        """Put a part in; returns its rows. SessionError bad_answer where the database cannot take them."""
        run = PartRun(number, part)
        while not run.done:
            try:
                self._writer.call(
                    self._slice(run), mode="apply", durable=False, after=lambda _rows: self._changed(run.entity)
                )
            except _RowIsHere:
                self._writer.call(fill_state.look_up, durable=False)
        return run.count

    def _slice(self, run: PartRun) -> Callable[[Connection], int]:
        def work(connection: Connection) -> int:
            try:
                return run.slice(connection, lambda: self._writer.waiting)
            except IntegrityError as error:
                if fill_state.looks_up(connection):
                    raise unreadable_page() from error
                raise _RowIsHere from error
            except BROKEN as error:
                raise unreadable_page() from error

        return work

    def keep_piece(self, sha256: str, data: bytes) -> None:
        """Keep what came of a part before the line broke."""
        text = f"{sha256}:{base64.b85encode(data).decode()}"
        self._writer.call(lambda connection: meta.put(connection, PIECE, text))

    def piece(self, sha256: str) -> bytes:
        """What was kept of a part."""
        kept, _, text = self._writer.call(lambda connection: meta.get(connection, PIECE)).partition(":")
        return base64.b85decode(text) if kept == sha256 else b""

    def finish(self) -> None:
        """All parts are in: build the indexes, one transaction each, and move the cursor to where the pull begins."""
        build_indexes(self._writer)
        failpoint("C12-last")
        self._writer.call(fill_state.finish)

    def forget(self) -> None:
        """Give the filling up: pages do the rest, from the start; what is here they confirm."""
        build_indexes(self._writer)
        self._writer.call(fill_state.forget)
