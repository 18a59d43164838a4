"""One person at one computer: the real window in a process of its own, driven by real events.

Reads one JSON command a line from standard input and answers one JSON line. It knows no shortcut into the program:
what it does, it does to widgets; what it tells, it reads from them or from the same services the command line uses.

    python -m tests.end2end.person PROFILE PICTURES
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QRadioButton, QTextEdit, QWidget

from ui.compose import open_profile
from ui.window.app import open_main, qt_application
from ui.window.main_window import MainWindow

PATIENCE_S = 60.0
STEP_MS = 20
SIZE = (1440, 900)
ROWS_READ = 60


class Commands(QObject):
    """Brings lines of standard input to the main thread."""

    arrived = Signal(str)

    def read(self) -> None:
        """Runs in its own thread until the input ends."""
        for line in sys.stdin:
            self.arrived.emit(line)
        self.arrived.emit("")


class Person:
    """Hands and eyes on one window."""

    def __init__(self, folder: Path, pictures: Path) -> None:
        self.application = qt_application(())
        self.app = open_profile(folder)
        self.window: MainWindow = open_main(self.application, self.app)
        self.window.resize(*SIZE)
        self.window.activateWindow()
        QTest.qWaitForWindowActive(self.window)
        self.pictures = pictures
        self._asked = self.app.clock.now()
        self.verbs: dict[str, Callable[..., Any]] = {
            name: getattr(self, name)
            for name in (
                "settings", "navigate", "click", "type", "press", "picture", "wait_for", "here", "status", "conflicts",
                "sync_now", "choose", "focus", "said",
            )
        }  # fmt: skip

    # -- hands --------------------------------------------------------------------------------------------------

    def settings(self, **changes: Any) -> None:
        """Language, theme."""
        self.window.change_settings(**changes)

    def navigate(self, page: str, **where: Any) -> None:
        """Go to a page, as a click in the navigation or a list does."""
        self.window.navigate(page, **where)

    def click(self, text: str) -> None:
        """Click the visible button, choice or label with this text or accessible name."""
        widget = self._await(lambda: self._named(text), f"no button says {text!r}")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, _middle(widget))

    def choose(self, text: str) -> None:
        """Choose the radio button whose card says the text."""
        self.click(text)

    def focus(self, name: str) -> None:
        """Click into the field with this object name or accessible name."""
        widget = self._await(lambda: self._field(name), f"no field is called {name!r}")
        widget.setFocus(Qt.FocusReason.TabFocusReason)

    def type(self, text: str, into: str = "", clear: bool = False) -> None:
        """Type a text key by key into the field called `into`, or where the cursor stands."""
        if into:
            self.focus(into)
        if clear:
            self.press("Ctrl+A")
        for letter in text:
            target = self._target()
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = Qt.Key.Key_Return if letter == "\n" else Qt.Key.Key_unknown
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "\r" if letter == "\n" else letter)
                QApplication.sendEvent(target, event)
            self.application.processEvents()

    def press(self, keys: str, times: int = 1) -> None:
        """Press a key combination such as 'Return' or 'Ctrl+K'."""
        for _ in range(times):
            QTest.keySequence(self._target(), QKeySequence(keys))
            self._pause(60)

    def sync_now(self) -> None:
        """F5."""
        self._asked = self.app.clock.now()
        self.window.sync_now()

    # -- eyes ---------------------------------------------------------------------------------------------------

    def picture(self, name: str) -> str:
        """A picture of the window as it stands."""
        self._pause(250)
        path = self.pictures / f"{name}.png"
        self.window.grab().save(str(path))
        return str(path)

    def wait_for(
        self, text: str = "", gone: str = "", status: str = "", page: str = "", patience_s: float = PATIENCE_S
    ) -> None:
        """Wait until a text stands on the window, another has gone, the sync is in a state, a page is open."""
        if page:
            self._await(lambda: self.here().get("page") == page or None, f"page {page} does not open", patience_s)
        if text:
            self._await(lambda: text in self.said() or None, f"{text!r} does not appear", patience_s)
        if gone:
            self._await(lambda: gone not in self.said() or None, f"{gone!r} does not go", patience_s)
        if status:
            self._await(lambda: self._is(status) or None, f"the sync does not become {status}", patience_s)

    def said(self) -> str:
        """All texts visible on the window."""
        texts = []
        for widget in self._visible():
            if isinstance(widget, QLabel | QAbstractButton):
                texts.append(widget.text())
            for reader in ("text", "toPlainText", "plain_text"):
                method = getattr(widget, reader, None)
                if callable(method):
                    value = method()
                    texts.append(value if isinstance(value, str) else "")
            texts.append(widget.accessibleName())
            if isinstance(widget, QAbstractItemView):
                texts += _cells(widget)
        return "\n".join(texts)

    def here(self) -> dict[str, Any]:
        """Page and its parameters."""
        place = self.window.history.here()
        return {"page": place.page, "where": place.where} if place else {}

    def status(self) -> dict[str, Any]:
        """What this device says of its sync: state, sent and received so far, digest."""
        status = self.app.runner.status() if self.app.runner else None
        return {
            "state": status.state if status else "stopped",
            "waiting": self.app.store.read(lambda reader: reader.counts())["outbox"],
            "sent": status.sent if status else 0,
            "received": status.received if status else 0,
            "verified": status.verified if status else None,
            "digest": self.app.store.read(lambda reader: reader.digest()),
            "runs": len(self.app.store.read(lambda reader: reader.sync_history())),
        }

    def conflicts(self) -> list[dict[str, Any]]:
        """Open decisions of this device."""
        return [
            {"id": view.id, "field": view.field, "own": self._is_own(view.id), "before": view.fields[0].before,
             "mine": view.fields[0].mine, "theirs": view.fields[0].theirs}
            for view in self.app.conflicts.open()
        ]  # fmt: skip

    def _is_own(self, conflict_id: str) -> bool:
        row = self.app.store.read(lambda reader: reader.get("conflict", conflict_id))
        return bool(row and row["mine_by"] == self.app.user_id)

    # -- below --------------------------------------------------------------------------------------------------

    def _is(self, state: str) -> bool:
        now = self.status()
        if state == "settled":
            runner = self.app.runner
            done = runner.status().last_success_at if runner else None
            fresh = done is not None and done >= self._asked
            return bool(fresh and now["state"] == "online" and not now["waiting"] and now["verified"])
        return bool(now["state"] == state)

    def _visible(self) -> list[QWidget]:
        return [widget for widget in QApplication.allWidgets() if widget.isVisible()]

    def _named(self, text: str) -> QWidget | None:
        kinds = (QAbstractButton, QRadioButton)
        for widget in self._visible():
            if isinstance(widget, kinds) and widget.isEnabled():
                shown = widget.text().replace("\u2009", "").replace("&", "").strip()
                if text in (shown, widget.accessibleName(), widget.objectName()):
                    return widget
        return None

    def _field(self, name: str) -> QWidget | None:
        for widget in self._visible():
            named = name in (widget.objectName(), widget.accessibleName()) and widget.focusPolicy()
            # Nobody types into a note whose text does not stand there yet: it takes no keys while it is read.
            if named and not (isinstance(widget, QTextEdit) and widget.isReadOnly()):
                return widget
        return None

    def _target(self) -> QWidget:
        popup = QApplication.activePopupWidget()
        return popup or QApplication.focusWidget() or self.window

    def _await(self, look: Callable[[], Any], complaint: str, patience_s: float = PATIENCE_S) -> Any:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            found = look()
            if found is not None:
                return found
            self._pause(STEP_MS)
        raise TimeoutError(complaint)

    def _pause(self, milliseconds: int) -> None:
        QTest.qWait(milliseconds)


def _cells(view: QAbstractItemView) -> list[str]:
    """What the first rows of a list say, as a screen reader hears it."""
    model = view.model()
    if model is None:
        return []
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
    rows = range(min(model.rowCount(), ROWS_READ))
    columns = model.columnCount() if isinstance(model, QAbstractTableModel) else 1
    return [
        str(model.index(row, column).data(role) or "") for row in rows for column in range(columns) for role in roles
    ]


def _middle(widget: QWidget) -> QPoint:
    return widget.rect().center()


def main() -> int:
    """Serve commands until the input ends."""
    arguments = sys.argv[1:]
    person = Person(Path(arguments[0]), Path(arguments[1]))
    commands = Commands()

    def obey(line: str) -> None:
        if not line:
            person.window.close()
            person.app.close()
            person.application.quit()
            return
        command = json.loads(line)
        try:
            answer = {"ok": person.verbs[command.pop("do")](**command)}
        except Exception as error:
            person.window.grab().save(str(person.pictures / "failure.png"))
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    commands.arrived.connect(obey)
    threading.Thread(target=commands.read, daemon=True).start()
    sys.stdout.write('{"ok": "ready"}\n')
    sys.stdout.flush()
    return person.application.exec()


if __name__ == "__main__":
    raise SystemExit(main())
