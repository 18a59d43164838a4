"""The whole window on a real store, with the sample data as a server would have sent it."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.store.client_store import ClientStore
from server.sample.demo_layer import demo_layer
from server.sample.northwind import read_northwind
from server.sample.record import sample_id
from tests.unit.ui.window.shell_for_tests import Rows, open_app, receive
from ui.compose import App
from ui.window import theme
from ui.window.main_window import MainWindow

NORTHWIND = Path(__file__).parents[4] / "resources" / "sample" / "northwind"
ANNE = sample_id("user", "9")


def open_profile_for(folder: Path, now: datetime, user_id: str) -> App:
    """A profile for a user of the sample data, with a clock that stands."""
    app = open_app(folder, now)
    app.user_id = user_id
    return app


def sample_rows(today: date) -> Rows:
    """All of the sample data, by entity."""
    rows: Rows = {}
    for record in demo_layer(read_northwind(NORTHWIND), 7, today):
        rows.setdefault(record.entity, []).append({"id": record.id, **record.row})
    return rows


def settle(window: MainWindow, until: Callable[[], bool] | None = None) -> None:
    """Until nothing is under way (and `until` holds)."""
    for _ in range(30_000):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if not window.pool.busy and not window.store_bridge.gathering and (until is None or until()):
            # Layouts of what has just arrived settle over a few rounds of events.
            for _ in range(5):
                QTest.qWait(1)
            if not window.pool.busy and not window.store_bridge.gathering:
                return
        QTest.qWait(1)
    raise AssertionError("work did not end")


def open_window(app: App) -> MainWindow:
    """The window on a profile, without sync."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    window = MainWindow(app, theme.SchemeFollower(application))
    window.resize(1440, 900)
    window.show()
    window.activateWindow()
    QTest.qWait(5)
    return window


def shut(window: MainWindow) -> None:
    """Close the window and its profile."""
    app = window.app
    window.close()
    window.scheme.deleteLater()  # it hangs on the application and would follow the next test's desktop
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.close()


def many_accounts(store: ClientStore, count: int) -> None:
    """So many accounts in one page of the server."""
    accounts: list[dict[str, Any]] = [
        {"id": f"acc-{n:06d}", "name": f"Firm {n:06d}", "customer_class": "ABC"[n % 3]} for n in range(count)
    ]
    receive(store, {"account": accounts})
