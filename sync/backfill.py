"""The lane of granted records: fetched in steps between the pulls, so that what is live never waits. Sans-I/O."""

from collections.abc import Generator
from typing import Any, Protocol, runtime_checkable

from crm_desktop.errors import SessionError
from sync.mending import Ask
from sync.ports import Body
from sync.protocol.messages import Code


class Backfill(Protocol):
    """The store as far as this lane goes."""

    def after(self) -> int | None:
        """Grants up to this commit are here; None: they come in the live lane."""
        ...

    def begin(self) -> None:
        """Everything up to the cursor is here: what grants make visible later comes in this lane."""
        ...

    def apply(self, page: dict[str, Any]) -> int:
        """Put granted rows in; returns how many."""
        ...


@runtime_checkable
class Fillable(Protocol):
    """A store with such a lane."""

    @property
    def backfill(self) -> Backfill:
        """Where this lane is kept."""
        ...


def step(backfill: Backfill, position: Body) -> Generator[Ask, Body, int | None]:
    """One step of the lane; returns its rows. None: the server has no time for it now, it goes on with a later pull."""
    try:
        page = yield Ask("backfill", position | {"after": backfill.after() or 0})
        return backfill.apply(page)
    except SessionError as error:
        if error.code == Code.RETRY:
            return None
        raise
