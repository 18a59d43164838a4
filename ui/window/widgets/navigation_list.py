"""The navigation: groups of pages with icons and counts, wide or as a rail of icons."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.window import theme
from ui.window.delegates.navigation import NavigationDelegate
from ui.window.delegates.roles import ACCESSIBLE_ROLE, NAV_ROLE, TEXT_ROLE, TOOLTIP_ROLE, NavGroup, NavItem

WIDE = 232
RAIL = 52
_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_Index = QModelIndex | QPersistentModelIndex
NavRow = NavGroup | NavItem


class NavigationModel(QAbstractListModel):
    """The rows of the navigation; the same for both widths."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[NavRow] = []

    def set_rows(self, rows: Sequence[NavRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rows(self) -> tuple[NavRow, ...]:
        """The rows as they are shown."""
        return tuple(self._rows)

    def set_count(self, key: str, count: str, tone: str) -> None:
        """Change a page's count; an unknown key changes nothing."""
        at = self.row_of(key)
        row = self._rows[at] if at >= 0 else None
        if isinstance(row, NavItem):
            self._rows[at] = replace(row, count=count, tone=tone)
            here = self.index(at)
            self.dataChanged.emit(here, here)

    def row_of(self, key: str) -> int:
        """Where a page stands, -1 if it is not here."""
        found = (at for at, row in enumerate(self._rows) if isinstance(row, NavItem) and row.key == key)
        return next(found, -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """A list has rows only at its root."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = TEXT_ROLE) -> object:
        """The row for the delegate, its words for everyone else."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == NAV_ROLE:
            return row
        if role == TEXT_ROLE:
            return row.text
        if role in (TOOLTIP_ROLE, ACCESSIBLE_ROLE) and isinstance(row, NavItem):
            return f"{row.text}, {row.count}" if row.count else row.text
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings cannot be reached."""
        if not index.isValid() or isinstance(self._rows[index.row()], NavGroup):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class NavigationList(QListView):
    """232 px wide or a rail of 52 px. Arrow keys move, Enter opens."""

    chosen = Signal(str)
    """The user opens the page with this key."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("ownRing", True)
        self._model = NavigationModel(self)
        self._look = NavigationDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._look)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(self._open)
        self._measure()

    def set_rows(self, rows: Sequence[NavRow]) -> None:
        """Show these groups and pages."""
        self._model.set_rows(rows)
        self._fold()
        self.set_current(self._look.current)

    def set_current(self, key: str) -> None:
        """Mark the page on the screen, without a signal."""
        self._look.current = key
        at = self._model.row_of(key)
        if at >= 0:
            self.setCurrentIndex(self._model.index(at))
        self.viewport().update()

    def current(self) -> str:
        """The key of the page on the screen."""
        return self._look.current

    def set_count(self, key: str, count: str, tone: str = "") -> None:
        """Change a count; `tone` warn, ask or bad makes it a chip."""
        self._model.set_count(key, count, tone)

    def set_rail(self, rail: bool) -> None:
        """Icons only, or icons and words."""
        self._look.rail = rail
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if rail else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(bar)  # a bar would cover a quarter of the rail; wheel and keys scroll it
        self._fold()
        self._measure()
        self.scheduleDelayedItemsLayout()

    def is_rail(self) -> bool:
        """True while only icons are shown."""
        return self._look.rail

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open."""
        if event.key() in _OPEN_KEYS:
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(NAV_ROLE)
        if isinstance(row, NavItem):
            self.set_current(row.key)
            self.chosen.emit(row.key)

    def _measure(self) -> None:
        self.setFixedWidth(theme.px(RAIL if self._look.rail else WIDE))

    def _fold(self) -> None:
        for at, row in enumerate(self._model.rows()):
            self.setRowHidden(at, self._look.rail and isinstance(row, NavItem) and not row.in_rail)
