"""The earlier versions of a note: a list at its side, and one of them beside what stands there now."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.store.written_texts import WrittenText
from ui.presenters.note_versions import Piece
from ui.window import theme
from ui.window.i18n import fmt_near_day, tr
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.views.note_text import NoteText
from ui.window.views.rows import side_line
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline

_EXCERPT = 70
_ONE_LINE = 24


class NoteVersions(QWidget):
    """Hidden while there is only the note as it stands."""

    chosen = Signal(object)
    """A WrittenText to be looked at."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._versions: Sequence[WrittenText] = ()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self.head = SectionHeader("")
        self.setLayout(column(boxed(column(self.head, self._lines, margins=(20, 10, 16, 8))), hline()))
        self.hide()

    def show_versions(self, versions: Sequence[WrittenText]) -> None:
        """Replace what is listed, newest first; the same again leaves the keys where they are."""
        if versions != self._versions:
            self._versions = versions
            self.retranslate()
        self.setVisible(bool(versions))

    def retranslate(self) -> None:
        """Every word again."""
        self.head.set_title(tr("note.versions"))
        self.head.set_count(str(len(self._versions)) if self._versions else "")
        clear(self._lines)
        for version in self._versions:
            words = " ".join(version.text.split())
            excerpt = words if len(words) <= _EXCERPT else words[:_EXCERPT].rsplit(" ", 1)[0] + " …"
            line = side_line("history", self.title_of(version), excerpt, "", partial(self.chosen.emit, version))
            line.setToolTip(tr("note.version_look"))
            self._lines.addWidget(line)

    def title_of(self, version: WrittenText) -> str:
        """When it was written, or until when it stood."""
        now = self._shell.app.clock.now()
        if version.at:
            return tr("note.version_of", when=fmt_near_day(parse_instant(version.at), now, capital=False))
        return tr("note.version_until", when=fmt_near_day(parse_instant(version.until), now, capital=False))


class VersionPane(QWidget):
    """One version compared with the note of now; it can be taken back. Escape closes it."""

    taken = Signal(str)
    """The text that is to stand in the note again."""
    closed = Signal()

    def __init__(self, title_of: Callable[[WrittenText], str]) -> None:
        super().__init__()
        self._title_of = title_of
        self._version = WrittenText("", "", "")
        self.title, self.legend = Label("", "h3", wrap=True), Label("", "cap", wrap=True)
        self.compared = _ComparedText()
        self.take_button, self.close_button = Button("", "primary", "history"), Button()
        self.take_button.clicked.connect(lambda: self.taken.emit(self._version.text))
        self.close_button.clicked.connect(self.closed)
        buttons = row(self.take_button, self.close_button, STRETCH)
        self.setLayout(column(self.title, 2, self.legend, 10, self.compared, 10, buttons, 16, hline(), 16))
        self.retranslate()
        self.hide()

    def show_version(self, version: WrittenText, pieces: Sequence[Piece]) -> None:
        """Open it on a version."""
        self._version = version
        self.compared.show_pieces(pieces)
        self.retranslate()
        self.show()
        self.take_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Every word again."""
        if self._version.text:
            self.title.set_text(self._title_of(self._version))
            self.compared.setAccessibleName(self.title.plain_text())
        self.legend.set_text(tr("note.version_legend"))
        self.take_button.set_text(tr("note.version_take"))
        self.close_button.set_text(tr("action.close"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class _ComparedText(NoteText):
    """Words only of the version underlined, words only of now struck out; told by shape and by colour."""

    def __init__(self) -> None:
        super().__init__(least=_ONE_LINE)
        self._pieces: Sequence[Piece] = ()
        self.setReadOnly(True)

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        """Show a comparison."""
        self._pieces = tuple(_apart(pieces))
        self.set_text("".join(piece.text for piece in self._pieces))
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        """Colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._mark()

    def _mark(self) -> None:
        cursor = QTextCursor(self.document())
        for piece in self._pieces:
            look = QTextCharFormat()
            if piece.kind != "both":
                look.setForeground(theme.color("ok" if piece.kind == "then" else "bad"))
                look.setFontUnderline(piece.kind == "then")
                look.setFontStrikeOut(piece.kind == "now")
            # Qt counts UTF-16 units, Python characters: a face or a flag is two of them.
            wide = len(piece.text.encode("utf-16-le")) // 2
            cursor.setPosition(cursor.position() + wide, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(look)
            cursor.setPosition(cursor.position())


def _apart(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Room between a word and the one in its place, where the texts themselves have none."""
    before = ""
    for piece in pieces:
        if before and piece.kind == "now" and not before[-1].isspace():
            yield Piece("both", "\n" if len(before) + len(piece.text) > _EXCERPT else " ")
        yield piece
        before = piece.text if piece.kind == "then" else ""
