"""Line icons rendered in a token's colour for the screen's pixel density.

Pixmaps are cached by name, colour, size and density; a theme change clears them.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.window.theme import current
from ui.window.theme.svg import svg


def pixmap(name: str, token: str = "t2", size: int = 16, dpr: float | None = None) -> QPixmap:
    """The icon in a token's colour. `size` is px at 100 % text size and grows with it."""
    if dpr is None:
        app = QGuiApplication.instance()
        dpr = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    cached = current.pixmaps()
    key = (name, token, size, dpr)
    found = cached.get(key)
    if found is None:
        found = cached[key] = _render(svg(name, current.value(token)), current.px(size), dpr)
    return found


def icon(name: str, token: str = "t2", size: int = 16) -> QIcon:
    """The icon for a button or an action."""
    return QIcon(pixmap(name, token, size))


def _render(source: bytes, side: int, dpr: float) -> QPixmap:
    pixels = round(side * dpr)
    drawn = QPixmap(pixels, pixels)
    drawn.setDevicePixelRatio(dpr)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(source).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return drawn
