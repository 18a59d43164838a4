"""Courier files of a history: written, given to the server, read, each any number of times and in any order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import orjson
from pydantic import model_validator

import server.courier
from crm_desktop.errors import KnownError, SessionError
from crm_desktop.model.operations import Transaction
from crm_desktop.model.schema import SCHEMA_VERSION
from server.storage.devices import Device
from server.storage.storage import Storage
from sync import courier
from sync.protocol import Cursor
from sync.protocol.courier import FILES_BYTES
from tests.simulation.central import POISON, Answer, Central, Request, ServerKilled
from tests.simulation.chance import Chance, Trace
from tests.simulation.laptop import Laptop, WatchedStore
from tests.simulation.ledger import Ledger
from tests.simulation.witness import Witness

FEW_BYTES = 30  # of files, where a courier file has little room
KEPT = 10  # files in the courier's bag


@dataclass
class Posted:
    """A courier file on its way. `used`: how often it was given or read."""

    name: str
    data: bytes
    used: int = 0


class Mail:
    """The courier's bag."""

    def __init__(self, central: Central, witness: Witness, ledger: Ledger, chance: Chance, trace: Trace) -> None:
        self._central = central
        self._witness = witness
        self._premises = ledger.premises
        self._ledger = ledger
        self._rng = chance.extra
        self._trace = trace
        self._out: list[Posted] = []
        self._back: list[Posted] = []

    def courier_out(self, laptop: Laptop) -> None:
        """A laptop writes a courier file."""
        made = courier.write_request(WatchedStore(laptop), self._rng.choice((FILES_BYTES, FILES_BYTES, FEW_BYTES)))
        laptop.synced()
        self._ledger.wrote(laptop)
        self._out = [*self._out, Posted(laptop.name, made.data)][-KEPT:]
        self._premises["courier files written"] += 1
        self._premises["courier files with files"] += made.files > 0
        self._premises["courier files without room"] += made.left > 0
        self._trace.say(laptop.name, f"writes a courier file with {made.files} files, {made.left} do not fit")

    def courier_to_server(self, _laptop: Laptop) -> None:
        """The server's administrator is given a file: any, also one he has answered before."""
        posted = self._taken(self._out)
        if posted is None:
            return
        most = self._rng.choice((FILES_BYTES, FILES_BYTES, FEW_BYTES))
        fuse = self._rng.randrange(80) if self._rng.random() < 0.1 else None
        try:
            with self._central.fused(fuse), _unreadable():
                heard = cast("Storage", Heard(self._central.storage, self._witness))
                answer = server.courier.exchange(heard, posted.data, most)
        except ServerKilled:
            self._central.restart()
            self._trace.say("server", "died over a courier file")
            self._witness.look()
            return
        except KnownError as error:
            self._trace.say("server", f"refuses a courier file: {error.code}")
            self._premises["courier files damaged"] += error.code in ("not_sealed", "seal_broken")
            self._witness.look(desk="nobody")
            return
        self._witness.look()
        self._premises["courier files answered"] += 1
        self._premises["courier files answered twice"] += posted.used > 1
        self._back = [*self._back, Posted(posted.name, answer)][-KEPT:]
        self._trace.say("server", f"answers a courier file of {posted.name}")

    def reader(self, laptops: Sequence[Laptop]) -> Laptop:
        """Who reads next: seldom one for whom there is no answer."""
        named = {posted.name for posted in self._back}
        wanted = [laptop for laptop in laptops if laptop.name in named]
        return self._rng.choice(wanted if wanted and self._rng.random() < 0.9 else list(laptops))

    def courier_in(self, laptop: Laptop) -> None:
        """A laptop reads an answer: most often one of its own."""
        own = [posted for posted in self._back if posted.name == laptop.name]
        posted = self._taken(own or self._back)
        if posted is None:
            return
        if self._rng.random() < 0.2:
            laptop.arm(self._rng.randrange(6), before=self._rng.random() < 0.5)
        laptop.courier = posted.data
        try:
            report = courier.read_answer(WatchedStore(laptop), posted.data)
        except SessionError:
            raise
        except KnownError as error:
            self._trace.say(laptop.name, f"reads a courier's answer: {error.code}")
            self._premises[f"courier answers: {error.code}"] += 1
        else:
            left = report.error.code if report.error else "done"
            self._trace.say(
                laptop.name, f"reads a courier's answer: {left}, pushed {report.pushed}, pulled {report.pulled}"
            )
            self._premises["courier answers taken"] += bool(report.pushed or report.pulled)
            self._premises["courier answers read twice"] += posted.used > 1
            self._premises[f"courier answers: {left}"] += 1
        finally:
            laptop.courier = b""
        laptop.disarm()
        laptop.synced()
        self._ledger.wrote(laptop)

    def _taken(self, bag: Sequence[Posted]) -> Posted | None:
        """One of the bag: it may stay in it, and a byte of it may change."""
        if not bag:
            return None
        posted = self._rng.choice(list(bag))
        posted.used += 1
        if self._rng.random() < 0.5:
            self._out = [one for one in self._out if one is not posted]
            self._back = [one for one in self._back if one is not posted]
        if self._rng.random() < 0.05:
            spoilt = bytearray(posted.data)
            spoilt[self._rng.randrange(len(spoilt) // 2, len(spoilt))] ^= 1
            return Posted(posted.name, bytes(spoilt), posted.used)
        return posted


class Heard:
    """The server's storage while it answers a courier file: every push and page of it is looked at."""

    def __init__(self, storage: Storage, witness: Witness) -> None:
        self._storage = storage
        self._witness = witness

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def push(self, device: Device, epoch: str, txns: Sequence[Transaction], cursor: Cursor | None = None) -> Any:
        """As the storage's; the model carries it out too."""
        done = self._storage.push(device, epoch, txns, cursor)
        body = orjson.dumps({"epoch": epoch, "txns": [txn.wire() for txn in txns]})
        self._witness.heard(Request("push", "", device.device_id, body, SCHEMA_VERSION), Answer(200, b"{}"))
        return done

    def pull(self, device: Device, epoch: str, cursor: Cursor, limit: int, *, backfill: int | None) -> Any:
        """As the storage's; nobody may be told what he may not see."""
        page = self._storage.pull(device, epoch, cursor, limit, backfill=backfill)
        self._witness.heard(Request("pull", "", device.device_id, b"", SCHEMA_VERSION), Answer(200, page.body))
        return page


class _Readable(Transaction):
    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, data: Any) -> Any:
        if POISON.encode() in orjson.dumps(data):
            raise ValueError("of another version")
        return data


@contextmanager
def _unreadable() -> Iterator[None]:
    """What no server can read is not read here either (see `Central`)."""
    names = vars(server.courier)
    names["Transaction"] = _Readable
    try:
        yield
    finally:
        names["Transaction"] = Transaction
