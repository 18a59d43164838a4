"""The first page of a profile without data: connect, look at sample data, learn the keys; in the sample the way out."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from crm_desktop.errors import CrmError
from ui.first_look import FirstLook, open_first_look
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.layout import STRETCH, boxed, column, row, scrolling
from ui.window.widgets.button import Button
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface

_WIDTH = 620
_KEYS = "keys"


class StartPage(Page):
    """Three ways to begin, the likely one first."""

    name = "start"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self._busy = False
        in_sample = shell.app.sample
        self.title, self.text = Label("", "h1", wrap=True), Label("", "body", "t2", wrap=True)
        self.languages = ChoicePills(tr("theme.language"))
        self.languages.chosen.connect(self._speak)
        self.ways = (
            [_Way("leave", "arrow-left", "primary", self._leave)]
            if in_sample
            else [
                _Way("connect", "cloud-upload", "primary", lambda: self.shell.navigate("enrol")),
                _Way("sample", "eye", "normal", self._look),
            ]
        )
        self.ways.append(_Way("keys", "book-open", "normal", lambda: self.shell.navigate("help", topic=_KEYS)))
        parts: list[Any] = []
        for way in self.ways:
            parts += [hline(), way]
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(
            column(STRETCH, self.title, 8, self.text, 20, *parts, hline(), 20, self.languages, STRETCH, STRETCH)
        )
        centre = row(STRETCH, inner, STRETCH, margins=(24, 24, 24, 24))
        centre.setStretch(1, 100)
        self.setLayout(column(scrolling(boxed(centre))))
        self.setFocusProxy(self.ways[0].button)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """The likely way has the keys."""
        self.ways[0].button.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Every word again."""
        kind = "sample" if self.shell.app.sample else "empty"
        self.title.set_text(tr(f"welcome.title_{kind}"))
        self.text.set_text(tr(f"welcome.text_{kind}"))
        self.languages.set_choices([("en", "English"), ("de", "Deutsch")])
        self.languages.set_value(self.shell.app.settings.language)
        for way in self.ways:
            way.retranslate()
        self._show_busy()

    def _speak(self, language: str) -> None:
        if isinstance(self.shell, PageFrame):
            self.shell.change_settings(language=language)

    def _look(self) -> None:
        if self._busy:
            return
        self._busy = True
        self._show_busy()
        chosen, clock = self.shell.app.settings, self.shell.app.clock
        self.shell.tasks.read(lambda: open_first_look(chosen, clock), self._made, self._failed, key="first look")

    def _made(self, sample: FirstLook) -> None:
        self._busy = False
        self._show_busy()
        if isinstance(self.shell, PageFrame):
            self.shell.change_profile(sample)

    def _failed(self, error: CrmError) -> None:
        self._busy = False
        self._show_busy()
        self.shell.show_error(error)

    def _leave(self) -> None:
        if isinstance(self.shell, PageFrame):
            self.shell.change_profile(None)

    def _show_busy(self) -> None:
        for way in self.ways:
            if way.key == "sample":
                way.text.set_text(tr("welcome.making") if self._busy else tr("welcome.sample_text"))


class _Way(QWidget):
    """Icon, what it is, what it means, the button that does it."""

    def __init__(self, key: str, icon: str, kind: str, act: Callable[[], None]) -> None:
        super().__init__()
        self.key = key
        self.title, self.text = Label("", "h3", wrap=True), Label("", "sec", wrap=True)
        self.button = Button("", kind)
        self.button.setMinimumWidth(140)
        self.button.clicked.connect(lambda _checked=False: act())
        line = row(IconLabel(icon, "t2", 20), column(self.title, 2, self.text), spacing=14, margins=(0, 14, 0, 12))
        line.setStretch(1, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)

    def retranslate(self) -> None:
        """Its words again."""
        self.title.set_text(tr(f"welcome.{self.key}_title"))
        self.text.set_text(tr(f"welcome.{self.key}_text"))
        self.button.set_text(tr(f"welcome.{self.key}"))
        self.button.setAccessibleDescription(tr(f"welcome.{self.key}_text"))
