"""A transport that sends the bytes of files before the records that name them.

A server that keeps no files gets the records all the same: it says which of them it cannot take, and the rest of what
waits goes on. A copy of a record is another thing: with it the bytes leave this laptop.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crm_desktop.errors import SessionError
from sync.files import FileMover, named
from sync.ports import Body, Traffic, Transport
from sync.protocol.messages import Code


class BytesFirst:
    """A transport whose pushes never name bytes the server has not got (they may be missing after its restore).

    `mover` makes what moves files; it is asked for when a push carries a file's record. `now` is the time in wire form:
    the bytes may take minutes, and a push tells the time of its sending.
    """

    def __init__(self, transport: Transport, mover: Callable[[], FileMover], now: Callable[[], str]) -> None:
        self._transport = transport
        self._mover = mover
        self._now = now

    def identify(self, device_id: str) -> None:
        """Name this device in later requests."""
        self._transport.identify(device_id)

    def hello(self, body: Mapping[str, Any]) -> Body:
        """Exchange positions."""
        return self._transport.hello(body)

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> Body:
        """Send the bytes that are named, then the transactions."""
        txns = [txn for txn in body["txns"] if named(txn)]
        if not txns:
            return self._transport.push(body, before_send)
        mover = self._mover()
        mover.ensure(txns)
        answer = self._transport.push({**body, "clock": self._now()}, before_send)
        mover.told(txns, answer.get("results", ()))
        return answer

    def pull(self, body: Mapping[str, Any]) -> Body:
        """Ask for the next page."""
        return self._transport.pull(body)

    def ask(self, call: str, body: Mapping[str, Any]) -> Body:
        """A call beside push and pull; bytes go before the copies of records that name them."""
        copied = [row["row"]["sha256"] for row in body["rows"] if row["e"] == "attachment"] if call == "copies" else []
        if copied and not self._mover().ensure_bytes(copied):
            raise SessionError(Code.NO_FILES, "This server keeps no files.", "Ask your administrator.")
        return self._transport.ask(call, body)

    def break_line(self) -> None:
        """Give up the connection."""
        self._transport.break_line()

    def snapshot(self, body: Mapping[str, Any]) -> Body:
        """The manifest of prepared parts."""
        return self._transport.snapshot(body)

    def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None:
        """The bytes of a prepared part."""
        self._transport.get_part(snapshot_id, number, size, data)

    def traffic(self) -> Traffic:
        """Counters since the start."""
        return self._transport.traffic()

    def close(self) -> None:
        """End a request under way at once."""
        self._transport.close()
