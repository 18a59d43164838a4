"""The text of a note: plain text at 145 % line height, with the prompts of the templates set apart."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from ui.catalogue import catalogue
from ui.window import theme
from ui.window.i18n import LANGUAGES
from ui.window.views.file_intake import carries_files

TEMPLATES = ("review", "first", "price", "complaint", "fair", "free")
_LINE_HEIGHT = 145
_LEAST = 180
_ABOVE_PROMPT = 10


def prompts(template: str, language: str) -> list[str]:
    """The questions of a template in a language; none for a free note."""
    message = catalogue("de" if language == "de" else "en").get(f"note.prompts.{template}", "")
    return [line for line in str(message).split("|") if line]


def all_prompts() -> frozenset[str]:
    """Every prompt in every language: what a note holds of them is no text of its own."""
    return frozenset(line for name in TEMPLATES for language in LANGUAGES for line in prompts(name, language))


class _PromptHighlighter(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._prompts = all_prompts()

    def highlightBlock(self, text: str) -> None:
        if text.strip() in self._prompts:
            look = QTextCharFormat()
            look.setFont(theme.font(13, 600))
            look.setForeground(theme.color("t2"))
            self.setFormat(0, len(text), look)


class NoteText(QTextEdit):
    """Grows with its text, so that the page scrolls and not the field."""

    text_edited = Signal()
    """The user changed the text; not sent by `set_text`."""
    given = Signal(QMimeData)
    """Files or a picture were pasted or dropped here: they are no text."""

    def __init__(self, parent: QWidget | None = None, *, least: int = _LEAST) -> None:
        super().__init__(parent)
        self._least = least
        self._loading = False
        self._told = ""
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self._highlighter = _PromptHighlighter(self.document())
        self.textChanged.connect(self._on_text_changed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._dress()
        self._space()  # what is typed into an empty note stands as far apart as what is read

    def text(self) -> str:
        """The note as plain text."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Show another text; the cursor keeps its place as far as the new text goes."""
        if text == self.toPlainText():
            return
        at = self.textCursor().position()
        self._loading = True
        self.setPlainText(text)
        self._space()
        self._told = text
        self._loading = False
        cursor = self.textCursor()
        cursor.setPosition(min(at, len(text)))
        self.setTextCursor(cursor)

    def write_over(self, text: str) -> None:
        """Another text as if the user had typed it: Ctrl+Z in the field brings back what stood there."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def ask(self, questions: Sequence[str]) -> None:
        """Put questions into the note: into an empty one all of them, else those missing below the text."""
        text = self.text()
        known = all_prompts()
        own = [line for line in text.splitlines() if line.strip() and line.strip() not in known]
        if not own:
            self.set_text("\n\n".join(questions) + ("\n" if questions else ""))
            if questions:
                cursor = self.textCursor()
                cursor.setPosition(len(questions[0]) + 1)
                self.setTextCursor(cursor)
        elif missing := [line for line in questions if line not in text.splitlines()]:
            self.set_text(text.rstrip() + "\n\n" + "\n\n".join(missing) + "\n")

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, and what is passed on by `given`."""
        return carries_files(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures belong beside the text, not into it."""
        if carries_files(source):
            self.given.emit(source)
        else:
            super().insertFromMimeData(source)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings other colours and sizes."""
        if event.type() == QEvent.Type.StyleChange:
            self._dress()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The width decides where lines break, so the height follows."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As tall as the text."""
        return QSize(super().sizeHint().width(), self._height())

    def _dress(self) -> None:
        self.setFont(theme.font(14))
        self._highlighter.rehighlight()
        self._fit()

    def _space(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        look = QTextBlockFormat()
        look.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        look.setBottomMargin(3)
        cursor.mergeBlockFormat(look)
        known = all_prompts()
        look.setTopMargin(_ABOVE_PROMPT)
        block = self.document().begin().next()
        while block.isValid():
            if block.text().strip() in known:
                QTextCursor(block).mergeBlockFormat(look)
            block = block.next()

    def _height(self) -> int:
        return max(theme.px(self._least), round(self.document().size().height()) + 12)

    def _fit(self) -> None:
        wanted = self._height()
        if self.height() != wanted or self.minimumHeight() != wanted:
            self.setFixedHeight(wanted)

    def _on_text_changed(self) -> None:
        # Highlighting counts as a change of the document; only another text is one of the user.
        text = self.toPlainText()
        if not self._loading and text != self._told:
            self._told = text
            self.text_edited.emit()
