"""The face of the client: tokens become palette, style sheet, fonts and icons.

`apply_theme` once at start and at each change; `SchemeFollower` when the user's choice is "system".
"""

import os
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from ui.window.theme import current
from ui.window.theme.current import FAMILY, color, font, kind_font, metrics, px, scheme, scrim, text_factor
from ui.window.theme.sheet import style_sheet
from ui.window.theme.svg import svg
from ui.window.theme.tokens import TEXT_FACTOR_MAX, TEXT_FACTOR_MIN, Scheme

__all__ = [
    "Choice",
    "Scheme",
    "SchemeFollower",
    "apply_theme",
    "color",
    "font",
    "kind_font",
    "load_fonts",
    "metrics",
    "px",
    "scheme",
    "scrim",
    "system_scheme",
    "text_factor",
]

Choice = Literal["light", "dark", "system"]

_ROLES = (
    (QPalette.ColorRole.Window, "canvas"),
    (QPalette.ColorRole.Base, "canvas"),
    (QPalette.ColorRole.AlternateBase, "sunken"),
    (QPalette.ColorRole.WindowText, "t1"),
    (QPalette.ColorRole.Text, "t1"),
    (QPalette.ColorRole.ButtonText, "t1"),
    (QPalette.ColorRole.Button, "raised"),
    (QPalette.ColorRole.Highlight, "accentfill"),
    (QPalette.ColorRole.HighlightedText, "onaccent"),
    (QPalette.ColorRole.PlaceholderText, "t3"),
    (QPalette.ColorRole.Link, "accent"),
    (QPalette.ColorRole.LinkVisited, "accent"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.Light, "raised"),
    (QPalette.ColorRole.Mid, "line2"),
    (QPalette.ColorRole.Midlight, "line"),
    (QPalette.ColorRole.Dark, "field"),
    (QPalette.ColorRole.Shadow, "shadow"),
    (QPalette.ColorRole.ToolTipBase, "t1"),
    (QPalette.ColorRole.ToolTipText, "canvas"),
)
_FADED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)

_CLASS_FONTS = ((13, 500, "QPushButton"), (13, 500, "QTabBar"), (12, 500, "QHeaderView"))

_SHEET_ICONS = {
    "chevron": ("chevron-down", "t2", 2.0),
    "tick": ("check", "onaccent", 3.0),
    "rising": ("arrow-up", "t2", 2.0),
    "falling": ("arrow-down", "t2", 2.0),
    "before": ("chevron-left", "t2", 2.0),
    "after": ("chevron-right", "t2", 2.0),
}


def load_fonts() -> bool:
    """Register Inter. False if the font package is missing; the system font is used then."""
    if FAMILY in QFontDatabase.families():
        return True
    try:
        folder = resources.files("fontpkg_inter") / "files"
    except ModuleNotFoundError:
        return False
    loaded = [
        QFontDatabase.addApplicationFont(os.fspath(Path(str(file))))
        for file in folder.iterdir()
        if file.name.endswith(".ttf")
    ]
    return any(number >= 0 for number in loaded)


def apply_theme(app: QApplication, scheme: Scheme, text_factor: float = 1.0) -> None:
    """Dress the whole application. `text_factor` 0.9 to 1.5 scales type and what must grow with it."""
    load_fonts()
    current.activate(scheme, min(TEXT_FACTOR_MAX, max(TEXT_FACTOR_MIN, text_factor)))
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setFont(font())
    first = not app.styleSheet()
    if not first:
        _set_class_fonts(app)
    app.setStyleSheet(style_sheet({name: _drawn_icon(*icon) for name, icon in _SHEET_ICONS.items()}))
    if first:  # the first sheet of a program forgets what was set before it; widgets that are open want it before
        _set_class_fonts(app)


def _set_class_fonts(app: QApplication) -> None:
    for size, weight, widget in _CLASS_FONTS:
        app.setFont(font(size, weight), widget)  # type: ignore[arg-type]  # the stub says bytes, Qt takes text


def system_scheme(app: QApplication) -> Scheme:
    """What the desktop asks for; light where it says nothing."""
    return "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


class SchemeFollower(QObject):
    """Keeps the theme equal to the user's choice, following the desktop when the choice is "system"."""

    def __init__(self, app: QApplication, on_change: Callable[[Scheme], None] | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._factor = 1.0
        self._on_change = on_change
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def choice(self) -> Choice:
        """What the user chose."""
        return self._choice

    def choose(self, choice: Choice, text_factor: float = 1.0) -> None:
        """Take a choice and a text size and apply both at once."""
        self._choice = choice
        self._factor = text_factor
        self._apply()

    def _system_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        wanted: Scheme = system_scheme(self._app) if self._choice == "system" else self._choice
        apply_theme(self._app, wanted, self._factor)
        if self._on_change is not None:
            self._on_change(wanted)


def _palette() -> QPalette:
    palette = QPalette()
    for role, token in _ROLES:
        palette.setColor(role, color(token))
    for role in _FADED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, color("t3"))
    highlight = QColor(color("selectdim"))
    palette.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, highlight)
    palette.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.HighlightedText, color("t1"))
    return palette


@cache
def _drawn() -> "TemporaryDirectory[str]":
    """A style sheet shows images from files alone: the recoloured arrows live here, and go away with the process.

    Made when it is asked for: programs forked from one another must not lose theirs with the first that ends.
    """
    return TemporaryDirectory(prefix="crm-theme-")


def _drawn_icon(name: str, token: str, stroke: float) -> str:
    path = Path(_drawn().name) / f"{name}-{current.scheme()}.svg"
    path.write_bytes(svg(name, current.value(token), stroke))
    return path.as_posix()
