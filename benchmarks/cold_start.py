"""From the start of the process to an account list that can be used, against a bare window.

Ours is the program as it starts, on a whole data set: it opens the profile, shows its window and is sent to the
accounts at once; it is ready when the first row is painted. The bare side is a Python process that opens the same
encrypted file with its key, reads the same first rows and shows them in a `QTableView`. Each start is a process of
its own, both in turn; the files are warm. What the passphrase costs (a machine with a keyring has none) is in both.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from benchmarks.full_store import ACCOUNTS, PASSPHRASE, own_copy

ROUNDS = 7
MOST = 3.0
ROWS = 50
READY = "ready"
PATIENCE_S = 120.0


def measure(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> list[Figure]:
    """Median of the ratios per round."""
    ours, bare = [], []
    with own_copy(accounts) as folder:
        for _ in range(rounds):
            bare.append(_seconds("bare", folder))
            ours.append(_seconds("ours", folder))
    ratios = [mine / other for mine, other in zip(ours, bare, strict=True)]
    detail = f"{accounts} accounts, {rounds} starts each, {median(ours):.2f} s against {median(bare):.2f} s"
    return [Figure("Cold start to a usable account list, time of a bare window", median(ratios), MOST, "x", detail)]


def _seconds(side: str, folder: Path) -> float:
    environment = os.environ | {
        "CRM_PASSPHRASE": PASSPHRASE,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "QT_LOGGING_RULES": "default.warning=false",
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
    }
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.cold_start", side, str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        giving_up = threading.Timer(PATIENCE_S, started.kill)
        giving_up.start()
        line = started.stdout.readline().strip()
        took = time.perf_counter() - began
        giving_up.cancel()
        started.kill()
    if line != READY:
        raise RuntimeError(f"the {side} side said {line!r}")
    return took


def _ready() -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


def _start_ours(folder: Path) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from ui.window.app import qt_application, run_window

    application = qt_application(())

    def window() -> Any:
        return next((top for top in QApplication.topLevelWidgets() if hasattr(top, "navigate")), None)

    def look() -> None:
        shown = window()
        if shown is None or not shown.isVisible():
            return
        here = shown.history.here()
        if here is None:  # its first page is not open yet
            return
        if here.page != "accounts":
            shown.navigate("accounts")
            return
        page = shown.pages["accounts"]
        if page.model.rowCount() and page.model.view(0) is not None:
            looking.stop()
            shown.repaint()
            _ready()

    looking = QTimer(application)
    looking.timeout.connect(look)
    looking.start(2)
    run_window(folder)


def _start_bare(folder: Path) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableView
    from sqlcipher3 import dbapi2

    from crm_desktop import credentials

    application = QApplication([])
    key = credentials.choose(folder, None, has_data=True).database_key()
    connection = dbapi2.connect(str(folder / "crm.db"))
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    rows = connection.execute(
        "SELECT name, customer_class, industry, website FROM account ORDER BY sort_key LIMIT ?", (ROWS,)
    ).fetchall()
    model = QStandardItemModel()
    for row in rows:
        model.appendRow([QStandardItem(str(value)) for value in row])
    window, table = QMainWindow(), QTableView()
    table.setModel(model)
    window.setCentralWidget(table)
    window.resize(1440, 900)
    window.show()

    def shown() -> None:
        window.repaint()
        _ready()

    QTimer.singleShot(0, shown)
    application.exec()


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["bare"]):
        (_start_ours if sys.argv[1] == "ours" else _start_bare)(Path(sys.argv[2]))
    else:
        sys.stdout.write("".join(f"{figure.line()}\n" for figure in measure(*(int(value) for value in sys.argv[1:]))))
