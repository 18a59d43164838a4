"""A stage on the board: its name, how many stand in it and what they are worth, the cards below."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QModelIndex, Qt, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.window import theme
from ui.window.delegates import ID_ROLE
from ui.window.delegates.board_card import CardDelegate, CardFace
from ui.window.i18n import tr
from ui.window.models.plain_rows import PlainRows
from ui.window.views.layout import column, row
from ui.window.widgets.chip import Chip
from ui.window.widgets.label import Label
from ui.window.widgets.surface import surface

WIDTH = 184  # at least; columns share what room there is
_MIME = "application/x-crm-opportunity"
_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class CardList(QListView):
    """Cards of one stage. Arrow keys go between cards and stages, with Ctrl the card goes along."""

    opened = Signal(str)
    moved = Signal(str, int)
    """A card wants to go so many stages on."""
    dropped = Signal(str)
    """A card of another stage was let go here."""
    left = Signal(int)
    """The cursor goes to the stage beside."""
    menu_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.cards = PlainRows(lambda face: face.spoken, self)
        self.setModel(self.cards)
        self.setItemDelegate(CardDelegate(self))
        self.setProperty("ownRing", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.viewport().setAutoFillBackground(False)
        self.doubleClicked.connect(lambda index: self.opened.emit(str(index.data(ID_ROLE))))
        self.customContextMenuRequested.connect(lambda _at: self._menu())

    def current_id(self) -> str:
        """The card under the cursor; '' for none."""
        return str(self.currentIndex().data(ID_ROLE) or "") if self.currentIndex().isValid() else ""

    def go_to(self, record_id: str) -> bool:
        """Put the cursor on a card."""
        for at in range(self.cards.rowCount()):
            if self.cards.row(at).id == record_id:
                self.setCurrentIndex(self.cards.index(at, 0))
                return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names break anew in another width, which the list itself asks for only in another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Sideways, open, move, menu; the rest is the list's own."""
        key = Qt.Key(event.key())
        if key in _SIDEWAYS and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            if self.current_id():
                self.moved.emit(self.current_id(), _SIDEWAYS[key])
        elif key in _SIDEWAYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.left.emit(_SIDEWAYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_id():
            self.opened.emit(self.current_id())
        elif key in (Qt.Key.Key_M, Qt.Key.Key_Menu):
            self._menu()
        elif event.text().isprintable() and event.text() and not event.modifiers():
            event.ignore()  # letters belong to the page
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """The card under the pointer."""
        record_id = self.current_id()
        if record_id:
            data = QMimeData()
            data.setData(_MIME, record_id.encode())
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Only cards."""
        if event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Anywhere in the stage."""
        if event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """The card comes into this stage."""
        if event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()
            self.dropped.emit(bytes(event.mimeData().data(_MIME).data()).decode())

    def _menu(self) -> None:
        if self.current_id():
            self.menu_wanted.emit(self.current_id())


class BoardColumnView(QWidget):
    """One stage; `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__()
        surface(self, "sunken")
        self.code = code
        self.setMinimumWidth(theme.px(WIDTH))
        self.title = Label("", "h3", elide=True)
        self.count = Chip("", "plain")
        self.sums = Label("", "cap", "t2", tabular=True, wrap=True)
        self.list = CardList()
        head = row(self.title, self.count, spacing=8)
        head.setStretch(0, 1)
        whole = column(head, self.sums, 6, self.list, spacing=2, margins=(12, 10, 8, 8))
        whole.setStretch(3, 1)
        self.setLayout(whole)

    def show_stage(self, title: str, count: str, sums: str, cards: Sequence[CardFace]) -> None:
        """What stands in it; the cursor stays on its card."""
        before = self.list.current_id()
        self.title.set_text(title)
        self.count.set_chip(count, "plain")
        self.sums.set_text(sums or "–")
        self.list.cards.set_rows(cards)
        self.list.setAccessibleName(tr("board.stage", stage=title, count=count, sums=sums or "–"))
        if not (before and self.list.go_to(before)) and cards:
            self.list.setCurrentIndex(self.list.cards.index(0, 0))

    def current(self) -> QModelIndex:
        """The card under the cursor."""
        return self.list.currentIndex()
