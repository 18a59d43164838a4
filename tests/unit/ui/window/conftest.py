"""One application for the tests of the window."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from ui.window import i18n, theme


def pytest_itemcollected(item: pytest.Item) -> None:
    """The platform without a screen says with each window that it has no size hints to pass on."""
    item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme, in English; windows that the test left open are gone after it."""
    if (theme.current.scheme(), theme.current.text_factor()) != ("light", 1.0) or not qapp.styleSheet():
        theme.apply_theme(qapp, "light")
    i18n.set_language("en")
    before = {id(widget): widget for widget in qapp.topLevelWidgets()}
    yield qapp
    i18n.set_language("en")
    for widget in qapp.topLevelWidgets():
        if before.get(id(widget)) is not widget:  # each of them would be dressed again by every later test
            widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
