"""Wakes waiting pulls: after a commit of this process at once, after one of another process shortly."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from server.storage.database import CHANNEL
from server.storage.engine import is_sqlite, psycopg_address
from server.storage.storage import Storage

# A line that is dead without a word is noticed after half a minute; who waits looks again by itself all the same.
_KEEPALIVE: dict[str, Any] = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
_LOG = logging.getLogger("crm.server")


class Notifier:
    """Lives in the server's event loop; `notify` may be called from any thread."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._waiters: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; must be called in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._storage.on_commit(self.notify)
        listen = self._watch_file if is_sqlite(self._storage.engine) else self._listen
        self._task = asyncio.create_task(listen())

    async def stop(self) -> None:
        """Stop listening and let every waiting pull answer."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._wake()

    @contextmanager
    def waiter(self) -> Iterator[asyncio.Event]:
        """An event that is set by every commit from now on. Taken before the newest commit is read."""
        event = asyncio.Event()
        self._waiters.add(event)
        try:
            yield event
        finally:
            self._waiters.discard(event)

    def notify(self) -> None:
        """Something was committed."""
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # the loop may end between the check and the call
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._waiters:
            event.set()

    async def _watch_file(self) -> None:
        """Another process (an import) may write the same file: SQLite counts foreign commits for us."""
        connection: Any = self._storage.engine.raw_connection()
        try:
            before = None
            while True:
                now = connection.cursor().execute("PRAGMA data_version").fetchone()[0]
                if before is not None and now != before:
                    self._wake()
                before = now
                await asyncio.sleep(self._storage.settings.poll_other_process_s)
        finally:
            connection.close()

    async def _listen(self) -> None:
        """One LISTEN connection per process; after a broken one everybody looks again."""
        address = psycopg_address(self._storage.engine.url.render_as_string(hide_password=False))
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True, **_KEEPALIVE) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake()
                    async for _ in connection.notifies():
                        self._wake()
            except psycopg.Error:
                _LOG.warning("lost the connection that listens for commits; connecting again")
                await asyncio.sleep(1.0)
