"""One file in a list of files: thumbnail or icon, name, where its bytes are, and what can be done with it."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.attachments import FileLine
from ui.window import icons, theme
from ui.window.i18n import fmt_date, tr
from ui.window.views.layout import boxed, column, row
from ui.window.widgets.button import Button, icon_button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar

_SIDE = 40


class Thumbnail(QWidget):
    """40 px: the picture itself, cut to a square, or the icon of its kind. Never focused, never read out."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self._image = QImage()
        self._measure()

    def set_image(self, image: QImage) -> None:
        """Show a picture."""
        self._image = image
        self.update()

    def has_image(self) -> bool:
        """Whether a picture is shown."""
        return not self._image.isNull()

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture or icon on a sunken square."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setClipPath(frame)
        painter.fillRect(self.rect(), theme.color("sunken"))
        if self._image.isNull():
            side = theme.px(18)
            pixmap = icons.pixmap(self._icon, "t3", 18)
            painter.drawPixmap((self.width() - side) // 2, (self.height() - side) // 2, side, side, pixmap)
        else:
            least = min(self._image.width(), self._image.height())
            left, top = (self._image.width() - least) / 2, (self._image.height() - least) / 2
            painter.drawImage(QRectF(self.rect()), self._image, QRectF(left, top, least, least))
        painter.end()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(theme.px(_SIDE), theme.px(_SIDE))

    def _measure(self) -> None:
        self.setFixedSize(self.sizeHint())


class FileRow(QFrame):
    """Enter or a click shows the file, Delete removes it; the buttons do the same by Tab."""

    opened = Signal(str)
    saved = Signal(str)
    fetched = Signal(str)
    removed = Signal(str)

    def __init__(self, line: FileLine, *, wide: bool) -> None:
        super().__init__()
        self.line = line
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.thumbnail = Thumbnail(_icon_of(line))
        self._name = Label(line.name, "m", elide=True)
        self._second = Label("", "cap", elide=True)
        self._bar = ProgressBar(height=4)
        self._state_icon, self._state = IconLabel(line.icon, line.tone, 14), Label("", "sec")
        self.fetch_button: Button = icon_button("hard-drive-download", tr("files.fetch"))
        self.save_button: Button = icon_button("download", tr("files.save"))
        self.remove_button: Button = icon_button("trash-2", tr("files.remove"))
        state = boxed(row(self._state_icon, self._state, spacing=6))
        state.setVisible(wide)
        self._wide = wide
        texts = boxed(column(self._name, 1, self._second, 3, self._bar))
        line_up = row(
            self.thumbnail, 2, texts, state, self.fetch_button, self.save_button, self.remove_button,
            spacing=6, margins=(0, 5, 0, 5),
        )  # fmt: skip
        line_up.setStretch(2, 1)
        self.setLayout(line_up)
        self.fetch_button.clicked.connect(lambda: self.fetched.emit(self.line.id))
        self.save_button.clicked.connect(lambda: self.saved.emit(self.line.id))
        self.remove_button.clicked.connect(lambda: self.removed.emit(self.line.id))
        self.show_line(line)

    def show_line(self, line: FileLine) -> None:
        """The same file as it stands now."""
        self.line = line
        word = tr(f"files.state.{line.state}", percent=line.percent)
        day = fmt_date(parse_instant(line.at).astimezone().date(), "short") if line.at else ""
        parts = [line.size, day, line.by] if self._wide else [line.size, word if line.state != "here" else day]
        self._name.set_text(line.name)
        self._second.set_text(" · ".join(part for part in parts if part))
        self._state_icon.set_icon(line.icon, line.tone)
        self._state.set_text(word)
        self._state.set_tone("" if line.tone in ("t2", "t3") else line.tone)
        moving = line.state in ("sending", "wanted")
        self._bar.setVisible(moving)
        self._bar.set_value(line.percent / 100)
        self.fetch_button.setVisible(line.fetchable)
        self.save_button.setVisible(line.readable)
        for button, key in (
            (self.fetch_button, "files.fetch"),
            (self.save_button, "files.save"),
            (self.remove_button, "files.remove"),
        ):
            button.setToolTip(tr(key))
            button.setAccessibleName(f"{tr(key)}: {line.name}")
        self.setAccessibleName(", ".join((line.name, line.size, word)))
        self.setToolTip(tr(f"files.why.{line.state}"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Delete."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.line.id)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.line.id)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevious(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def focusNextPrevious(self, forward: bool) -> None:
        """The row below or above."""
        panel = self.parentWidget()
        if panel is None:
            return
        rows = [widget for widget in panel.findChildren(FileRow) if widget.isVisible()]
        at = rows.index(self) + (1 if forward else -1)
        if 0 <= at < len(rows):
            rows[at].setFocus(Qt.FocusReason.TabFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click shows the file."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.line.id)
        super().mouseReleaseEvent(event)


def _icon_of(line: FileLine) -> str:
    return "file-text" if line.viewable else "paperclip"
