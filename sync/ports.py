"""What the engine needs from the store and from the network. Both are met by structure, not by inheritance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crm_desktop.model.operations import Transaction
from sync.store_ports import Backfill, FirstFill, Mending

Body = dict[str, Any]

# Codes of a SessionError that mean: no answer from the server, the same as no network for what waits.
UNREACHED = frozenset({"offline", "proxy_unreachable", "proxy_refused", "certificate_untrusted", "ca_file_unreadable"})


class SyncState(Protocol):
    """Where this device stands. `client_seq` and `txn_id` name its newest transaction, sent or not."""

    @property
    def epoch(self) -> str:
        """The history of the server this copy belongs to; empty before the first hello."""
        ...

    @property
    def cursor_seq(self) -> int:
        """The commit up to which everything is here; 0 before the first page."""
        ...

    @property
    def cursor_commit(self) -> str:
        """Id of that commit: proof that it is the same history."""
        ...

    @property
    def device_id(self) -> str:
        """This device; the server knows it by its token too."""
        ...

    @property
    def user_id(self) -> str:
        """Whose device it is."""
        ...

    @property
    def client_seq(self) -> int:
        """Number of the newest transaction; 0 before the first."""
        ...

    @property
    def txn_id(self) -> str:
        """Its id: tells a device from a copy of it that counted on by itself."""
        ...

    @property
    def confirmed(self) -> int:
        """Number of the newest transaction the server has answered in its present history; 0: none."""
        ...

    @property
    def schema_ver(self) -> int:
        """The schema of the database here; the server refuses to send pages to one that is too old."""
        ...


class PageApplied(Protocol):
    """What one page did. `applied` is False when the cursor it was asked with no longer fits.

    `digest_ok` is None where the page carried no digest. `differed` names (entity, id) what a repair found wrong.
    """

    @property
    def applied(self) -> bool:
        """Whether the page is in."""
        ...

    @property
    def rows(self) -> int:
        """Records written."""
        ...

    @property
    def evicted(self) -> int:
        """Records that left the scopes of this device; they live on elsewhere."""
        ...

    @property
    def deleted(self) -> int:
        """Records deleted."""
        ...

    @property
    def digest_ok(self) -> bool | None:
        """Whether the sums of this copy are those of the server."""
        ...

    @property
    def differed(self) -> Sequence[tuple[str, str]]:
        """The records a repair found different, as (entity, id)."""
        ...


class SyncStore(Protocol):
    """The local store as the engine sees it. Every method is one durable step and may be called by any thread."""

    @property
    def first_fill(self) -> FirstFill:
        """Where a first filling by parts is kept."""
        ...

    @property
    def backfill(self) -> Backfill:
        """Where the lane of granted records is kept."""
        ...

    @property
    def mending(self) -> Mending:
        """What finds and mends differences."""
        ...

    def sync_state(self) -> SyncState:
        """Position, identity and versions."""
        ...

    def pending(self, max_ops: int) -> list[Transaction]:
        """Unacknowledged transactions in the order of client_seq, at most `max_ops` operations but at least one.

        What is handed out stays as it is until `mark_attempted` or `release`.
        """
        ...

    def mark_attempted(self, client_seqs: Sequence[int]) -> None:
        """Commit that these are about to be sent; from now on they are immutable. What else was handed out is free."""
        ...

    def release(self) -> None:
        """What was handed out and not sent may be changed again."""
        ...

    def record_results(self, results: Sequence[dict[str, Any]]) -> None:
        """Keep the outcomes; a transaction stays in the replay until the cursor covers its commit."""
        ...

    def apply_page(self, page: Body) -> PageApplied:
        """Rows, replay and cursor in one transaction."""
        ...

    def quarantine_locally(self, client_seq: int, code: str, message: str) -> None:
        """Set a transaction aside that the server cannot read; its place is sent as `void`."""
        ...

    def adopt_device(self, device_id: str) -> None:
        """Another device has our identity: take a new one and number what waits afresh."""
        ...

    def adopt_epoch(self, epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        """The server's history is another one: ask for everything again and send the retained log again.

        `last_client_seq` and `last_txn_id` are what the server still knows of this device, as told by hello.
        """
        ...

    def begin_repair(self) -> bool:
        """This copy differs from the server's: forget the cursor, keep the outbox, read all again.

        What the pages until the end do not name is removed. False where that was tried lately and did not help.
        """
        ...

    def adopt_server(self, scopes: list[str], limits: Mapping[str, Any]) -> None:
        """Keep what the server said of scopes and limits."""
        ...

    def log_session(self, report: dict[str, Any]) -> None:
        """Append one row to the sync history."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes on the wire (headers and bodies, without TLS) and requests so far."""

    bytes_out: int = 0
    bytes_in: int = 0
    requests: int = 0

    def since(self, start: "Traffic") -> "Traffic":
        """What was added after `start`."""
        return Traffic(self.bytes_out - start.bytes_out, self.bytes_in - start.bytes_in, self.requests - start.requests)


class Transport(Protocol):
    """The server as seen from here. Every call either returns its JSON answer or raises SessionError.

    A refusal carries the server's code and its `details` in `values`; no honest answer at all has code 'offline'.
    """

    def identify(self, device_id: str) -> None:
        """Name this device in later requests."""
        ...

    def hello(self, body: Mapping[str, Any]) -> Body:
        """Exchange positions."""
        ...

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> Body:
        """Send transactions; `before_send` is called when the connection stands, before the first byte leaves.

        Where no connection can be made it is not called. What it raises ends the request with nothing sent.
        """
        ...

    def pull(self, body: Mapping[str, Any]) -> Body:
        """Ask for the next page; `wait` in the body is the long poll in seconds."""
        ...

    def ask(self, call: str, body: Mapping[str, Any]) -> Body:
        """POST to /sync/v1/`call`: repairs, copies and the lane of grants hang on it."""
        ...

    def snapshot(self, body: Mapping[str, Any]) -> Body:
        """The manifest of prepared parts; not_found where the server prepares none."""
        ...

    def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None:
        """Add the bytes of a part behind those that `data` holds already, as they come."""
        ...

    def traffic(self) -> Traffic:
        """Counters since the start."""
        ...

    def close(self) -> None:
        """End a request under way at once, from any thread; no further request is made."""
        ...

    def break_line(self) -> None:
        """Give up the connection, from any thread; the request under way and later ones make another."""
        ...
