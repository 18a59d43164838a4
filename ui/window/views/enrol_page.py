"""Making this laptop known to a server, and the first sync with its progress."""

import platform
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.errors import CrmError
from ui.window.error_banner import error_words
from ui.window.i18n import fmt_number, tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.layout import STRETCH, boxed, column, row, scrolling
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import primary
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.surface import surface

_WIDTH = 420


class EnrolPage(Page):
    """Server, login, password, name of the laptop. One clear message for what is wrong."""

    name = "enrol"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self._error: CrmError | None = None
        self._waiting = False
        self.title = Label("", "h1")
        self.text = Label("", "body", "t2", wrap=True)
        self.server = self._field("enrol_server")
        self.login = self._field("enrol_login")
        self.password = self._field("enrol_password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.device = self._field("enrol_device")
        self.device.setText(platform.node())
        self.rows = {
            "server": FieldRow(" ", self.server),
            "login": FieldRow(" ", self.login),
            "password": FieldRow(" ", self.password),
            "device": FieldRow(" ", self.device),
        }
        self.banner = Banner("bad", "octagon-alert", "")
        self.banner.hide()
        self.connect_button = primary("")
        self.connect_button.setObjectName("enrol_connect")
        self.bar = ProgressBar(0.0, "accent", 6)
        self.progress_text = Label("", "sec")
        self.progress = boxed(column(self.progress_text, 8, self.bar))
        self.progress.hide()
        form = QWidget()
        form.setFixedWidth(_WIDTH)
        form.setLayout(
            column(
                self.title, 8, self.text, 20, *self._spaced(), self.banner, 12,
                row(self.connect_button, STRETCH), 16, self.progress,
            )
        )  # fmt: skip
        outer = boxed(row(STRETCH, column(STRETCH, form, STRETCH, STRETCH), STRETCH, margins=(24, 24, 24, 24)))
        self.setLayout(column(scrolling(outer)))
        self.connect_button.clicked.connect(self.enrol)
        for field in (self.server, self.login, self.password, self.device):
            field.returnPressed.connect(self.enrol)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Show the form with what is known."""
        if not self.server.text():
            self.server.setText(self.shell.app.settings.server_url)
        first = self.server if not self.server.text() else self.login
        self.setFocusProxy(first)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_state()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The first sync moves on."""
        if self._waiting:
            self._show_progress()

    def retranslate(self) -> None:
        """Every word again."""
        self.title.set_text(tr("enrol.title"))
        self.text.set_text(tr("enrol.text"))
        for key, field in self.rows.items():
            field.set_label(tr(f"enrol.{key}"))
        self.server.setPlaceholderText("https://crm.example.com")
        self.connect_button.set_text(tr("enrol.connect"))
        if self._error is not None:
            self._show_error(self._error)
        self._show_state()

    def enrol(self) -> None:
        """Exchange login and password; then the first sync begins."""
        empty = [key for key, field in self.rows.items() if key != "device" and not _text(field).strip()]
        for key, field in self.rows.items():
            field.set_error(partial(tr, "enrol.fill_in") if key in empty else None)
        if empty:
            self.rows[empty[0]].field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if not self.connect_button.isEnabled():
            return
        self.banner.hide()
        self._error = None
        self.connect_button.setEnabled(False)
        app = self.shell.app
        server, login = self.server.text(), self.login.text().strip()
        password, device = self.password.text(), self.device.text().strip()
        self.shell.tasks.write(lambda: app.enrol(server, login, password, device), self._enrolled, self._failed)

    def _enrolled(self, _nothing: Any) -> None:
        self.password.clear()
        self._waiting = True
        if isinstance(self.shell, PageFrame):
            self.shell.start_sync()
        self._show_state()
        self._show_progress()

    def _failed(self, error: CrmError) -> None:
        self.connect_button.setEnabled(True)
        self._show_error(error)
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        self.password.selectAll()

    def _show_error(self, error: CrmError) -> None:
        self._error = error
        title, advice = error_words(error)
        self.banner.set_banner("bad", "octagon-alert", title, advice)
        self.banner.show()

    def _show_state(self) -> None:
        enrolled = self.shell.app.enrolled
        self.connect_button.setEnabled(not enrolled)
        for field in self.rows.values():
            field.field.setEnabled(not enrolled)
        self.progress.setVisible(enrolled)
        if enrolled:
            self._show_progress()

    def _show_progress(self) -> None:
        status = self.shell.status_bridge.latest if isinstance(self.shell, PageFrame) else None
        received = status.received if status is not None else 0
        finished = status is not None and status.last_success_at is not None
        if finished:
            self.bar.set_value(1.0, "okfill")
            self.progress_text.set_text(tr("enrol.done", count=received))
            if self._waiting:
                self._waiting = False
                self.shell.navigate("accounts")
            return
        if status is not None and status.error is not None:
            self._show_error(status.error)
        # Nobody knows how many rows will come; the bar nears its end and the figure tells the truth.
        self.bar.set_value(received / (received + 3000.0))
        self.progress_text.set_text(tr("enrol.receiving", rows=fmt_number(received)))

    def _spaced(self) -> list[Any]:
        parts: list[Any] = []
        for field in self.rows.values():
            parts += [field, 12]
        return parts

    @staticmethod
    def _field(name: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        return field


def _text(row_: FieldRow) -> str:
    return row_.field.text() if isinstance(row_.field, QLineEdit) else ""
