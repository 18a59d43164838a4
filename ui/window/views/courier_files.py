"""Courier files from the window: write what waits, take the server's answer, both by a file dialog."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from crm_desktop.named_files import reading, writing
from sync import courier
from sync.session_report import SessionReport
from ui.presenters.tasks import Progress
from ui.window.i18n import tr
from ui.window.page import Shell

ENDING = "crm"


class CourierFiles:
    """The two actions; `write_to` and `read_from` take a path. `told` gets what an answer brought."""

    def __init__(self, shell: Shell, told: Callable[[SessionReport], None]) -> None:
        self._shell = shell
        self._told = told
        self._answer: Path | None = None

    def write(self, parent: QWidget) -> None:
        """Ask for a place and write."""
        name, _ = QFileDialog.getSaveFileName(
            parent, tr("courier.write"), str(Path.home() / f"courier.{ENDING}"), f"{tr('courier.files')} (*.{ENDING})"
        )
        if name:
            self.write_to(Path(name))

    def read(self, parent: QWidget) -> None:
        """Ask for the answer and take it."""
        name, _ = QFileDialog.getOpenFileName(
            parent, tr("courier.read"), str(Path.home()), f"{tr('courier.files')} (*.{ENDING});;(*)"
        )
        if name:
            self.read_from(Path(name))

    def write_to(self, path: Path) -> None:
        """Everything that waits, and where this laptop stands; it stays in the outbox until it is answered."""
        store = self._shell.app.store

        def work(_progress: Progress) -> int:
            made = courier.write_request(store)
            with writing(path):
                path.write_bytes(made.data)
            return made.left

        def done(left: int) -> None:
            told = tr("courier.written", file=path.name)
            self._shell.toast(f"{told} {tr('courier.files_left', count=left)}" if left else told)

        self._shell.tasks.long(tr("courier.writing", file=path.name), work, done)

    def read_from(self, path: Path) -> None:
        """Take outcomes and news from an answer."""
        store = self._shell.app.store
        self._answer = path

        def work(_progress: Progress) -> SessionReport:
            with reading(path):
                data = path.read_bytes()
            return courier.read_answer(store, data)

        self._shell.tasks.long(tr("courier.reading", file=path.name), work, self._told)

    def read_again(self) -> None:
        """The same answer: what was left alone in it fits now."""
        if self._answer is not None:
            self.read_from(self._answer)
