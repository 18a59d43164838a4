"""The lane of granted records: fetched in steps between the pulls, so that what is live never waits. Sans-I/O."""

from collections.abc import Generator

from crm_desktop.errors import SessionError
from sync.mending import Ask
from sync.ports import Body
from sync.protocol.messages import Code
from sync.store_ports import Backfill


def step(backfill: Backfill, position: Body) -> Generator[Ask, Body, int | None]:
    """One step of the lane; returns its rows. None: the server has no time for it now, it goes on with a later pull."""
    try:
        page = yield Ask("backfill", position | {"after": backfill.after() or 0})
        return backfill.apply(page)
    except SessionError as error:
        if error.code == Code.RETRY:
            return None
        raise
