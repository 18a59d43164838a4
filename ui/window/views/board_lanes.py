"""The stages of the board beside each other: where the keys are among the cards, and where a card is sent."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea

from crm_desktop.services.pipeline import BoardColumn
from ui.window.i18n import fmt_number, language
from ui.window.views.board_column import BoardColumnView
from ui.window.views.board_words import face, sums_in_words
from ui.window.views.layout import boxed, clear, row


class BoardLanes(QScrollArea):
    """`columns` are the stages from the left to the right; keys, menu and pointer send a card from one to another."""

    opened = Signal(str)
    """A card, by its id."""
    sent = Signal(str, str)
    """A card, by its id, wants to go into the stage of this code."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[BoardColumnView] = []
        self._shown: Sequence[BoardColumn] = ()
        self._place = row(spacing=10, margins=(24, 12, 24, 12))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(boxed(self._place))

    def show_stages(self, found: Sequence[BoardColumn], today: date) -> None:
        """The cards of every stage; other stages than before are made anew."""
        self._shown = found
        if [view.code for view in self.columns] != [item.stage.code for item in found]:
            self._make()
        for view, item in zip(self.columns, found, strict=True):
            faces = [face(card, item.stage, today) for card in item.cards]
            view.show_stage(item.stage.label(language()), fmt_number(item.count), sums_in_words(item.sums), faces)

    def have_keys(self) -> bool:
        """Whether the keys are in one of the stages."""
        return any(view.list.hasFocus() for view in self.columns)

    def go_to(self, record_id: str) -> BoardColumnView | None:
        """Put the cursor on a card; its stage, None where no stage holds it."""
        return next((view for view in self.columns if view.list.go_to(record_id)), None)

    def give_keys(self, view: BoardColumnView) -> None:
        """The keys go to a stage, which comes into view."""
        view.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(view)

    def begin(self) -> None:
        """The keys go to the first stage with a card; nowhere where there is none."""
        first = next((view for view in self.columns if view.list.cards.rowCount()), None)
        if first is not None:
            first.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make(self) -> None:
        clear(self._place)
        self.columns = []
        for item in self._shown:
            view = BoardColumnView(item.stage.code)
            cards = view.list
            cards.opened.connect(self.opened)
            cards.moved.connect(lambda record, by, view=view: self._step(view, record, by))
            cards.dropped.connect(lambda record, code=view.code: self.sent.emit(record, code))
            cards.left.connect(lambda by, view=view: self._go(view, by))
            cards.menu_wanted.connect(lambda record, view=view: self._menu(view, record))
            self.columns.append(view)
            self._place.addWidget(view, 1)

    def _step(self, view: BoardColumnView, record_id: str, by: int) -> None:
        beside = self._beside(view, by)
        if beside is not None:
            self.sent.emit(record_id, beside.code)

    def _go(self, view: BoardColumnView, by: int) -> None:
        beside = self._beside(view, by)
        if beside is not None:
            self.give_keys(beside)

    def _beside(self, view: BoardColumnView, by: int) -> BoardColumnView | None:
        at = self.columns.index(view) + by
        return self.columns[at] if 0 <= at < len(self.columns) else None

    def _menu(self, view: BoardColumnView, record_id: str) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for item in self._shown:
            action = menu.addAction(item.stage.label(language()))
            action.triggered.connect(lambda _on=False, code=item.stage.code: self.sent.emit(record_id, code))
        place = view.list.visualRect(view.current()).center()
        menu.popup(view.list.viewport().mapToGlobal(place))
