"""A field to sign in with pen, finger or mouse."""

from itertools import pairwise

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageWriter,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.window import theme

_HEIGHT = 150
_INK = 2.2
_LEAST_INK = 60.0  # px of line: a touch by mistake is no signature
_SCALE = 3  # pixels of the picture per pixel of the pad, so that the paper shows a fine line


class SignaturePad(QWidget):
    """Keeps the strokes as they are drawn. `changed` tells whenever there is more or nothing to be seen."""

    changed = Signal()

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(_HEIGHT))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._strokes: list[list[QPointF]] = []
        self._pen_down = False

    def is_signed(self) -> bool:
        """Whether there is enough ink to be a signature."""
        return sum(QLineF(a, b).length() for stroke in self._strokes for a, b in pairwise(stroke)) >= _LEAST_INK

    def clear(self) -> None:
        """Begin anew."""
        self._strokes = []
        self._pen_down = False
        self.update()
        self.changed.emit()

    def png(self) -> bytes:
        """What was drawn, dark on nothing, cut to the ink; empty where there is none."""
        path = self._path()
        if path.isEmpty():
            return b""
        frame = path.boundingRect().adjusted(-6, -6, 6, 6)
        picture = QImage(
            round(frame.width() * _SCALE), round(frame.height() * _SCALE), QImage.Format.Format_ARGB32_Premultiplied
        )
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.scale(_SCALE, _SCALE)
        painter.translate(-frame.topLeft())
        # On paper ink is black, whatever the theme of the screen.
        _draw(painter, path, QColor(Qt.GlobalColor.black))
        painter.end()
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(picture)
        return bytes(data.data())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The pen touches the paper."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pen draws."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The pen is lifted."""
        self._pen_down = False

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen of its own; accepted, so that Qt makes no mouse events of it too."""
        if event.type() == QEvent.Type.TabletPress:
            self._begin(event.position())
        elif event.type() == QEvent.Type.TabletMove and self._pen_down:
            self._go_on(event.position())
        elif event.type() == QEvent.Type.TabletRelease:
            self._pen_down = False
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A field with a line to sign on, and the ink."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("field"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(frame, 6, 6)
        base = frame.height() * 0.75
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.drawLine(QPointF(20, base), QPointF(frame.width() - 20, base))
        _draw(painter, self._path(), theme.color("t1"))

    def _begin(self, at: QPointF) -> None:
        self._pen_down = True
        self._strokes.append([at])

    def _go_on(self, at: QPointF) -> None:
        if not self._strokes:
            self._begin(at)
        self._strokes[-1].append(at)
        self.update()
        self.changed.emit()

    def _path(self) -> QPainterPath:
        path = QPainterPath()
        for stroke in self._strokes:
            if len(stroke) < 2:
                continue
            path.moveTo(stroke[0])
            # Curves through the middles of what was measured: the hand makes no corners.
            for here, there in pairwise(stroke):
                path.quadTo(here, (here + there) / 2)
            path.lineTo(stroke[-1])
        return path


def _draw(painter: QPainter, path: QPainterPath, ink: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(ink, _INK, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
