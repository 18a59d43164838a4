"""Theme, fonts and icons."""

import gc
import subprocess
import sys

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import BugError
from ui.window import icons, theme
from ui.window.delegates.draw import draw_chip, draw_hairline, draw_icon, draw_text
from ui.window.theme import current


def test_palette_follows_the_tokens(app: QApplication) -> None:
    theme.apply_theme(app, "dark")
    assert app.palette().color(QPalette.ColorRole.Window) == theme.color("canvas")
    assert theme.scheme() == "dark"
    assert "$" not in app.styleSheet()
    assert "@" not in app.styleSheet()


def test_the_first_sheet_of_a_program_leaves_every_kind_of_letter() -> None:
    code = (
        "from PySide6.QtWidgets import QApplication as A\n"
        "from ui.window import theme\n"
        "a = A([])\n"
        "theme.apply_theme(a, 'light')\n"
        "print(a.font('QHeaderView').pixelSize(), a.font('QHeaderView').weight(), a.font('QPushButton').weight())\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["12", "500", "500"]


def test_text_factor_scales_type_and_is_kept_within_bounds(app: QApplication) -> None:
    theme.apply_theme(app, "light", 1.5)
    assert theme.font(12).pixelSize() == 18
    theme.apply_theme(app, "light", 9.0)
    assert theme.text_factor() == 1.5
    theme.apply_theme(app, "light", 0.1)
    assert theme.text_factor() == 0.9


def test_weights_are_drawn(app: QApplication) -> None:
    assert theme.load_fonts()
    widths = [theme.metrics(22, weight).horizontalAdvance("Alfreds Futterkiste") for weight in (400, 500, 600)]
    assert widths == sorted(set(widths))


def test_figures_are_of_one_width_only_when_asked(app: QApplication) -> None:
    tabular, normal = theme.metrics(13, 400, True), theme.metrics(13, 400)
    assert tabular.horizontalAdvance("1111") == tabular.horizontalAdvance("8888")
    assert normal.horizontalAdvance("1111") < normal.horizontalAdvance("8888")


def test_icon_takes_the_color_of_its_token_and_the_cache_ends_with_the_theme(app: QApplication) -> None:
    light = icons.pixmap("package", "bad", 32)
    assert icons.pixmap("package", "bad", 32) is light
    image = light.toImage()
    inks = {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}
    assert theme.color("bad").rgb() in inks
    theme.apply_theme(app, "dark")
    assert ("package", "bad", 32, light.devicePixelRatio()) not in current.pixmaps()
    assert icons.pixmap("package", "bad", 32) is not light


def test_icon_is_sharp_on_a_dense_screen(app: QApplication) -> None:
    assert icons.pixmap("check", size=16, dpr=2.0).width() == 32


def test_unknown_icon_is_our_mistake(app: QApplication) -> None:
    with pytest.raises(BugError, match="no icon named unicorn"):
        icons.pixmap("unicorn")


def test_follower_keeps_to_the_choice(app: QApplication) -> None:
    seen: list[str] = []
    follower = theme.SchemeFollower(app, seen.append)
    follower.choose("dark", 1.2)
    assert (theme.scheme(), theme.text_factor()) == ("dark", 1.2)
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.scheme() == "dark"
    follower.choose("system")
    assert theme.scheme() == theme.system_scheme(app)
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert len(seen) == 3
    follower.deleteLater()


def test_painter_calls_keep_the_references_to_none(app: QApplication) -> None:
    """Some pairs of binding and interpreter lose one reference per call that returns nothing, then abort."""
    image = QImage(200, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)

    def paint(times: int) -> None:
        for _ in range(times):
            draw_text(painter, QRectF(0, 0, 100, 20), "Alfreds Futterkiste, Berlin")
            draw_icon(painter, 0, 0, "check")
            draw_chip(painter, 0, 10, "Draft", "plain")
            draw_hairline(painter, 0, 100, 20)

    paint(5)
    gc.collect()
    before = sys.getrefcount(None)
    paint(50)
    gc.collect()
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 50
