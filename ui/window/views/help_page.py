"""Help without a network: the topics at the left, the text with its pictures at the right."""

from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QImage,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from ui.presenters.help_texts import TOPICS, pictures_of, read_picture, read_text
from ui.window import theme
from ui.window.delegates.roles import NavItem
from ui.window.i18n import language, tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.theme import px
from ui.window.views.layout import boxed, column, row
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.navigation_list import NavigationList
from ui.window.widgets.surface import hline, surface, vline
from ui.window.widgets.top_bar import TopBar

_TEXT_WIDTH = 700
_TOP = 20
_LINE_HEIGHT = 145
_SIZES = {1: 22, 2: 15}
_PARAGRAPH = 10
_BETWEEN_ITEMS = 2
_CELL = 6


class HelpPage(Page):
    """Open with `topic`; without one the page stays where it was."""

    name = "help"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self.topic = TOPICS[0][0]
        self.bar = TopBar()
        self.topics = NavigationList(tr("help.topics"))
        self.text = HelpText()
        self.hints = KeyHints()
        body = row(column(8, self.topics), vline(), boxed(row(self.text, margins=(28, 0, 0, 0))), spacing=0)
        body.setStretch(2, 1)
        inner = boxed(body)
        whole = column(self.bar, inner, hline(), self.hints)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.topics.chosen.connect(self.show_topic)
        self.text.followed.connect(self.show_topic)
        self.setFocusProxy(self.topics)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Show a topic."""
        self.show_topic(str(where.get("topic") or self.topic))
        self.topics.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """The topics and the text in the other language."""
        self.bar.set_title(tr("nav.help"))
        self.topics.setAccessibleName(tr("help.topics"))
        self.topics.set_rows([NavItem(topic, tr(f"help.topic.{topic}"), icon) for topic, icon in TOPICS])
        self.hints.set_hints(
            [("↑ ↓", tr("key.choose")), (tr("key.enter"), tr("key.open")), (tr("key.escape"), tr("nav.back").lower())]
        )
        self.show_topic(self.topic)

    def show_topic(self, topic: str) -> None:
        """Read a text and show it; a name nobody wrote about changes nothing."""
        if topic not in dict(TOPICS):
            return
        self.topic, spoken = topic, language()
        self.topics.set_current(topic)

        def work() -> tuple[str, dict[str, bytes]]:
            text = read_text(topic, spoken)
            return text, {name: read_picture(name, spoken) for name in pictures_of(text)}

        self.shell.tasks.read(work, self._show, key="help")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the page one came from."""
        if event.key() == Qt.Key.Key_Escape and isinstance(self.shell, PageFrame):
            self.shell.back()
        else:
            super().keyPressEvent(event)

    def _show(self, found: tuple[str, dict[str, bytes]]) -> None:
        self.text.setAccessibleName(tr(f"help.topic.{self.topic}"))
        self.text.show_text(*found)


class HelpText(QTextBrowser):
    """Markdown in the type and colours of the theme; its width is that of a text, never of the window."""

    followed = Signal(str)
    """A link to another topic."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = ""
        self._pictures: dict[str, QImage] = {}
        self._laying_out = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.document().setDocumentMargin(0)
        self.anchorClicked.connect(lambda url: self.followed.emit(url.toString().removesuffix(".md")))

    def show_text(self, text: str, pictures: dict[str, bytes]) -> None:
        """Show Markdown; `pictures` by the names it uses."""
        self._source = text
        self._pictures = {name: QImage.fromData(QByteArray(data)) for name, data in pictures.items()}
        self._lay_out()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A picture, no wider than the text."""
        picture = self._pictures.get(name.toString() if isinstance(name, QUrl) else name)
        if picture is None or picture.isNull():
            return super().loadResource(kind, name)
        room = self._room()
        if picture.width() > room:
            picture = picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        return _framed(picture)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures follow the width."""
        super().resizeEvent(event)
        if self._source and event.size().width() != event.oldSize().width() and not self._laying_out:
            self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme or text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._source:
            self._lay_out()

    def _room(self) -> int:
        return max(120, min(px(_TEXT_WIDTH), self.viewport().width() - 24))

    def _lay_out(self) -> None:
        """Twice where a scroll bar that comes or goes leaves another width; never one inside the other."""
        self._laying_out = True
        at, wide = self.verticalScrollBar().value(), self.viewport().width()
        self._fill()
        if self.viewport().width() != wide:
            self._fill()
        self._laying_out = False
        self.verticalScrollBar().setValue(at)

    def _fill(self) -> None:
        page = self.document()
        page.clear()
        page.setDefaultFont(theme.font(14))
        page.setMarkdown(self._source, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self._dress(page)
        frame = page.rootFrame()
        shape = frame.frameFormat()
        shape.setTopMargin(px(_TOP))
        shape.setRightMargin(max(0, self.viewport().width() - self._room()))
        frame.setFrameFormat(shape)

    def _dress(self, page: QTextDocument) -> None:
        block = page.begin()
        while block.isValid():
            self._dress_block(QTextCursor(block), block.blockFormat().headingLevel())
            block = block.next()
        for frame in page.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                looks = frame.format()
                looks.setCellPadding(_CELL)
                looks.setCellSpacing(0)
                looks.setBorder(1)
                looks.setBorderCollapse(True)
                looks.setBorderBrush(theme.color("line"))
                looks.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                looks.setTopMargin(_PARAGRAPH)
                looks.setBottomMargin(_PARAGRAPH + 6)
                frame.setFormat(looks)

    def _dress_block(self, cursor: QTextCursor, level: int) -> None:
        shape = QTextBlockFormat()
        pictured = "\ufffc" in cursor.block().text()  # stands for a picture, which needs no room between lines
        if cursor.currentTable() is None and not pictured:
            shape.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            after = QTextCursor(cursor.block().next())
            in_list = cursor.currentList() is not None and not after.isNull() and after.currentList() is not None
            shape.setBottomMargin(_BETWEEN_ITEMS if in_list else _PARAGRAPH)
        if pictured:
            shape.setTopMargin(_PARAGRAPH)
            shape.setBottomMargin(_PARAGRAPH + 6)
        cursor.mergeBlockFormat(shape)
        # Strong words by the axis of the font; a bold of Qt's own making smears them.
        strong = theme.font(_SIZES.get(level, 14), 600)
        parts = cursor.block().begin()
        spans = []
        while not parts.atEnd():
            part = parts.fragment()
            letters = part.charFormat()
            if level or letters.fontWeight() >= QFont.Weight.DemiBold.value:
                spans.append((part.position(), part.length(), letters))
            parts += 1
        for start, length, letters in spans:
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            letters.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
            letters.setFont(strong)
            cursor.setCharFormat(letters)


def _framed(picture: QImage) -> QImage:
    """A hairline around it: a page of the program on a page of the program would have no edge."""
    framed = QImage(picture)
    painter = QPainter(framed)
    painter.setPen(theme.color("line2"))
    painter.drawRect(framed.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return framed
