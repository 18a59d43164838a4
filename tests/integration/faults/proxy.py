"""A TCP proxy that hurts the line: cuts after a byte, resets, goes silent, delays, throttles. One thread, asyncio."""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down"]
How = Literal["reset", "close", "silent"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Cut when `after` bytes have gone in `direction`: 'up' is from client to server.

    reset: RST to both sides (SO_LINGER 0); close: FIN to both; silent: the connection stays, nothing passes any more.
    `stays_down`: later connections are reset until `heal`; else the next connection works.
    """

    direction: Direction
    after: int
    how: How = "reset"
    stays_down: bool = True


class Proxy:
    """Listens on a port of its own and passes everything to `target`, until told to hurt."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.delay_s = 0.0
        self.piece = 65536  # bytes passed on at once; small with a delay is a poor line
        self.passed: dict[Direction, int] = {"up": 0, "down": 0}
        self.fired = False
        self._fault: Fault | None = None
        self._down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def arm(self, fault: Fault | None = None) -> None:
        """Count from 0 and do this fault once."""
        self.passed = {"up": 0, "down": 0}
        self.fired = self._down = False
        self._fault = fault

    def heal(self) -> None:
        """A good line again; connections that went silent end."""
        self._fault, self._down = None, False
        self.delay_s, self.piece = 0.0, 65536

        async def end_all() -> None:
            for writer in list(self._writers):
                writer.transport.abort()

        asyncio.run_coroutine_threadsafe(end_all(), self._loop).result()

    def close(self) -> None:
        """Stop listening and end the thread."""
        self.heal()

        async def end() -> None:
            self._server.close()
            # Their sockets are gone: they end by themselves. (Cancelled ones would be reported as errors.)
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        behind: asyncio.StreamWriter | None = None
        try:
            if self._down:
                _reset(writer)
                return
            answers, behind = await asyncio.open_connection(*self.target)
            self._writers.add(behind)
            pair = (writer, behind)
            pumps = (self._pump("up", reader, behind, pair), self._pump("down", answers, writer, pair))
            await asyncio.gather(*pumps)
        except OSError:
            _reset(writer)
        finally:
            for side in (writer, behind):
                if side is not None:
                    side.close()
                    self._writers.discard(side)

    async def _pump(
        self,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        try:
            while data := await reader.read(self.piece):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                fault = self._fault
                room = len(data)
                if fault is not None and fault.direction == direction and not self.fired:
                    room = min(room, fault.after - self.passed[direction])
                if fault is not None and fault.how == "silent" and self.fired:
                    continue
                self.passed[direction] += room
                if room:
                    writer.write(data[:room])
                    await writer.drain()
                if room < len(data) and fault is not None:
                    self.fired, self._down = True, fault.stays_down
                    if fault.how != "silent":
                        for side in pair:
                            _reset(side) if fault.how == "reset" else side.close()
                        return
            if self._fault is None or self._fault.how != "silent" or not self.fired:
                writer.close()
        except OSError:
            for side in pair:
                side.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST: what the other side has not read yet is lost with it."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is not None and not writer.transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
