"""Removes the bytes nobody refers to, once a day while the server runs."""

import asyncio
import contextlib
import logging
from functools import partial

import anyio.to_thread
from anyio import CapacityLimiter

from server.storage.database import Busy
from server.storage.storage import Storage

_LOG = logging.getLogger("crm.server")


class FileSweeper:
    """One task of the event loop; the work itself runs in a thread."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._task: asyncio.Task[None] | None = None

    def start(self, limiter: CapacityLimiter) -> None:
        """Begin; the first round comes after a day, because a server that starts has other things to do."""
        self._task = asyncio.create_task(self._run(limiter))

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, limiter: CapacityLimiter) -> None:
        settings = self._storage.settings
        sweep = partial(self._storage.blobs.sweep, self._storage.plain_write, settings.sweep_files_days)
        while True:
            await asyncio.sleep(settings.sweep_files_every_s)
            try:
                removed = await anyio.to_thread.run_sync(sweep, limiter=limiter)
                _LOG.info("bytes of files nobody refers to: %d removed", removed)
            except (Busy, OSError) as error:
                _LOG.warning("bytes of files nobody refers to stay until tomorrow: %s", type(error).__name__)
