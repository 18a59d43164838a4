"""The sockets under the transport: counted, and within reach of a deadline whatever thread waits in them."""

import http.client
import io
import socket
import threading
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection

from crm_desktop.failpoints import failpoint


class Wire:
    """What the connections of one transport share: counters and the sockets that `shut` ends."""

    def __init__(self) -> None:
        self.bytes_out = 0
        self.bytes_in = 0
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self.closed = False
        self.overdue = False
        self.before_send: Callable[[], None] | None = None

    def leaving(self) -> None:
        """The connection stands and a byte of the request is about to leave: do what has to be done before."""
        act, self.before_send = self.before_send, None
        if act is not None:
            act()

    def opened(self, sock: socket.socket) -> socket.socket:
        """Keep a duplicate handle: it still reaches the connection after TLS has taken the socket over."""
        twin = sock.dup()
        with self._lock:
            self._sockets.add(twin)
            closed = self.closed
        if closed:
            self.shut()
        return twin

    def done(self, twin: socket.socket) -> None:
        """The connection of this handle is over."""
        with self._lock:
            self._sockets.discard(twin)
        twin.close()

    def shut(self) -> None:
        """End every connection at once, whatever thread waits in it."""
        with self._lock:
            for twin in self._sockets:
                try:
                    twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # already gone


def watched(base: type[HTTPConnection], wire: Wire) -> type[HTTPConnection]:
    """A connection class whose socket the deadline reaches and whose bytes are counted."""

    class Incoming(io.RawIOBase):
        """Reads the socket until the deadline. Shutting the socket down alone is not enough: what a trickling
        server still sends would go on arriving."""

        def __init__(self, raw: io.RawIOBase) -> None:
            self._raw = raw

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int | None:
            if wire.overdue or wire.closed:
                raise TimeoutError("the request took too long")
            count: int | None = self._raw.readinto(buffer)
            wire.bytes_in += count or 0
            return count

        def close(self) -> None:
            self._raw.close()
            super().close()

    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(Incoming(sock.makefile("rb", buffering=0)), 65536)

    class Connection(base):  # type: ignore[misc, valid-type]
        response_class = Response
        _twin: socket.socket | None = None
        _connecting = False

        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn()
            self._twin = wire.opened(sock)
            return sock

        def connect(self) -> None:
            self._connecting = True  # what is said to a proxy on the way is not yet the request
            try:
                super().connect()
            finally:
                self._connecting = False

        def send(self, data: Any) -> None:
            if not self._connecting:
                if self.sock is None:
                    self.connect()
                wire.leaving()
            wire.bytes_out += len(data) if isinstance(data, (bytes, bytearray)) else 0
            failpoint("C3")  # head and body are sent one after the other
            super().send(data)

        def close(self) -> None:
            super().close()
            twin, self._twin = self._twin, None
            if twin is not None:
                wire.done(twin)

    return Connection
