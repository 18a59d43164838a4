"""What the status strip says: the truth from the sync runner and the counts of the store, as messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crm_desktop.errors import KnownError
from ui.presenters.last_run import LastRun
from ui.presenters.sync_history import REMOVAL


class StatusLike(Protocol):
    """What is needed of the runner's status."""

    @property
    def state(self) -> str:
        """As `sync.status.State` names it."""
        ...

    @property
    def since(self) -> datetime | None:
        """Since when, UTC."""
        ...

    @property
    def error(self) -> KnownError | None:
        """Why the last run ended early."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message key with its values; an instant among them is put in words by the view."""

    key: str
    values: Mapping[str, Any]

    def __bool__(self) -> bool:
        return bool(self.key)


NOTHING = Said("", {})


@dataclass(frozen=True, slots=True)
class Strip:
    """The five parts of the strip."""

    connection: Said
    online: bool
    waiting: Said
    pending: bool
    last: Said
    refused: Said
    decisions: Said


def all_waiting(counts: Mapping[str, int]) -> int:
    """What waits to be sent: actions, and bytes of files."""
    return counts.get("outbox", 0) + counts.get("files_waiting", 0)


def strip(status: StatusLike | None, counts: Mapping[str, int], enrolled: bool, last: LastRun | None) -> Strip:
    """`status` is None before the runner has started; `last` is None where no run has ever succeeded."""
    waiting = all_waiting(counts)
    refused = counts.get("quarantine", 0)
    decisions = counts.get("conflicts", 0)
    online = status is not None and status.state in ("online", "syncing")
    return Strip(
        connection=_connection(status, enrolled),
        online=online,
        waiting=Said("strip.wait", {"count": waiting}) if waiting else Said("strip.nothing_waits", {}),
        pending=waiting > 0,
        last=_last(last, enrolled, counts.get("to_come", 0)),
        refused=Said("strip.refused", {"count": refused}) if refused else NOTHING,
        decisions=Said("strip.decisions", {"count": decisions}) if decisions else NOTHING,
    )


def _connection(status: StatusLike | None, enrolled: bool) -> Said:
    if not enrolled:
        return Said("frame.not_connected", {})
    if status is None or status.state == "stopped":
        return Said("strip.offline", {})
    if status.state == "syncing":
        return Said("strip.syncing", {})
    if status.state == "online":
        asked = status.error is not None and status.error.code == REMOVAL
        return Said("strip.asked" if asked else "strip.online", {})
    if status.state == "refused":
        return Said("frame.server_refused", {})
    return Said("strip.offline_since", {"when": status.since}) if status.since else Said("strip.offline", {})


def _last(last: LastRun | None, enrolled: bool, to_come: int) -> Said:
    if not enrolled:
        return NOTHING
    if to_come:
        return Said("strip.to_come", {"count": to_come})
    if last is None:
        return Said("strip.never_synced", {})
    return Said("strip.last_sync_verified" if last.verified else "strip.last_sync", {"when": last.at})
