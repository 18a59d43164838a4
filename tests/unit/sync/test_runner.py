"""When sessions happen: real threads, a scripted server, a clock that jumps."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.errors import SessionError, StoreError
from sync.ports import Traffic
from sync.runner import DEBOUNCE_S, POLL_PAUSE_S, SyncRunner
from sync.status import Counts, SyncStatus
from tests.records_only import RecordsOnly
from tests.unit.sync.scripted_engine import Applied, hello, page, txn
from tests.unit.sync.scripted_engine import Store as ScriptedStore

PATIENCE_S = 20.0


class Store(ScriptedStore):
    """Remembers what the runner tells it of each session; the sums of its server always agree."""

    def __init__(self) -> None:
        super().__init__(apply=lambda page: Applied(rows=len(page["commits"]), digest_ok=True))
        self.logged: list[dict[str, Any]] = []

    def log_session(self, report: dict[str, Any]) -> None:
        self.logged.append(report)


class Network:
    """Both transports of a runner. `down` refuses; polls wait until `news` or the transport is closed."""

    def __init__(self) -> None:
        self.down: SessionError | None = None
        self.news: queue.Queue[int] = queue.Queue()
        self.pulls = 0
        self.hellos = 0
        self.pushed = threading.Event()

    def connect(self) -> "Line":
        return Line(self)


class Line(RecordsOnly):
    """One transport."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._closed = False

    def identify(self, device_id: str) -> None:
        return None

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._network.hellos += 1
        self._refuse()
        return hello()

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> dict[str, Any]:
        self._refuse()
        before_send()
        self._network.pushed.set()
        return {
            "last_client_seq": 1,
            "results": [
                {"client_seq": sent["client_seq"], "txn_id": "", "commit_seq": 1, "ops": []} for sent in body["txns"]
            ],
        }

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._refuse()
        commits = 0
        if body.get("wait"):
            while not self._closed:
                try:
                    commits = self._network.news.get(timeout=0.01)
                    break
                except queue.Empty:
                    continue
            self._refuse()
        else:
            self._network.pulls += 1
        return page(1, commits=commits)

    def traffic(self) -> Traffic:
        return Traffic()

    def close(self) -> None:
        self._closed = True

    def _refuse(self) -> None:
        if self._closed:
            raise SessionError("stopped", "", "")
        if self._network.down is not None:
            raise self._network.down


def woken(condition: threading.Condition) -> None:
    """Wait to be woken; a thread that nobody wakes ends by it, and is not taken for one that was."""
    if not condition.wait(PATIENCE_S):
        raise TimeoutError("nobody woke it")


class JumpingTime:
    """Every bounded wait is over at once; its length is noted and added to the clock."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._elapsed = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def elapsed(self) -> float:
        return self._elapsed

    def rest(self, seconds: float) -> None:
        self._elapsed += seconds

    def jitter(self, most: float) -> float:
        return most

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            woken(condition)
            return
        self.waits.append(seconds)
        self._elapsed += seconds
        condition.wait(0.001)


class Watch:
    """Collects the status and waits for one that fits."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self.seen: list[SyncStatus] = []

    def __call__(self, status: SyncStatus) -> None:
        with self._change:
            self.seen.append(status)
            self._change.notify_all()

    def until(self, fits: Callable[[SyncStatus], bool]) -> SyncStatus:
        with self._change:
            assert self._change.wait_for(lambda: any(map(fits, self.seen)), PATIENCE_S), self.seen[-3:]
            return next(status for status in self.seen if fits(status))


@contextmanager
def running(
    store: Store, network: Network, timing: JumpingTime, counts: Callable[[], Counts] | None = None
) -> Iterator[tuple[SyncRunner, Watch]]:
    watch = Watch()
    counted = counts or (lambda: Counts(waiting=len(store.waiting)))
    runner = SyncRunner(store, network.connect, counted, watch, timing)
    runner.start()
    try:
        yield runner, watch
    finally:
        runner.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sync")]
    assert watch.seen[-1].state == "stopped"


