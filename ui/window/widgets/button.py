"""Buttons: one primary per page, the rest quiet."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.window import icons, theme
from ui.window.widgets.restyle import restyle

_THIN_SPACE = "\u2009"
_FONTS = {
    "filter": (13, 400),
    "filteradd": (13, 400),
    "strip": (12, 400),
    "jump": (13, 400),
    "toastlink": (13, 600),
}
_ICON_TONES = {"primary": "onaccent", "link": "accent", "danger": "bad"}


def is_enter(event: QKeyEvent) -> bool:
    """Enter alone; Qt lets it press buttons of dialogs only, or by autoDefault, which changes their size."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button. `kind`: normal, primary, ghost, link, danger, filter, filteradd, strip, jump, toastlink.

    An icon without text needs `name`, which becomes tooltip and accessible name.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "normal",
        icon: str = "",
        *,
        tone: str = "",
        name: str = "",
        icon_size: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        self._icon_name = icon
        self._tone = tone
        self._kind = kind
        self._icon_side = icon_size
        self.words = ""
        self._folded = False
        super().__init__(parent)
        if kind != "normal":
            self.setProperty("k", kind)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._measure()
        self.set_text(text)
        if name:
            self.setAccessibleName(name)
            self.setToolTip(name)
        self._show_icon()

    @property
    def icon_name(self) -> str:
        """The icon it shows, empty for none."""
        return self._icon_name

    @property
    def kind(self) -> str:
        """How it looks: primary, normal, ghost and so on."""
        return self._kind

    def set_text(self, text: str) -> None:
        """Show another verb; the ampersand stays a letter."""
        self.words = text
        if text:
            self.setAccessibleName(text)
        self._show_words()

    def set_folded(self, folded: bool) -> None:
        """Show the icon alone where words have no room; name and tooltip say them. Nothing without an icon."""
        if folded != self._folded and self._icon_name and self.words:
            self._folded = folded
            self.setToolTip(self.words if folded else "")
            self._show_words()

    def _show_words(self) -> None:
        # The style sheet leaves 4 px between icon and text; the thin space makes it 7.
        shown = "" if self._folded else self.words.replace("&", "&&")
        self.setText(f"{_THIN_SPACE}{shown}" if shown and self._icon_name else shown)
        self.setProperty("icononly", "true" if self._icon_name and not shown else None)
        restyle(self)

    def set_icon(self, name: str, tone: str = "") -> None:
        """Show another icon, in the kind's own colour unless `tone` names a token."""
        self._icon_name = name
        self._tone = tone
        self._show_icon()

    def set_tone(self, tone: str) -> None:
        """Colour of the words of a strip button: t3, bad, ask, warn or empty."""
        self.setProperty("c", tone or None)
        restyle(self)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon again in the colours of a new theme."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
            self._show_icon()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it as Space does."""
        if is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def _measure(self) -> None:
        self.setFont(theme.font(*_FONTS.get(self._kind, (13, 500))))

    def _show_icon(self) -> None:
        if not self._icon_name:
            return
        side = theme.px(self._icon_side)
        self.setIconSize(QSize(side, side))
        shown = icons.icon(self._icon_name, self._tone or _ICON_TONES.get(self._kind, "t2"), self._icon_side)
        # Else a white icon would vanish on the grey of a primary button that is off.
        shown.addPixmap(icons.pixmap(self._icon_name, "t3", self._icon_side), QIcon.Mode.Disabled)
        self.setIcon(shown)


def primary(text: str, icon: str = "") -> Button:
    """The one likely action of a page."""
    return Button(text, "primary", icon)


def normal(text: str, icon: str = "") -> Button:
    """A bordered button."""
    return Button(text, "normal", icon)


def ghost(text: str, icon: str = "") -> Button:
    """A button without border, for what is seldom needed."""
    return Button(text, "ghost", icon)


def link(text: str, icon: str = "") -> Button:
    """Accent text that leads somewhere."""
    return Button(text, "link", icon)


def danger(text: str, icon: str = "") -> Button:
    """Red text with a border; never filled."""
    return Button(text, "danger", icon)


def icon_button(icon: str, name: str, kind: str = "ghost") -> Button:
    """A square button with an icon only; `name` says what it does."""
    return Button("", kind, icon, name=name)
