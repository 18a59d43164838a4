"""Text on a page: its kind gives size and weight, its tone the colour."""

import re
from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.window import theme
from ui.window.widgets.restyle import restyle

_LINE_HEIGHT = 128
_LONG_WORD = re.compile(r"\S{18,}")
_SEPARATOR = re.compile(r"([/\\._@-])")


class Label(QLabel):
    """A text. `kind`: h0 h1 h2 h3 m body prose sec over cap tiny key; `tone`: a token such as t3 or warn.

    `wrap` breaks lines, `elide` shortens to the width at hand (the tooltip then has the whole text),
    `tabular` is for figures only.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "body",
        tone: str = "",
        *,
        wrap: bool = False,
        tabular: bool = False,
        elide: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._plain = ""
        self._kind = kind
        self._tabular = tabular
        self._elide = elide
        self._wrap = wrap
        super().__init__(parent)
        self.setProperty("t", kind)
        if tone:
            self.setProperty("c", tone)
        self.setFont(theme.kind_font(kind, tabular))
        if wrap:
            self.setWordWrap(True)
            self.setTextFormat(Qt.TextFormat.RichText)
        else:
            self.setTextFormat(Qt.TextFormat.PlainText)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text; it is plain text in every mode."""
        self._plain = text
        if self._wrap:
            body = escape(_breakable(text)).replace("\n", "<br>")
            self.setText(f'<div style="line-height:{_LINE_HEIGHT}%">{body}</div>' if text else "")
        else:
            self.setText(text)
        self.setAccessibleName(text)
        self._tell_shortened()

    def plain_text(self) -> str:
        """The text as it was given."""
        return self._plain

    def elides(self) -> bool:
        """True if the text is shortened where room is missing."""
        return self._elide

    def set_elides(self, elide: bool) -> None:
        """Shorten the text where room is missing, or need all of its width again."""
        if elide == self._elide:
            return
        self._elide = elide
        wide = QSizePolicy.Policy.Ignored if elide else QSizePolicy.Policy.Preferred
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)
        self.setToolTip(self._plain if elide else "")
        self.updateGeometry()

    def set_tone(self, tone: str) -> None:
        """Colour the text by a token; empty for the kind's own colour."""
        self.setProperty("c", tone or None)
        restyle(self)

    def minimumSizeHint(self) -> QSize:
        """An eliding label may become as narrow as its first letters."""
        hint = super().minimumSizeHint()
        return QSize(20, hint.height()) if self._elide else hint

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self.setFont(theme.kind_font(self._kind, self._tabular))
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, shortened to the width if the label elides."""
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        metrics = QFontMetricsF(self.font())
        shortened = metrics.elidedText(self._plain, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shortened)
        painter.end()

    def _tell_shortened(self) -> None:
        if self._elide:
            self.setToolTip(self._plain)


def _breakable(text: str) -> str:
    """A path, an address or a word like one may break after its separators; what is read aloud stays as it was."""
    return _LONG_WORD.sub(lambda word: _SEPARATOR.sub("\\1\u200b", word[0]), text)
