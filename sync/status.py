"""What the status strip, the tray and the command line may say of synchronising."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm_desktop.errors import KnownError

State = Literal["offline", "online", "syncing", "stopped", "refused"]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the status strip may say. `waiting`, `refused` and `conflicts` are counts; `verified` is the digest's
    verdict of the last complete pull; `sent` (transactions) and `received` (rows) count since the start."""

    state: State = "offline"
    since: datetime | None = None
    last_success_at: datetime | None = None
    waiting: int = 0
    refused: int = 0
    conflicts: int = 0
    verified: bool | None = None
    error: KnownError | None = None
    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for the server and for a person."""

    waiting: int = 0
    refused: int = 0
    conflicts: int = 0
