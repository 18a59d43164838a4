"""Background work as presenters see it: two verbs, results on the caller's thread."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from crm_desktop.errors import CrmError

T = TypeVar("T")


class Progress(Protocol):
    """Told by long work; answers False when the user cancelled."""

    def __call__(self, done: int, total: int) -> bool: ...


class Tasks(Protocol):
    """Runs store reads and writes off the main thread; `done` and `failed` come back on it.

    A read with a `key` drops the results of earlier reads with the same key (stale results never arrive).
    """

    def read(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        key: str = "",
    ) -> None:
        """Beside other reads and writes. Without `failed` an error is shown above the page."""
        ...

    def write(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any] | None = None,
        failed: Callable[[CrmError], Any] | None = None,
    ) -> None:
        """Behind the writes before it, in their order. Without `failed` an error is shown above the page."""
        ...

    def long(
        self,
        label: str,
        work: Callable[[Progress], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        kilobytes: bool = False,
    ) -> None:
        """Work over half a second: shown with a bar and a stop button; `kilobytes`: what its progress counts."""
        ...
