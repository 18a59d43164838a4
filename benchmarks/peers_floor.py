"""The bare machine beside the peers: the work of our product's round with no product code in it, in the same round.

It tells which of the goals a product could reach here at all that does what ours does: the file encrypted, an fsync for
each edit, indexes and full-text index ready, an authenticated server. Each work is what the benchmark of its own holds
the product against (floor.py, durable_edits, push_queue, live_edit, growth), with the peers' customers. Round trips go
to the product's own server, by `requests`: a limit of this way, not of the machine.
"""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks import floor
from benchmarks.company import LAST_WORD
from benchmarks.durable_edits import BareFile, pulled_accounts
from benchmarks.first_sync import bare_inserts
from benchmarks.floor_files import KEY, prepare
from benchmarks.generated import roots
from benchmarks.growth import BareCall
from benchmarks.peers_data import PeerCompany
from benchmarks.push_queue import bare_writing, copied, own_work
from crm_desktop.clock import SystemClock
from crm_desktop.model.operations import Transaction
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch
from crm_desktop.store.meta import SyncState

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Floor:
    """What the bare work of one round took, by the names of a product's side: seconds, milliseconds, edits a second."""

    rows_s: float
    """All rows decoded and put into one encrypted file with the product's indexes and full-text index, one commit."""
    plain_s: float
    """The same rows into a file without encryption, with four indexes and no full-text index."""
    ready_s: float
    """The same file as a server might have it ready, written to the disk and encrypted with a key of the laptop's."""
    edits_a_s: float
    """Transactions of the same rows in an encrypted file, an fsync each."""
    push_s: float
    """The rows a push leaves different on the server, put there in one durable commit, and one round trip."""
    own_s: float
    """What the server's own program takes for the same transactions in one of its own: no bare work, it merges."""
    live_ms: float
    """Three durable commits and two round trips through the product's server."""
    idle_ms: float
    """One authenticated round trip through the product's server."""


class BareMachine:
    """The bare work that needs no server: what it reads is made once, and is the same in every round."""

    def __init__(self, folder: Path, company: PeerCompany) -> None:
        folder.mkdir()
        self._folder, self._accounts = folder, company.accounts
        records = company.records
        self._full, self._plain = prepare(folder, records, roots(records), company.scopes)
        self._rows = len(records)
        self._ready = folder / "ready.db"
        floor.load(self._full, self._ready)
        with ClientStore.open(folder / "pattern", KEY, SystemClock()) as store:
            store.apply_page(pulled_accounts(self._accounts))
            store.commit([patch("account", self._accounts[-1], {"website": "https://pattern.example"})])
            self._pattern = store.path

    def inserts(self) -> tuple[float, float]:
        """Seconds of all rows into the product's file, and into a plain one."""
        return self._inserted(self._full), self._inserted(self._plain)

    def ready(self) -> float:
        """Seconds to write the finished file, which another key encrypts, and to have it under one's own.

        A file under a key that the server knows, or in plain text on its way to the disk, is no file of the product's.
        """
        target = self._folder / "taken.db"
        try:
            began = time.perf_counter()
            with self._ready.open("rb") as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
            connection = sqlcipher.connect(str(target), isolation_level=None)
            connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
            connection.execute(
                "PRAGMA journal_mode = WAL"
            )  # the quickest: with a rollback journal it takes twice as long
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA rekey = \"x'{KEY[::-1].hex()}'\"")
            found = connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (LAST_WORD,)).fetchall()
            took = time.perf_counter() - began
            connection.close()
        finally:
            for file_left in self._folder.glob(f"{target.name}*"):
                file_left.unlink()
        if len(found) != 1:
            raise RuntimeError(f"the last note was found {len(found)} times")
        return took

    def _inserted(self, pages: Path) -> float:
        # With the driver's settings that make it quickest: it is to be the least there is.
        found = bare_inserts(pages, self._folder / "inserted.db", "cheap-none")
        if found["rows"] != self._rows:
            raise RuntimeError(f"{found['rows']:.0f} rows of {self._rows}")
        return found["seconds"]

    def edits(self, count: int) -> float:
        """Edits a second, each of another record that came from the server, each durable."""
        folder = self._folder / "edited"
        folder.mkdir()
        bare = BareFile(folder, self._pattern, pulled=True)
        edited = self._accounts[:count]
        try:
            began = time.perf_counter()
            for number, record_id in enumerate(edited):
                bare.edit(record_id, "website", f"https://{number}.{began}.example")
            return len(edited) / (time.perf_counter() - began)
        finally:
            bare.connection.close()
            shutil.rmtree(folder)


def round_trip(call: BareCall) -> float:
    """Seconds of one authenticated call."""
    began = time.perf_counter()
    call.once()
    return time.perf_counter() - began


class BarePush:
    """What a push costs a server at least: its file as it stands before the push is kept here."""

    def __init__(self, folder: Path, server: Path) -> None:
        folder.mkdir()
        self._folder, self._server = folder, server
        self._before = copied(server, folder / "before.db")

    def own(self, state: SyncState, waiting: Sequence[Transaction]) -> float:
        """Seconds of the server's own program for what waits, in one transaction."""
        return own_work(self._before, state, waiting)

    def bare(self, call: BareCall) -> float:
        """Seconds of a round trip and of writing what the push, which is over, has changed."""
        after = copied(self._server, self._folder / "after.db")
        took = bare_writing(self._before, after)
        return took + round_trip(call)

    def close(self) -> None:
        """Remove the copies."""
        shutil.rmtree(self._folder)
