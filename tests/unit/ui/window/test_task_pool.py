"""Background work: results on the main thread, stale ones dropped, writes in order, long work stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import BugError, CrmError, KnownError
from ui.presenters.tasks import Progress
from ui.window.progress_strip import ProgressStrip
from ui.window.task_pool import TaskPool


@pytest.fixture
def failed() -> list[CrmError]:
    return []


@pytest.fixture
def pool(app: QApplication, failed: list[CrmError]) -> Iterator[TaskPool]:
    made = TaskPool(failed.append)
    yield made
    made.close()


def wait(pool: TaskPool) -> None:
    for _ in range(30_000):  # a bound for work that never ends, not for a slow machine
        if not pool.busy:
            return
        QTest.qWait(1)
    raise AssertionError("work did not end")


def test_work_runs_elsewhere_and_the_result_comes_home(pool: TaskPool) -> None:
    threads: list[Any] = []
    pool.read(threading.get_ident, lambda there: threads.extend((there, threading.get_ident())))
    wait(pool)
    there, here = threads
    assert here == threading.get_ident() != there


def test_an_older_result_of_the_same_key_never_arrives(pool: TaskPool) -> None:
    first = threading.Event()
    got: list[str] = []

    def late() -> str:
        assert first.wait(5)
        return "old"

    pool.read(late, got.append, key="list")
    pool.read(lambda: "new", got.append, key="list")
    pool.read(lambda: "other", got.append, key="else")
    first.set()
    wait(pool)
    assert sorted(got) == ["new", "other"]


def test_writes_keep_their_order(pool: TaskPool) -> None:
    order: list[int] = []
    for number in range(50):
        pool.write(partial(order.append, number))
    wait(pool)
    assert order == list(range(50))


def test_known_errors_and_defects_are_told_apart(
    pool: TaskPool, failed: list[CrmError], caplog: pytest.LogCaptureFixture
) -> None:
    def known() -> None:
        raise KnownError("full", "Full.")

    def defect() -> None:
        raise ValueError("ours")

    mine: list[CrmError] = []
    pool.write(known, None, mine.append)
    pool.write(defect)
    wait(pool)
    assert [getattr(error, "code", "") for error in mine] == ["full"]
    assert [type(error) for error in failed] == [BugError]
    assert "work in the background failed" in caplog.text


def test_long_work_hears_that_it_is_to_stop(pool: TaskPool) -> None:
    told: list[tuple[int, int]] = []
    started: list[str] = []
    pool.long_started.connect(lambda label, _kilobytes: started.append(label))
    pool.long_progress.connect(lambda done, total: told.append((done, total)))
    begun = threading.Event()

    def work(progress: Progress) -> int:
        done = 0
        while progress(done, 1_000_000) and done < 1_000_000:
            done += 1
            begun.set()
        return done

    reached: list[int] = []
    pool.long("Importing", work, reached.append)
    assert begun.wait(5)
    pool.cancel_long()
    wait(pool)
    assert started == ["Importing"]
    assert 0 < reached[0] < 1_000_000
    assert told


def test_what_waits_for_the_network_holds_up_no_other_long_work_and_is_shown_again_after_it(pool: TaskPool) -> None:
    shown: list[tuple[str, bool]] = []
    pool.long_started.connect(lambda label, kilobytes: shown.append((label, kilobytes)))
    pool.long_finished.connect(lambda: shown.append(("", False)))
    reached: list[str] = []

    def packing(progress: Progress) -> str:
        while progress(1, 2):
            time.sleep(0.001)
        return "packed"

    pool.long("Packing", packing, reached.append, kilobytes=True)
    pool.long("Keeping a photo", lambda _progress: "kept", reached.append)
    wait_for(lambda: bool(reached))
    assert reached == ["kept"]
    assert shown == [("Packing", True), ("Keeping a photo", False), ("Packing", True)]
    pool.cancel_long()  # stops what is shown
    wait(pool)
    assert reached == ["kept", "packed"]
    assert shown[-1] == ("", False)


def test_the_strip_counts_kilobytes_in_megabytes(app: QApplication) -> None:
    strip = ProgressStrip()
    strip.start("Fetching", True)
    strip.progress(27_262, 108_000)
    assert strip._figure.plain_text() == "27.3 of 108.0 MB"
    strip.start("Importing")
    strip.progress(1200, 5000)
    assert strip._figure.plain_text() == "1,200 / 5,000"


def test_after_closing_nothing_arrives(app: QApplication) -> None:
    pool = TaskPool(lambda error: None)
    got: list[int] = []
    pool.read(lambda: 1, got.append)
    pool.close()
    QTest.qWait(5)
    pool.read(lambda: 2, got.append)
    QTest.qWait(5)
    assert got == []


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(5000):
        if holds():
            return
        QTest.qWait(1)
    raise AssertionError("it did not come")
