"""The line of one laptop for bytes: files in pieces and prepared parts, lost, cut and changed on their way.

The calls behind it are those of the server without HTTP.
"""

from collections.abc import Callable
from typing import Any

import orjson
import zstandard

from crm_desktop.errors import SessionError
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.model.wire import from_columns
from server.api.blob_calls import _elsewhere, _publish, _standing
from server.api.errors import ApiError, translate
from server.api.requests import Caller
from server.storage.snapshot import SnapshotGone
from sync.first_sync import StartPart
from sync.protocol import Code
from tests.simulation.central import Central
from tests.simulation.chance import Chance, Violation
from tests.simulation.laptop import Laptop
from tests.simulation.net import Net, offline
from tests.simulation.witness import Witness

FAULTS = ("drop", "lose", "cut", "flip")


class Line:
    """Implements `sync.files.BlobTransport` and fetches parts. Its weather is that of the net."""

    def __init__(self, central: Central, net: Net, chance: Chance, witness: Witness, laptop: Laptop) -> None:
        self._central = central
        self._net = net
        self._chance = chance
        self._witness = witness
        self._laptop = laptop

    def of(self, laptop: Laptop) -> "Line":
        """The line of another laptop."""
        return Line(self._central, self._net, self._chance, self._witness, laptop)

    # files

    def put_blob(self, sha256: str, size: int, first: int = 0, data: bytes = b"") -> dict[str, Any]:
        """Ask how far an upload is, or add a piece to it."""
        fault = self._fault()
        if data and fault in ("cut", "flip"):
            data = self._spoilt(data, fault)
        told: dict[str, Any] = self._asked(lambda who: self._put(who, sha256, size, first, data))
        if fault in ("lose", "cut"):
            raise offline("answer lost")
        return told

    def _put(self, who: Caller, sha256: str, size: int, first: int, data: bytes) -> dict[str, Any]:
        storage = self._central.storage
        if not data:
            offset, complete = _standing(storage, self._central.identity, who, sha256)
            if complete or offset < size:
                return {"offset": offset, "complete": complete}
        device = self._central.device(who)
        here = storage.blobs.files.offset(device.device_id, sha256)
        if data and here != first:
            raise _elsewhere(here)
        if data:
            here = storage.blobs.files.append(device.device_id, sha256, data)
        if here < size:
            return {"offset": here, "complete": False}
        _publish(storage, device, sha256)
        return {"offset": size, "complete": True}

    def get_blob(self, sha256: str, first: int, most: int, take: Callable[[bytes], None]) -> None:
        """A range of a content, as far as the line holds."""
        fault = self._fault()
        data = self._asked(lambda who: self._get(who, sha256))[first : first + most]
        if fault == "lose":
            raise offline("answer lost")
        if fault:
            data = self._spoilt(data, fault)
        take(data)
        if fault == "cut":
            raise offline("cut")

    def _get(self, who: Caller, sha256: str) -> bytes:
        storage = self._central.storage
        device = self._central.device(who)
        with storage.read() as connection:
            allowed = storage.blobs.may_read(connection, device.user_id, sha256)
        path = storage.blobs.files.path(sha256)
        if not allowed or not path.is_file():
            raise ApiError(404, Code.NOT_FOUND, "There is no such file.", "")
        return path.read_bytes()

    # prepared parts

    def fetch_part(self, part: StartPart) -> None:
        """The bytes of a part behind those that came before."""
        fault = self._fault()
        whole = self._asked(lambda who: self._part(who, part))
        rest = whole[len(part.data) :]
        if fault == "lose":
            raise offline("answer lost")
        part.data += self._spoilt(rest, fault) if fault else rest
        if fault == "cut":
            raise offline("cut")
        part.arrived()
        if part.content is None:
            self._witness.premises["parts that arrived damaged"] += 1

    def _part(self, who: Caller, part: StartPart) -> bytes:
        device = self._central.device(who)
        try:
            path, _ = self._central.snapshots.part(device, part.snapshot_id, part.number)
        except SnapshotGone as error:
            self._witness.premises["parts that were gone"] += 1
            raise ApiError(404, Code.NOT_FOUND, "There is no such prepared part.", "") from error
        data = path.read_bytes()
        self._check_part(device.user_id, part.snapshot_id, data)
        return data

    def _check_part(self, user_id: str, snapshot_id: str, packed: bytes) -> None:
        """I5: a part holds rows as its reader was to see them at its moment, and nothing else."""
        one = self._central.snapshots._find(snapshot_id)
        assert one is not None
        view = self._witness.view(user_id, one.as_of, one.commit_id)
        if view is None:
            raise Violation("I8", f"a part of a moment {one.as_of} that never was")
        told = orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
        data = told["data"]
        for at, record_id in enumerate(data[0]):
            self._witness.premises["I5 rows told in parts"] += 1
            held = view.get((told["e"], record_id))
            if held is None:
                raise Violation("I5", f"{told['e']} {record_id} was told in a part to {user_id} out of his scope")
            row = from_columns(told["e"], [column[at] for column in data[5:]])
            if held != (data[3][at], row):
                raise Violation("I5", f"{told['e']} {record_id} was not told in a part as it stood")

    # the weather

    def _fault(self) -> str:
        rates = self._net.weather.rates
        if self._chance.extra.random() >= sum(rates.values()):
            return ""
        fault = self._chance.extra.choice(FAULTS)
        if fault == "drop":
            raise offline("dropped")
        return fault

    def _spoilt(self, data: bytes, fault: str) -> bytes:
        """A part of it, or all with one byte changed."""
        at = self._chance.extra.randrange(len(data)) if data else 0
        if fault == "cut":
            return data[:at]
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if data else data

    def _asked(self, call: Callable[[Caller], Any]) -> Any:
        self._laptop.synced()
        device_id = self._laptop.store.sync_state().device_id
        try:
            return call(Caller(self._laptop.token, device_id, SCHEMA_VERSION))
        except ApiError as error:
            told = translate(error).body
            kept = {name: value for name, value in told.details.items() if name not in ("code", "title", "advice")}
            raise SessionError(told.code, told.message, told.advice, **kept) from error
