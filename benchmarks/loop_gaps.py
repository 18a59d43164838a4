"""How long the window does not answer while a first sync fills the file, against the same window beside bare inserts.

A timer of 5 ms ticks in the event loop; a gap is the time between two ticks. Ours: a thread applies pages as a server
sends them, and the window follows every change. Bare: a thread decodes the same rows and inserts them by
`executemany` into a file of the same DDL (`floor`), of which the window knows nothing. The window is the same one,
with the account list open; the bare side goes first.
"""

import gc
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, QTimer

from benchmarks.company import LAST_WORD
from benchmarks.figure import Figure
from benchmarks.floor import load
from benchmarks.floor_files import prepare
from benchmarks.full_store import PASSPHRASE, TERRITORY, USER, fill
from benchmarks.generated import Generator
from ui.compose import open_profile
from ui.window.app import open_main, qt_application

ACCOUNTS = 100_000
MOST = 2.0
TICK_MS = 5


def measure(accounts: int = ACCOUNTS) -> list[Figure]:
    """The 99th percentiles of both sides."""
    os.environ["CRM_PASSPHRASE"] = PASSPHRASE
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    records = list(Generator(accounts, TERRITORY, USER).records())
    last = next(row for entity, _, row in reversed(records) if entity == "visit")
    last["note"] = f"{last['note']} {LAST_WORD}"
    roots = [str(row.get("account_id") or record_id) for _, record_id, row in records]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bare_folder, _ = prepare(folder, records, roots, [f"user:{USER}"])
        app = open_profile(folder / "profile")
        app.store.enrol("01a00000-0000-7000-8000-000000000002", "D1", USER, "epoch")
        application = qt_application(())
        window = open_main(application, app)
        _wait(1.0)
        window.navigate("accounts")
        _wait(1.0)
        gc.collect()
        gc.freeze()  # the records are no part of a laptop: looking through millions of them would hold every thread
        bare = _gaps(lambda: load(bare_folder, folder / "bare.db"))
        ours = _gaps(lambda: fill(app.store, records))
        _wait(1.0)
        window.close()
        app.close()
    mine, other = _p99(ours), _p99(bare)
    detail = (
        f"{accounts} accounts, {len(records)} rows; p99 {mine:.1f} ms of {len(ours)} against {other:.1f} ms of "
        f"{len(bare)} gaps, longest {max(ours):.0f} ms against {max(bare):.0f} ms"
    )
    return [Figure("Event-loop gap during a first sync, p99 of a bare thread's", mine / other, MOST, "x", detail)]


def _p99(gaps: list[float]) -> float:
    return quantiles(gaps, n=100, method="inclusive")[98]


def _wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QCoreApplication.processEvents()
        time.sleep(0.005)


def _gaps(work: Callable[[], object]) -> list[float]:
    """Milliseconds between ticks until the thread has ended."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # told by the thread that measures
            failed.append(error)

    thread = threading.Thread(target=run)
    loop, timer, clock = QEventLoop(), QTimer(), QElapsedTimer()
    gaps: list[float] = []

    def tick() -> None:
        gaps.append(clock.nsecsElapsed() / 1e6)
        clock.restart()
        if not thread.is_alive():
            loop.quit()

    timer.timeout.connect(tick)
    clock.start()
    thread.start()
    timer.start(TICK_MS)
    loop.exec()
    timer.stop()
    if failed:
        raise failed[0]
    return gaps


if __name__ == "__main__":
    sys.stdout.write("".join(f"{figure.line()}\n" for figure in measure(*(int(value) for value in sys.argv[1:]))))
