"""100 % to 200 %: nothing is cut in the smallest window, neither with larger letters nor on a denser screen."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.every_page import places, window_with_everything
from tests.unit.ui.window.seen_texts import outside, seen_texts
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.window import theme
from ui.window.main_window import SMALLEST, MainWindow

MOST_USED = ("today", "accounts", "account", "note", "quote", "outbox", "conflicts", "settings", "start", "help")
DENSE = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from tests.unit.ui.window.test_scaling import MOST_USED, cut_texts, smallest
from ui.window import i18n, theme

app = QApplication([])
theme.apply_theme(app, "light")
i18n.set_language("de")
window = smallest(Path(sys.argv[1]))
sys.stdout.write("\\n".join([f"{window.devicePixelRatioF():.2f}", *cut_texts(window, MOST_USED)]))
sys.stdout.flush()
"""


def smallest(folder: Path) -> MainWindow:
    """The window with something on every page, as small as it may be."""
    made = window_with_everything(folder)
    made.resize(*SMALLEST)
    settle(made)
    return made


def cut_texts(window: MainWindow, pages: tuple[str, ...]) -> list[str]:
    """Texts that lack room on these pages, and what reaches over an edge."""
    found = []
    for page, where in places(window).items():
        if page not in pages:
            continue
        window.navigate(page, **where)
        settle(window)
        if window.width() != SMALLEST[0]:
            found.append(f"{page} made the window {window.width()} wide")
        found += [
            f"{page}: {seen.where} lacks {seen.lacks} for “{seen.text}”" for seen in seen_texts(window) if seen.lacks
        ]
        found += [f"{page}: {text}" for text in outside(window)]
    return found


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = smallest(tmp_path / "profile")
    yield made
    shut(made)  # first, or all of it would be dressed again
    theme.apply_theme(app, "light")


def test_letters_of_150_percent_have_room_in_the_smallest_window(window: MainWindow) -> None:
    window.change_settings(language="de", text_size_percent=150)
    settle(window)
    cut = cut_texts(window, MOST_USED)
    assert not cut, "\n".join(cut)


def test_the_smallest_window_cuts_nothing(window: MainWindow) -> None:
    window.change_settings(language="de")
    settle(window)
    cut = cut_texts(window, tuple(places(window)))
    assert not cut, "\n".join(cut)


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_a_dense_screen_cuts_nothing(tmp_path: Path, factor: str) -> None:
    surroundings = os.environ | {"QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"}
    words = [sys.executable, "-c", DENSE, str(tmp_path / "profile")]
    done = subprocess.run(words, env=surroundings, capture_output=True, text=True, timeout=300, check=False)
    ratio, *cut = done.stdout.splitlines() or [done.stderr]
    assert ratio == f"{float(factor):.2f}", done.stderr
    assert not cut, "\n".join(cut)
