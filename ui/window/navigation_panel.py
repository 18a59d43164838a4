"""The left side of the window: whose data this is, search, pages, saved lists, sync, who is working."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.window import theme
from ui.window.delegates.roles import NavGroup, NavItem
from ui.window.i18n import tr
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.button import icon_button, is_enter
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyCap
from ui.window.widgets.label import Label
from ui.window.widgets.navigation_list import RAIL, WIDE, NavigationList
from ui.window.widgets.surface import surface

WORK = (
    ("today", "sun"),
    ("plan", "route"),
    ("accounts", "building-2"),
    ("contacts", "users"),
    ("leads", "user-plus"),
    ("visits", "map-pin"),
    ("quotes", "file-text"),
    ("approvals", "badge-check"),
    ("pipeline", "kanban"),
    ("orders", "package"),
    ("contracts", "handshake"),
    ("cases", "life-buoy"),
    ("tasks", "square-check-big"),
)
SYNC = (
    ("news", "inbox"),
    ("outbox", "cloud-upload"),
    ("conflicts", "git-compare-arrows"),
    ("sync_history", "history"),
)
HELP = ("help", "message-circle-question")


class JumpButton(QPushButton):
    """Looks like a search field and opens the search over the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("k", "jump")
        self._text = Label("", "body", "t3", elide=True)
        self._cap = KeyCap("Ctrl K")
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 0, 7, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel("search", "t2"))
        row.addWidget(self._text, 1)
        row.addWidget(self._cap)
        for child in (self._text, self._cap):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens it as Space does."""
        if is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say it in the language of the window."""
        self._text.set_text(tr("nav.search_or_jump"))
        self._cap.set_text(f"{tr('key.ctrl')} K")
        self.setAccessibleName(tr("nav.search_or_jump"))
        self.setToolTip(f"{tr('nav.search_or_jump')} ({tr('key.ctrl')} K)")


class NavigationPanel(QWidget):
    """232 px or a rail of 52 px."""

    chosen = Signal(str)
    search_clicked = Signal()
    settings_clicked = Signal()
    fold_clicked = Signal()

    def __init__(self, pages: frozenset[str], parent: QWidget | None = None) -> None:
        self._rail = False
        super().__init__(parent)
        surface(self, "nav")
        self._pages = pages
        self._lists: tuple[tuple[str, str], ...] = ()
        self._counts: dict[str, tuple[str, str]] = {}
        self._company = ""
        self._brand = Avatar("", 28, square=True)
        self._brand_name = Label("", "h3", elide=True)
        self._fold = icon_button("panel-left", tr("nav.fold"))
        self._jump = JumpButton()
        self._find = icon_button("search", tr("nav.search_or_jump"))
        self.list = NavigationList(tr("nav.label"))
        self._user = Avatar("", 28)
        self._user_name = Label("", "m", elide=True)
        self._user_role = Label("", "cap", elide=True)
        self._settings = icon_button("settings", tr("nav.settings"))
        self._build()
        self._fold.clicked.connect(self.fold_clicked)
        self._jump.clicked.connect(self.search_clicked)
        self._find.clicked.connect(self.search_clicked)
        self._settings.clicked.connect(self.settings_clicked)
        self.list.chosen.connect(self.chosen)
        self._show_rows()
        self.set_rail(False)

    def set_company(self, name: str) -> None:
        """Whose data this is."""
        self._company = name
        self._brand.set_name(name)
        self._brand_name.set_text(name)

    def set_user(self, name: str, role: str) -> None:
        """Who is working."""
        self._user.set_name(name)
        self._user_name.set_text(name)
        self._user_role.set_text(role)
        self._user_role.setVisible(bool(role) and not self._rail)

    def set_lists(self, lists: Sequence[tuple[str, str]]) -> None:
        """The saved lists as pairs of id and name."""
        if tuple(lists) != self._lists:
            self._lists = tuple(lists)
            self._show_rows()

    @property
    def lists(self) -> tuple[tuple[str, str], ...]:
        """The saved lists as pairs of id and name."""
        return self._lists

    def set_count(self, key: str, count: str, tone: str = "") -> None:
        """The figure behind a page."""
        self._counts[key] = (count, tone)
        self.list.set_count(key, count, tone)

    def set_current(self, key: str) -> None:
        """Mark the page on the screen."""
        self.list.set_current(key)

    def set_rail(self, rail: bool) -> None:
        """Fold to icons or unfold."""
        self._rail = rail
        self.setFixedWidth(theme.px(RAIL) if rail else theme.px(WIDE))
        self.list.set_rail(rail)
        for widget in (self._brand_name, self._fold, self._jump, self._user_name):
            widget.setVisible(not rail)
        self._user_role.setVisible(not rail and bool(self._user_role.plain_text()))
        self._find.setVisible(rail)
        # In the rail the picture of the user makes room for the settings, which carry his name.
        self._user.setVisible(not rail)
        self._foot.setContentsMargins(10 if rail else 12, 8, 10, 10)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedWidth(theme.px(RAIL) if self._rail else theme.px(WIDE))
        super().changeEvent(event)

    def is_rail(self) -> bool:
        """True while only icons are shown."""
        return self._rail

    def retranslate(self) -> None:
        """Every word again."""
        self._jump.retranslate()
        self._fold.setToolTip(tr("nav.fold"))
        self._fold.setAccessibleName(tr("nav.fold"))
        self._find.setToolTip(tr("nav.search_or_jump"))
        self._find.setAccessibleName(tr("nav.search_or_jump"))
        self._settings.setToolTip(tr("nav.settings"))
        self._settings.setAccessibleName(tr("nav.settings"))
        self.list.setAccessibleName(tr("nav.label"))
        self._show_rows()

    def _build(self) -> None:
        brand = QHBoxLayout()
        brand.setSpacing(10)
        brand.addWidget(self._brand)
        brand.addWidget(self._brand_name, 1)
        brand.addWidget(self._fold)
        self._top = QVBoxLayout()
        self._top.setContentsMargins(10, 10, 10, 10)
        self._top.setSpacing(8)
        self._top.addLayout(brand)
        self._top.addWidget(self._jump)
        self._top.addWidget(self._find, 0, Qt.AlignmentFlag.AlignHCenter)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._user_name)
        names.addWidget(self._user_role)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 10, 10)
        foot.setSpacing(8)
        foot.addWidget(self._user)
        foot.addLayout(names, 1)
        foot.addWidget(self._settings)
        self._foot = foot
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(self.list, 1)
        column.addLayout(foot)

    def _show_rows(self) -> None:
        rows: list[NavGroup | NavItem] = [self._item(key, icon) for key, icon in WORK if key in self._pages]
        if self._lists:
            rows.append(NavGroup(tr("nav.saved_lists")))
            rows += [
                NavItem(f"list:{key}", name, "list", *self._counts.get(f"list:{key}", ("", "")), in_rail=False)
                for key, name in self._lists
            ]
        sync = [self._item(key, icon) for key, icon in SYNC if key in self._pages]
        if sync:
            rows += [NavGroup(tr("nav.sync")), *sync]
        if HELP[0] in self._pages:
            rows += [NavGroup(""), NavItem(HELP[0], tr("nav.help"), HELP[1], in_rail=False)]
        self.list.set_rows(rows)

    def _item(self, key: str, icon: str) -> NavItem:
        return NavItem(key, tr(f"nav.{key}"), icon, *self._counts.get(key, ("", "")))
