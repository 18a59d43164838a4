"""What a note said before: reads its versions, compares one with the text, puts it in its place."""

from collections.abc import Callable
from typing import Any

from crm_desktop.store.written_texts import WrittenText
from ui.presenters.note_versions import Piece, differences, read_versions
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.note_text import NoteText
from ui.window.views.note_versions import NoteVersions, VersionPane


class NotePast:
    """The `list` for the side of the page and the `pane` that takes the place of the text while one is looked at."""

    def __init__(self, shell: Shell, text: NoteText, save: Callable[[], Any]) -> None:
        self._shell = shell
        self._text = text
        self._save = save
        self._visit_id = ""
        self.list = NoteVersions(shell)
        self.pane = VersionPane(self.list.title_of)
        self.list.chosen.connect(self._look_at)
        self.pane.taken.connect(self._take)
        self.pane.closed.connect(self._close)

    def read(self, visit_id: str) -> None:
        """Read the versions of a note; what a note said before a save is one."""
        self._visit_id, store = visit_id, self._shell.app.store

        def show(found: tuple[WrittenText, ...]) -> None:
            if visit_id == self._visit_id:
                self.list.show_versions(found)

        self._shell.tasks.read(
            lambda: store.read(lambda reader: read_versions(reader, visit_id)), show, key="note.versions"
        )

    def leave(self) -> None:
        """Another note is coming."""
        self._visit_id = ""
        self.list.show_versions(())
        self.pane.hide()
        self._text.show()

    def retranslate(self) -> None:
        """Every word again."""
        self.list.retranslate()
        self.pane.retranslate()

    def _look_at(self, version: WrittenText) -> None:
        visit_id, text = self._visit_id, self._text.text()

        def show(pieces: tuple[Piece, ...]) -> None:
            if visit_id == self._visit_id:
                self._text.hide()
                self.pane.show_version(version, pieces)

        self._shell.tasks.read(lambda: differences(version.text, text), show, key="note.version")

    def _take(self, text: str) -> None:
        """The text of now is saved first, so that it becomes a version itself."""
        before = self._text.text()
        self._save()
        self._close()
        self._write(text)
        self._shell.toast(tr("note.version_taken"), lambda: self._write(before))

    def _write(self, text: str) -> None:
        self._text.write_over(text)
        self._save()

    def _close(self) -> None:
        self.pane.hide()
        self._text.show()
        self._text.setFocus()
