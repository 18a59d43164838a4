"""'Pack now': synchronise and fetch the missing files before the trip, with progress and a stop."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_desktop.errors import SessionError
from crm_desktop.store.file_views import FileView
from ui.compose import App
from ui.presenters.tasks import Progress

_LOOK_EVERY_S = 0.2
PATIENCE_S = 5.0
"""So long nothing comes and no line is there until that is believed; an attempt that fails again does not count."""
_AWAY = ("offline", "stopped", "refused")


@dataclass(frozen=True, slots=True)
class Packed:
    """What came of it: files that are here now, files still missing, and whether these wait for a network.

    Where it was stopped nothing waits: what is missing stays on the server.
    """

    here: int
    missing: int
    waits: bool


def pack(app: App, files: Sequence[FileView], progress: Progress) -> Packed:
    """Fetch these files before all others and synchronise. Ends when all is here, without a network, or by a stop.

    Without a network what was asked for stays wanted: it comes with the next one by itself. A stop ends the fetching
    too. KnownError not_enrolled.
    """
    for file in files:
        app.attachments.fetch(file.id)
    if app.runner is None:
        report = app.sync_once()
        if report.error is not None and not isinstance(report.error, SessionError):
            raise report.error
        return _result(app, files, waits=report.error is not None)
    return _watched(app, files, progress)


def _watched(app: App, files: Sequence[FileView], progress: Progress) -> Packed:
    runner = app.runner
    assert runner is not None
    before: datetime | None = runner.status().last_success_at
    total = max(1, sum(file.size for file in files))
    runner.sync_now()
    pause, came, lively = threading.Event(), 0, time.monotonic()
    while True:
        status = runner.status()
        moved, missing = _moved(app, files)
        synced = status.last_success_at is not None and status.last_success_at != before
        if synced and not missing:
            return Packed(len(files), 0, waits=False)
        if moved > came or status.state == "online":
            came, lively = max(came, moved), time.monotonic()
        if status.state in _AWAY and time.monotonic() - lively > PATIENCE_S:
            return _result(app, files, waits=True)
        if not progress(min(moved, total - 1), total):
            for file in files:
                app.attachments.leave(file.id)
            return _result(app, files, waits=False)
        pause.wait(_LOOK_EVERY_S)


def _moved(app: App, files: Sequence[FileView]) -> tuple[int, int]:
    """Bytes that are here, and how many files are not yet."""
    now = [app.attachments.get(file.id) for file in files]
    return sum(file.size if file.readable else file.sent for file in now), sum(not file.readable for file in now)


def _result(app: App, files: Sequence[FileView], *, waits: bool) -> Packed:
    missing = _moved(app, files)[1]
    return Packed(len(files) - missing, missing, waits=waits)
