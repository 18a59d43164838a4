"""What would go into the file for support, and saving it."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from crm_desktop.services.support_bundle import Part
from ui.presenters.tasks import Progress
from ui.window.i18n import fmt_number, tr
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.widgets.button import Button, ghost
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import FactRow
from ui.window.widgets.surface import hline, surface

_NAME_WIDTH = 140


class SupportPanel(QWidget):
    """Hidden until `ask`; Escape closes it. Nothing is written before its button is pressed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        surface(self, "sunken")
        self._shell = shell
        self._parts: list[Part] = []
        self._title = SectionHeader("")
        self._what = Label("", "body", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self.save_button = Button("", "normal", "download")
        self.close_button = ghost("")
        buttons = boxed(row(self.save_button, self.close_button, STRETCH))
        inner = column(self._title, 4, self._what, 8, self._list, 10, buttons, margins=(24, 12, 24, 12))
        self.setLayout(column(boxed(inner), hline()))
        self.save_button.clicked.connect(self._ask_place)
        self.close_button.clicked.connect(self.hide)
        self.retranslate()
        self.hide()

    def ask(self) -> None:
        """Show what would be in it."""
        app = self._shell.app
        settings = app.settings
        self._shell.tasks.read(lambda: app.support.parts(settings), self._show, key="support")

    def save_to(self, target: Path) -> None:
        """Write the file."""
        app = self._shell.app
        settings = app.settings

        def work(_progress: Progress) -> list[Part]:
            return app.support.write(target, settings)

        def done(_parts: list[Part]) -> None:
            self.hide()
            self._shell.toast(tr("support.saved", file=target.name))

        self._shell.tasks.long(tr("support.writing", file=target.name), work, done)

    def retranslate(self) -> None:
        """Every word again."""
        self.setAccessibleName(tr("support.title"))
        self._title.set_title(tr("support.title"))
        self._what.set_text(tr("support.what"))
        self.save_button.set_text(tr("support.save"))
        self.close_button.set_text(tr("support.close"))
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _show(self, parts: list[Part]) -> None:
        self._parts = parts
        self._lay_out()
        self.show()
        self.save_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        clear(self._list)
        for part in self._parts:
            name = "logs" if part.name.startswith("logs/") else part.name.partition(".")[0]
            said = f"{tr(f'support.part.{name}')} · {fmt_number(max(1, part.size // 1024))} KB"
            self._list.addWidget(FactRow(part.name, said, _NAME_WIDTH))

    def _ask_place(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("support.save"), str(Path.home() / tr("support.file")), "ZIP (*.zip)"
        )
        if name:
            self.save_to(Path(name))
