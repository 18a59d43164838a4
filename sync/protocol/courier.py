"""A round of the sync as two files: what a laptop would push and ask, and what the server answers.

Both are sealed (crm_desktop/sealed.py) with a header of the kind and the device alone. The body is zstd of JSON; behind
it the bytes of attached files follow as they are, in the order in which the message lists them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import orjson
import zstandard
from pydantic import BaseModel

from sync.protocol.messages import Cursor, TxnResult

OUT: Literal["crm-outbox"] = "crm-outbox"
BACK: Literal["crm-answer"] = "crm-answer"
FILES_BYTES = 128 * 1024 * 1024  # of attached files in one courier file: it is sealed in memory as a whole
LINE_BYTES = 2 * 1024 * 1024  # the same where a colleague's connection carries it
UNASKED_BYTES = 2 * 1024 * 1024  # a larger attached file comes when somebody wants it
_MOST = 1024 * 1024 * 1024  # bytes of a message when unpacked


class CarriedFile(BaseModel):
    """Bytes of an attached file that follow the message."""

    sha256: str
    size: int

    def is_of(self, data: bytes) -> bool:
        """Whether these are the bytes: all of them, and unharmed."""
        return len(data) == self.size and hashlib.sha256(data).hexdigest() == self.sha256


class CourierRequest(BaseModel):
    """Everything unacknowledged, and where the laptop stands. `txns` are read one by one: one may be malformed.

    `confirmed` is the highest number the server has answered, as hello is told it.
    `have` are contents the laptop holds, `want` those it misses, in the order of its wishes. Grants up to commit
    `granted_to` are there; None: what was granted comes with the pages.
    """

    schema_ver: int
    epoch: str
    cursor: Cursor
    client_seq: int
    txn_id: str
    txns: list[dict[str, Any]]
    files: list[CarriedFile] = []
    have: list[str] = []
    want: list[str] = []
    granted_to: int | None = None
    confirmed: int = 0


class Refusal(BaseModel):
    """Why the server stopped: a code of the protocol with its details."""

    code: str
    message: str
    advice: str = ""
    details: dict[str, Any] = {}


class CourierAnswer(BaseModel):
    """Outcomes of what was pushed, then the pages from the laptop's cursor on.

    `refused` stops the push, never the pages. `epoch`, `last_client_seq` and `last_txn_id` are what hello tells;
    `asked_epoch` is that of the request (empty from a server that does not tell it).
    `taken` are contents of the request that the server keeps now; `left` counts the wanted files that did not fit.
    Where a grant waits at the end of the pages, `granted` are its steps and `closing` the page behind them.
    `standing` are records that the pages take away and that the user may see all the same, as the call of that name
    tells over the network; None: nobody looked.
    """

    epoch: str
    last_client_seq: int
    last_txn_id: str
    asked_epoch: str = ""
    results: list[TxnResult] = []
    refused: Refusal | None = None
    pages: list[dict[str, Any]] = []
    files: list[CarriedFile] = []
    taken: list[str] = []
    left: int = 0
    granted_to: int | None = None
    granted: list[dict[str, Any]] = []
    closing: dict[str, Any] | None = None
    standing: list[tuple[str, str]] | None = None


def pack(message: BaseModel, contents: Iterable[bytes] = ()) -> bytes:
    """The body of a courier file: the message, then the bytes of its `files`."""
    told = zstandard.ZstdCompressor(level=3).compress(orjson.dumps(message.model_dump(mode="json")))
    return b"".join([told, *contents])


def unpack(body: bytes) -> tuple[Any, bytes]:
    """(the message as JSON, the bytes behind it). ValueError where the body is something else."""
    try:
        size = zstandard.frame_content_size(body)
        if not 0 <= size <= _MOST:
            raise ValueError("size")
        reader = zstandard.ZstdDecompressor().decompressobj()
        told = orjson.loads(reader.decompress(body))
    except zstandard.ZstdError as error:
        raise ValueError("no message") from error
    return told, reader.unused_data


def contents(files: Sequence[CarriedFile], data: bytes) -> Iterator[tuple[CarriedFile, bytes]]:
    """Each file with its bytes; whether they are the right ones is `CarriedFile.is_of`."""
    at = 0
    for file in files:
        size = max(0, file.size)
        yield file, data[at : at + size]
        at += size
