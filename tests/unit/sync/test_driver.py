"""A session carried out on a scripted line: what the driver adds to the engine."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.errors import SessionError, StoreError
from crm_desktop.model.columns import format_instant
from sync.driver import run_session
from sync.effects import Push
from sync.ports import Traffic
from sync.protocol.messages import Limits
from tests.records_only import RecordsOnly
from tests.unit.sync.scripted_engine import Store, accept, hello, page, txn


class Logging(Store):
    """Keeps the history the driver writes."""

    def log_session(self, report: dict[str, Any]) -> None:
        self.calls.append(("logged", report["error_code"]))


class Line(RecordsOnly):
    """A line on which time passes: each push takes ten minutes."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.pushed: list[Mapping[str, Any]] = []
        self.names: list[str] = []
        self.told = hello() | {"limits": Limits(push_ops=1).model_dump()}
        self.refused: SessionError | None = None

    def now(self) -> datetime:
        return self.time

    def identify(self, device_id: str) -> None:
        self.names.append(device_id)

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.told

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> dict[str, Any]:
        before_send()
        self.pushed.append(body)
        self.time += timedelta(minutes=10)
        return accept(Push(dict(body), before_send))

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if self.refused is not None:
            raise self.refused
        return page(1, commits=0)

    def traffic(self) -> Traffic:
        return Traffic()

    def close(self) -> None: ...


def test_each_push_tells_the_time_of_its_sending() -> None:
    """The server takes a clock that is minutes off for a wrong one, and then the newest edit counts no more."""
    line = Line()
    told = format_instant(line.now()), format_instant(line.now() + timedelta(minutes=10))
    report = run_session(Logging([txn(1), txn(2)]), line, now=line.now, full_hello=True)
    assert (report.error, report.pushed) == (None, 2)
    assert tuple(body["clock"] for body in line.pushed) == told


def test_requests_after_a_hello_bear_the_name_it_gave() -> None:
    line, store = Line(), Logging([txn(1)])
    line.told = hello("new_device_id")
    run_session(store, line, now=line.now, full_hello=True)
    assert line.names == ["d1", store.state.device_id]
    assert line.names[0] != line.names[1]


@pytest.mark.parametrize(
    ("refused", "logged"), [(None, []), ("offline", []), ("server_error", ["server_error"]), ("retry", ["retry"])]
)
def test_of_sessions_that_moved_nothing_the_history_keeps_what_the_server_refused(
    refused: str | None, logged: list[str]
) -> None:
    line, store = Line(), Logging()
    line.refused = SessionError(refused, refused, "") if refused else None
    run_session(store, line, now=line.now, log_idle=False)
    assert [call[1] for call in store.calls if call[0] == "logged"] == logged


def test_a_history_that_cannot_be_written_ends_no_session() -> None:
    class Full(Store):
        def log_session(self, report: dict[str, Any]) -> None:
            raise StoreError("disk_full", "The disk is full.", "Free some space.")

    line = Line()
    report = run_session(Full([txn(1)]), line, now=line.now)
    assert (report.error, report.pushed) == (None, 1)