def test_online_is_the_servers_answer_and_polls_bring_news() -> None:
    store, network = Store(), Network()
    with running(store, network, JumpingTime()) as (_, watch):
        online = watch.until(lambda status: status.state == "online")
        assert (online.verified, online.error) == (True, None)
        assert online.last_success_at is not None
        network.news.put(3)
        assert watch.until(lambda status: status.received == 3).state == "online"
    assert network.hellos == 0
    assert [entry["pulled"] for entry in store.logged] == [3]


def test_a_difference_the_poll_finds_is_mended_though_nobody_writes() -> None:
    class Differing(Store):
        tries: queue.Queue[bool] = queue.Queue()

        def begin_repair(self) -> bool:
            self.tries.put(True)
            return False

    store, network = Differing(), Network()
    with running(store, network, JumpingTime()) as (runner, watch):
        watch.until(lambda status: status.state == "online")
        store.apply = lambda page: Applied(rows=len(page["commits"]), digest_ok=False)
        network.news.put(1)
        assert store.tries.get(timeout=PATIENCE_S)
        for received in (2, 3):
            network.news.put(1)
            watch.until(lambda status, least=received: status.received >= least)  # type: ignore[misc]
        store.waiting.append(txn(1))
        runner.wake()
        watch.until(lambda status: status.sent == 1)
    # Where it does not help, not with every page that comes: the one try more is that of the write.
    assert store.tries.qsize() == 1


def test_a_local_write_is_pushed_while_the_poll_hangs() -> None:
    store, network = Store(), Network()
    with running(store, network, JumpingTime()) as (runner, watch):
        watch.until(lambda status: status.state == "online")
        store.waiting.append(txn(1))
        runner.wake()
        assert network.pushed.wait(PATIENCE_S)
        assert watch.until(lambda status: status.sent == 1).waiting == 0


