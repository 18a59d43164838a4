"""When a session happens: at the start, after a local write, when the server has news, when the line is back, and
when the machine wakes from sleep.

One thread runs full sessions, another listens by long poll on a connection of its own, so that a push never waits
for the poll; a third looks whether the machine slept. Being online is never guessed: it is the server's own answer.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from crm_desktop.errors import CrmError, KnownError
from sync.driver import run_session
from sync.engine import FATAL
from sync.ports import UNREACHED, SyncStore, Transport
from sync.protocol.messages import Code
from sync.session_report import SessionReport
from sync.sleep_watch import LOOK_EVERY_S, SleepWatch
from sync.status import Counts, State, SyncStatus
from sync.timing import SystemTiming, Timing

_log = logging.getLogger("crm.sync")

DEBOUNCE_S = 0.15  # least pause between sessions: a save after it goes at once, a burst becomes one push
BACKOFF_FIRST_S = 1.0
BACKOFF_MOST_S = 900.0
POLL_S = 25
POLL_PAUSE_S = 1.0  # between polls that a server answers at once without news
HELLO_EVERY_S = 24 * 3600.0
# Refusals that no retry cures; `sync_now` still tries.
REFUSALS = {Code.DEVICE_REVOKED, Code.TOKEN_EXPIRED, Code.UPGRADE_REQUIRED, "other_protocol"}


class SyncRunner:
    """Owns the threads. `wake`, `sync_now`, `status` and `stop` may be called from any thread.

    `counts` is asked after every step for what waits. `on_status` is called from the runner's threads.
    """

    def __init__(
        self,
        store: SyncStore,
        connect: Callable[[], Transport],
        counts: Callable[[], Counts],
        on_status: Callable[[SyncStatus], None],
        timing: Timing | None = None,
    ) -> None:
        self._store = store
        self._connect = connect
        self._counts = counts
        self._on_status = on_status
        self._timing = timing or SystemTiming()
        self._change = threading.Condition()
        self._status = SyncStatus()
        self._wanted = True
        self._at_once = True
        self._stopping = False
        self._ended_for_good = threading.Event()
        self._online = False
        self._failures = 0
        self._still_sends = True  # what failed was the reading alone: what is written here goes out all the same
        self._asked_pause_s = 0.0
        self._last_hello: float | None = None
        self._ended = -DEBOUNCE_S  # when the last full session did
        self._transports: list[Transport] = []
        self._threads: list[threading.Thread] = []

    # the outside

    def start(self) -> None:
        """Begin; the first session runs at once."""
        works = (("sync", self._run), ("sync-poll", self._listen), ("sync-sleep", self._watch_sleep))
        for name, work in works:
            thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """Something was written here: push it soon. While offline the back-off goes on."""
        with self._change:
            self._wanted = True
            self._change.notify_all()

    def sync_now(self) -> None:
        """The user asks: forget the back-off."""
        with self._change:
            self._failures = 0
            self._wanted = self._at_once = True
            self._change.notify_all()

    def woke(self) -> None:
        """The machine slept: connections are dead though nobody said so, and much may have happened meanwhile."""
        with self._change:
            transports = list(self._transports)
        for transport in transports:
            transport.break_line()
        self.sync_now()

    def status(self) -> SyncStatus:
        """What is known now, without asking anybody; any thread may call it."""
        with self._change:
            return self._status

    def refresh(self) -> None:
        """Count again what waits and tell it."""
        self._tell()

    def stop(self) -> None:
        """End both threads promptly: requests under way are cut, nothing is lost."""
        with self._change:
            self._stopping = True
            transports = list(self._transports)
            self._change.notify_all()
        self._ended_for_good.set()
        for transport in transports:
            transport.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=10)
        self._tell(state="stopped")

    # the threads

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # a thread must not die unseen
            _log.exception("sync thread ended by an error of ours")
            self._tell(
                state="refused",
                error=KnownError(
                    "internal", "Synchronising stopped because of an error in the program.", "Restart the program."
                ),
            )

    def _run(self) -> None:
        transport = self._open()
        while self._await_reason():
            self._tell(state="syncing")
            report = self._session(transport)
            self._finish(report)

    def _session(self, transport: Transport) -> SessionReport:
        now = self._timing.elapsed()
        due = self._last_hello is not None and now - self._last_hello > HELLO_EVERY_S
        if self._last_hello is None or due:
            self._last_hello = now  # a session without hello stands for the start: the pull checks the same
        return run_session(
            self._store, transport, now=self._timing.now, full_hello=due or self._failures > 0, log_idle=False
        )

    def _await_reason(self) -> bool:
        """Sleep until a session is due; False when the runner stops."""
        with self._change:
            delay = self._delay()
            until = None if delay is None else self._timing.elapsed() + delay
            while not self._stopping and not self._at_once:
                if self._still_sends and self._wanted:
                    break
                left = None if until is None else until - self._timing.elapsed()
                if left is not None and left <= 0:
                    break
                self._timing.wait(self._change, left)
            while not self._stopping and not self._at_once and self._still_sends:
                rest = self._ended + DEBOUNCE_S - self._timing.elapsed()
                if rest <= 0:
                    break
                self._timing.wait(self._change, rest)
            self._wanted = self._at_once = False
            return not self._stopping

    def _delay(self) -> float | None:
        """Seconds to the next try: full jitter while failing, none while all is well (the poll listens)."""
        if self._failures == 0:
            return None
        most = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2.0 ** min(self._failures - 1, 20))
        return max(self._asked_pause_s, self._timing.jitter(most))

    def _finish(self, report: SessionReport) -> None:
        error = report.error
        if error is not None and error.code == "stopped":
            return
        reached = error is None or error.code not in UNREACHED
        with self._change:
            self._ended = self._timing.elapsed()
            self._failures = 0 if error is None else self._failures + 1
            pause = error.values.get("after", 0) if error is not None else 0
            self._asked_pause_s = min(float(pause), BACKOFF_MOST_S) if isinstance(pause, (int, float)) else 0.0
            self._still_sends = error is None or (
                report.drained and error.code not in FATAL and not self._asked_pause_s
            )
            self._online = error is None
            self._change.notify_all()
        self._told(report, reached)

    def _listen(self) -> None:
        transport = self._open()
        while True:
            with self._change:
                while not self._stopping and not self._online:
                    self._timing.wait(self._change, None)
                if self._stopping:
                    return
            began = self._timing.elapsed()
            report = run_session(
                self._store, transport, now=self._timing.now, wait_s=POLL_S, push=False, log_idle=False
            )
            if report.error is not None:
                self._lost_touch(report)
                continue
            differs_now = report.digest_ok is False and self.status().verified is not False
            self._told(report, reached=True)
            if differs_now:  # a full session mends it; once, as what it cannot mend now it cannot in the next minute
                self.wake()
            if not report.moved and self._timing.elapsed() - began < POLL_PAUSE_S:
                with self._change:
                    if not self._stopping:
                        self._timing.wait(self._change, POLL_PAUSE_S)

    def _watch_sleep(self) -> None:
        watch = SleepWatch(self._timing.now, self._timing.elapsed)
        while not self._ended_for_good.wait(LOOK_EVERY_S):
            if watch.slept():
                _log.info("the machine slept")
                self.woke()

    def _lost_touch(self, report: SessionReport) -> None:
        """The poll failed: park it and let a full session find out what is the matter."""
        error = report.error
        if error is None or error.code == "stopped":
            return
        with self._change:
            self._online = False
            self._wanted = self._at_once = True
            self._change.notify_all()
        if error.code in UNREACHED:
            self._tell(state="offline", error=error)

    # status

    def _open(self) -> Transport:
        transport = self._connect()
        with self._change:
            self._transports.append(transport)
            if self._stopping:
                transport.close()
        return transport

    def _told(self, report: SessionReport, reached: bool) -> None:
        error = report.error
        refused = error is not None and (error.code in REFUSALS or (error.code in FATAL and reached))
        state: State = "refused" if refused else "online" if reached else "offline"
        with self._change:
            last = self._status
        self._tell(
            state=state,
            error=error,
            last_success_at=self._timing.now() if error is None else last.last_success_at,
            verified=report.digest_ok if report.digest_ok is not None else last.verified,
            sent=last.sent + report.pushed,
            received=last.received + report.pulled,
        )

    def _tell(self, **news: object) -> None:
        try:
            counts = self._counts()
        except CrmError:
            counts = Counts(self._status.waiting, self._status.refused, self._status.conflicts)
        with self._change:
            old = self._status
            status = replace(
                old,
                waiting=counts.waiting,
                refused=counts.refused,
                conflicts=counts.conflicts,
                **news,  # type: ignore[arg-type]
            )
            if status.state != old.state or old.since is None:
                status = replace(status, since=self._timing.now())
            self._status = status
        if status != old:
            self._on_status(status)
