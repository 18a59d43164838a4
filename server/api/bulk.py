"""The lane of what can wait: whole copies, grants, repairs. A storm of them leaves the live calls their threads."""

import random
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from server.api.errors import ApiError
from server.settings import Settings
from sync.protocol import Code

_T = TypeVar("_T")


class Bulk:
    """A few threads and a short queue; who comes after that is told to come again, each at another moment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter: CapacityLimiter | None = None

    async def run(self, call: Callable[[], _T]) -> _T:
        """The call in a thread of this lane. ApiError 503 with `Retry-After` where too many wait already."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._settings.bulk_threads)  # belongs to the loop it is made in
        if self._limiter.statistics().tasks_waiting >= self._settings.bulk_waiting:
            raise ApiError(
                503,
                Code.RETRY,
                "Many laptops fetch much at this moment.",
                "The program goes on by itself.",
                after_s=random.randint(2, self._settings.bulk_retry_s),  # not all at once again
            )
        return await anyio.to_thread.run_sync(call, limiter=self._limiter)
