"""The strip tells the truth: how many of what, never just "error"."""

from dataclasses import dataclass
from datetime import UTC, datetime

from crm_desktop.errors import KnownError
from sync.mending import mass_removal
from ui.presenters.last_run import LastRun
from ui.presenters.status import strip

AT = datetime(2026, 11, 19, 7, 41, tzinfo=UTC)


@dataclass
class Status:
    state: str = "offline"
    since: datetime | None = None
    error: KnownError | None = None


def test_before_a_server_is_known() -> None:
    said = strip(None, {}, enrolled=False, last=LastRun(AT, True))
    assert said.connection.key == "frame.not_connected"
    assert not said.online
    assert not said.last


def test_offline_says_since_when_and_that_work_waits() -> None:
    said = strip(Status("offline", AT), {"outbox": 4}, enrolled=True, last=LastRun(AT, True))
    assert (said.connection.key, said.connection.values) == ("strip.offline_since", {"when": AT})
    assert (said.waiting.key, said.waiting.values, said.pending) == ("strip.wait", {"count": 4}, True)
    assert said.last.key == "strip.last_sync_verified"


def test_bytes_of_files_wait_too() -> None:
    said = strip(Status("online"), {"outbox": 1, "files_waiting": 2}, enrolled=True, last=None)
    assert (said.waiting.values, said.pending) == ({"count": 3}, True)


def test_contents_not_verified_are_not_called_so() -> None:
    for verified in (None, False):
        said = strip(Status("online", AT), {}, enrolled=True, last=LastRun(AT, verified))
        assert said.last.key == "strip.last_sync"


def test_refusals_and_decisions_are_counted_apart() -> None:
    said = strip(Status("online"), {"quarantine": 1, "conflicts": 2}, enrolled=True, last=None)
    assert said.refused.values == {"count": 1}
    assert said.decisions.values == {"count": 2}
    assert said.last.key == "strip.never_synced"
    assert said.online


def test_nothing_waits() -> None:
    said = strip(Status("syncing"), {}, enrolled=True, last=None)
    assert said.waiting.key == "strip.nothing_waits"
    assert said.online
    assert not said.refused


def test_a_copy_still_being_filled_is_called_incomplete() -> None:
    said = strip(Status("syncing"), {"to_come": 1200}, enrolled=True, last=None)
    assert (said.last.key, said.last.values) == ("strip.to_come", {"count": 1200})


def test_a_question_of_the_sync_is_not_hidden_behind_being_online() -> None:
    asked = strip(Status("online", AT, mass_removal(80)), {}, enrolled=True, last=LastRun(AT, True))
    assert (asked.connection.key, asked.online) == ("strip.asked", True)
    other = strip(Status("online", AT, KnownError("server_disk", "", "")), {}, enrolled=True, last=LastRun(AT, True))
    assert other.connection.key == "strip.online"
