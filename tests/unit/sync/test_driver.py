"""A session carried out on a scripted line: what the driver adds to the engine."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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

    def now(self) -> datetime:
        return self.time

    def identify(self, device_id: str) -> None: ...

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return hello() | {"limits": Limits(push_ops=1).model_dump()}

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> dict[str, Any]:
        before_send()
        self.pushed.append(body)
        self.time += timedelta(minutes=10)
        return accept(Push(dict(body), before_send))

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return page(1)

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
