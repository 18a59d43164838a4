"""What is on the screen now: the active token table and text size, and the caches made from them.

Main thread only. Delegates ask for the same few colours, fonts and icons in every cell, so they are made
once for each theme and forgotten together when it changes.
"""

from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPixmap

from ui.window.theme.tokens import LIGHT, SCRIM_ALPHA, TABLES, TIGHT_FROM, TYPE, Scheme

FAMILY = "Inter"
_TABULAR = QFont.Tag("tnum")
_WEIGHT_AXIS = QFont.Tag("wght")

_FontKey = tuple[int, int, bool, bool, bool]
_PixmapKey = tuple[str, str, int, float]


@dataclass
class _Current:
    scheme: Scheme = "light"
    factor: float = 1.0
    table: dict[str, str] = field(default_factory=lambda: dict(LIGHT))
    colors: dict[str, QColor] = field(default_factory=dict)
    fonts: dict[_FontKey, QFont] = field(default_factory=dict)
    metrics: dict[_FontKey, QFontMetricsF] = field(default_factory=dict)
    pixmaps: dict[_PixmapKey, QPixmap] = field(default_factory=dict)


_current = _Current()


def activate(new_scheme: Scheme, text_factor: float) -> None:
    """Make a scheme and text size the current ones and forget what was made for the former."""
    _current.scheme = new_scheme
    _current.factor = text_factor
    _current.table = dict(TABLES[new_scheme])
    _current.colors.clear()
    _current.fonts.clear()
    _current.metrics.clear()
    _current.pixmaps.clear()


def scheme() -> Scheme:
    """The scheme on the screen."""
    return _current.scheme


def text_factor() -> float:
    """The text size on the screen; 1.0 is 100 %."""
    return _current.factor


def value(name: str) -> str:
    """The token's colour as text, for SVG and style sheets. KeyError for an unknown token."""
    return _current.table[name]


def table() -> dict[str, str]:
    """A copy of the active token table."""
    return dict(_current.table)


def color(name: str) -> QColor:
    """The token's colour. Treat it as read only, it is shared. KeyError for an unknown token."""
    found = _current.colors.get(name)
    if found is None:
        found = _current.colors[name] = QColor(_current.table[name])
    return found


def scrim() -> QColor:
    """The translucent colour laid over the window behind an overlay."""
    dim = QColor(_current.table["scrim"])
    dim.setAlpha(SCRIM_ALPHA[_current.scheme])
    return dim


def px(size: float) -> int:
    """A length that has to grow with the text, in whole logical pixels."""
    return round(size * _current.factor)


def font(size: int = 13, weight: int = 400, tabular: bool = False, italic: bool = False, strike: bool = False) -> QFont:
    """The interface font. `size` is px at 100 %; `tabular` gives figures of one width (figures only)."""
    key = (size, weight, tabular, italic, strike)
    found = _current.fonts.get(key)
    if found is None:
        found = _current.fonts[key] = _make_font(*key)
    return found


def metrics(size: int = 13, weight: int = 400, tabular: bool = False) -> QFontMetricsF:
    """Cached metrics of `font(size, weight, tabular)`."""
    key = (size, weight, tabular, False, False)
    found = _current.metrics.get(key)
    if found is None:
        found = _current.metrics[key] = QFontMetricsF(font(size, weight, tabular))
    return found


def pixmaps() -> dict[_PixmapKey, QPixmap]:
    """The icons rendered so far, by name, token, size and pixel density; `ui.window.icons` fills it."""
    return _current.pixmaps


def kind_font(kind: str, tabular: bool = False) -> QFont:
    """The font of a kind of text from the token table (`h1`, `body`, `sec`, ...)."""
    size, weight = TYPE[kind]
    return font(size, weight, tabular)


def _make_font(size: int, weight: int, tabular: bool, italic: bool, strike: bool) -> QFont:
    made = QFont(FAMILY)
    made.setPixelSize(px(size))
    # Not every font engine maps the weight to the axis of a variable font, so the axis is set as well; from
    # 700 on it would embolden a second time.
    made.setWeight(QFont.Weight(min(weight, 600)))
    made.setVariableAxis(_WEIGHT_AXIS, weight)
    made.setItalic(italic)
    made.setStrikeOut(strike)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        made.setFeature(_TABULAR, 1)
    if size >= TIGHT_FROM:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, -0.3)
    return made
