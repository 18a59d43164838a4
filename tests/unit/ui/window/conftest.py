"""One application for the tests of the window."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from ui.window import i18n, theme


def pytest_itemcollected(item: pytest.Item) -> None:
    """The platform without a screen says with each window that it has no size hints to pass on."""
    item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme, in English."""
    theme.apply_theme(qapp, "light")
    i18n.set_language("en")
    yield qapp
    i18n.set_language("en")