def test_a_local_write_is_pushed_though_what_arrives_cannot_be_taken() -> None:
    class Choosy(Store):
        def apply_page(self, page: dict[str, Any]) -> Applied:
            raise SessionError("mass_removal", "Very much would go.", "Ask.")

    class Sleeping(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            if seconds == DEBOUNCE_S:
                super().wait(condition, seconds)
            else:  # the back-off never ends by itself
                woken(condition)

    store, network = Choosy(), Network()
    with running(store, network, Sleeping()) as (runner, watch):
        watch.until(lambda status: status.error is not None)
        store.waiting.append(txn(1))
        runner.wake()
        assert network.pushed.wait(PATIENCE_S)
        assert watch.until(lambda status: status.sent == 1).error is not None


@pytest.mark.parametrize(
    "refusal",
    [SessionError("offline", "", ""), SessionError("try_later", "Busy.", "Wait.", after=30)],
    ids=["offline", "asked to wait"],
)
def test_a_local_write_waits_for_the_back_off_of_a_server_that_takes_nothing(refusal: SessionError) -> None:
    store, network = Store(), Network()
    network.down = refusal
    slept = threading.Event()

    class Sleeping(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            if threading.current_thread().name == "sync":
                slept.set()
            woken(condition)

    with running(store, network, Sleeping()) as (runner, watch):
        watch.until(lambda status: status.error is not None)
        assert slept.wait(PATIENCE_S)
        store.waiting.append(txn(1))
        before = network.hellos
        slept.clear()
        runner.wake()
        assert slept.wait(PATIENCE_S)  # looked at the clock, and sleeps again
        assert network.hellos == before
        network.down = None
        runner.sync_now()
        assert network.pushed.wait(PATIENCE_S)


def test_back_off_doubles_to_its_limit_and_says_offline() -> None:
    network, timing = Network(), JumpingTime()
    network.down = SessionError("offline", "", "")
    enough = threading.Event()

    class Noting(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            super().wait(condition, seconds)
            if len(self.waits) >= 14:
                enough.set()

    timing = Noting()
    with running(Store(), network, timing) as (_, watch):
        assert enough.wait(PATIENCE_S)
        network.down = None
        watch.until(lambda status: status.state == "online")
    assert timing.waits[:14] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert "online" not in {status.state for status in watch.seen[:2]}
    assert network.hellos >= 1


@pytest.mark.parametrize(("asked", "waits"), [(30, [30, 30, 30, 30, 30, 32]), (5000, [900, 900])])
def test_a_server_that_asks_for_time_gets_it_within_reason(asked: float, waits: list[float]) -> None:
    network, enough = Network(), threading.Event()
    network.down = SessionError("retry", "Busy.", "Wait.", after=asked)

    class Noting(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            super().wait(condition, seconds)
            if len(self.waits) >= len(waits):
                enough.set()

    timing = Noting()
    with running(Store(), network, timing):
        assert enough.wait(PATIENCE_S)
    assert timing.waits[: len(waits)] == waits


def test_a_server_that_asks_for_time_after_it_took_a_change_gets_it_too() -> None:
    store, network, slept = Store(), Network(), threading.Event()

    class Busy(Line):
        def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
            raise SessionError("retry", "Busy.", "Wait.", after=30)

    class Sleeping(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            if seconds is not None and seconds <= DEBOUNCE_S:
                super().wait(condition, seconds)
                return
            if threading.current_thread().name == "sync":
                slept.set()
            woken(condition)

    network.connect = lambda: Busy(network)  # type: ignore[method-assign]
    store.waiting.append(txn(1))
    with running(store, network, Sleeping()) as (runner, _):
        assert slept.wait(PATIENCE_S)
        assert network.pushed.is_set()
        network.pushed.clear()
        store.waiting.append(txn(2))
        slept.clear()
        runner.wake()
        assert slept.wait(PATIENCE_S)  # looked at the clock, and sleeps again
        assert not network.pushed.is_set()
        runner.sync_now()
        assert network.pushed.wait(PATIENCE_S)


def test_once_a_day_a_session_says_hello() -> None:
    store, network, timing = Store(), Network(), JumpingTime()
    with running(store, network, timing) as (runner, watch):
        watch.until(lambda status: status.state == "online")
        for day, hours in ((0, 23.0), (1, 1.1), (1, 23.0), (2, 1.1)):
            timing.rest(hours * 3600)
            store.waiting.append(txn(1))
            network.pushed.clear()
            runner.wake()
            assert network.pushed.wait(PATIENCE_S)
            assert network.hellos == day


def test_polls_that_bring_nothing_leave_the_server_a_breath() -> None:
    network, paused = Network(), threading.Event()

    class Noting(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            if threading.current_thread().name == "sync-poll" and seconds == POLL_PAUSE_S:
                paused.set()
            super().wait(condition, seconds)

    with running(Store(), network, Noting()) as (_, watch):
        watch.until(lambda status: status.state == "online")
        assert not paused.is_set()
        network.news.put(0)
        assert paused.wait(PATIENCE_S)


def test_a_page_without_sums_leaves_the_word_on_the_copy_as_it_was() -> None:
    store, network = Store(), Network()
    store.apply = lambda page: Applied(rows=len(page["commits"]), digest_ok=None if page["commits"] else True)
    with running(store, network, JumpingTime()) as (_, watch):
        watch.until(lambda status: status.verified is True)
        network.news.put(3)
        assert watch.until(lambda status: status.received == 3).verified is True


def test_what_waits_cannot_be_counted_and_the_sync_goes_on() -> None:
    def counts() -> Counts:
        raise StoreError("disk_full", "The disk is full.", "Free some space.")

    with running(Store(), Network(), JumpingTime(), counts) as (_, watch):
        watch.until(lambda status: status.state == "online")


def test_sync_now_does_not_wait_for_the_back_off() -> None:
    store, network = Store(), Network()
    network.down = SessionError("offline", "", "")

    class Sleeping(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            woken(condition)

    with running(store, network, Sleeping()) as (runner, watch):
        watch.until(lambda status: status.state == "offline" and status.error is not None)
        network.down = None
        runner.sync_now()
        watch.until(lambda status: status.state == "online")


def test_sync_now_begins_the_back_off_anew() -> None:
    network, long_waits, short_again = Network(), threading.Event(), threading.Event()
    network.down = SessionError("offline", "", "")

    class Noting(JumpingTime):
        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            super().wait(condition, seconds)
            if len(self.waits) >= 8:
                long_waits.set()
            if self.waits.count(1) > 1:
                short_again.set()

    with running(Store(), network, Noting()) as (runner, _):
        assert long_waits.wait(PATIENCE_S)
        runner.sync_now()
        assert short_again.wait(PATIENCE_S)


def test_refusal_is_named() -> None:
    network = Network()
    network.down = SessionError("device_revoked", "Shut out.", "Ask.")
    with running(Store(), network, JumpingTime()) as (_, watch):
        status = watch.until(lambda status: status.state == "refused")
    assert status.error is network.down


def test_a_broken_page_is_shown_and_the_runner_goes_on() -> None:
    class Choosy(Store):
        broken = True

        def apply_page(self, page: dict[str, Any]) -> Applied:
            if self.broken:
                raise SessionError("bad_answer", "Unknown answer.", "Update.")
            return super().apply_page(page)

    store = Choosy()
    with running(store, Network(), JumpingTime()) as (runner, watch):
        told = watch.until(lambda status: status.error is not None)
        assert told.error is not None
        assert told.error.code == "bad_answer"
        store.broken = False
        runner.sync_now()
        watch.until(lambda status: status.error is None and status.state == "online")


def test_a_lost_poll_says_offline_and_comes_back() -> None:
    network = Network()
    with running(Store(), network, JumpingTime()) as (_, watch):
        watch.until(lambda status: status.state == "online")
        network.down = SessionError("offline", "", "")
        network.news.put(0)
        watch.until(lambda status: status.state == "offline" and status.error is not None)
        seen = len(watch.seen)
        network.down = None
        watch.until(lambda status: status in watch.seen[seen:] and status.state == "online")


def test_a_save_after_a_rest_goes_at_once_and_a_burst_waits_for_its_end() -> None:
    store, network, timing = Store(), Network(), JumpingTime()
    with running(store, network, timing) as (runner, watch):
        watch.until(lambda status: status.state == "online")
        timing.rest(60.0)
        timing.waits.clear()
        store.waiting.append(txn(1))
        runner.wake()
        watch.until(lambda status: status.sent == 1)
        assert timing.waits == [], "the first save waited for nothing"
        store.waiting.append(txn(1))
        runner.wake()
        watch.until(lambda status: status.sent == 2)
        assert len(timing.waits) == 1
        assert abs(timing.waits[0] - DEBOUNCE_S) < 1e-6


def test_waking_from_sleep_syncs_at_once_over_a_fresh_line(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[str] = []

    class Breakable(Line):
        def break_line(self) -> None:
            broken.append("broken")

    class Cellar(Network):
        def connect(self) -> "Line":
            return Breakable(self)

    class Night(JumpingTime):
        asleep_s = 0.0

        def now(self) -> datetime:
            return super().now() + timedelta(seconds=self.asleep_s)

        def wait(self, condition: threading.Condition, seconds: float | None) -> None:
            woken(condition)

    monkeypatch.setattr("sync.runner.LOOK_EVERY_S", 0.01)
    network, night = Cellar(), Night()
    network.down = SessionError("offline", "", "")
    with running(Store(), network, night) as (_, watch):
        watch.until(lambda status: status.state == "offline" and status.error is not None)
        network.down = None
        night.asleep_s = 8 * 3600.0
        watch.until(lambda status: status.state == "online")
    assert len(broken) >= 2, "the line of the sync and the line that listens"
