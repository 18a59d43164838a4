"""Opportunities by stage. A card goes on by key, menu or pointer; each move is one change and can be taken back."""

from typing import Any

from PySide6.QtCore import Qt

from crm_desktop.errors import CrmError
from crm_desktop.model.wire import Row
from crm_desktop.services.pipeline import Board, Card, Loss, StageView, board
from crm_desktop.store.lists import Filter
from ui.presenters.entry import parse_figure
from ui.window.i18n import language, tr
from ui.window.page import Page, Shell
from ui.window.views.board_answer import show_empty_board
from ui.window.views.board_lanes import BoardLanes
from ui.window.views.board_words import sums_together
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.views.quote_forms import LostForm
from ui.window.widgets.button import normal, primary
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.top_bar import TopBar
from ui.window.window_keys import part_keys

_ALL = "*"  # every pipeline
INITIATOR = "board"


class BoardPage(Page):
    """`open(pipeline=…)`; whose opportunities and which pipeline are chosen by pills."""

    name = "board"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.board = Board(())
        self._begins = False  # the first card gets the keyboard once it is here
        self._follow = ""  # the card to find again after a move
        self._saved = ""  # the card of a form that was saved, until it is read
        self._losing: tuple[str, StageView] | None = None
        self._build()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the board."""
        if where.get("pipeline"):
            self.pipelines.set_value(str(where["pipeline"]))
        self._saved = ""
        self._begins = True
        self.read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """A move here or elsewhere."""
        if kinds & {"opportunity", "opportunity_stage", "account", "outbox", "everything"}:
            self.read()

    def seek(self, entity: str, record_id: str) -> bool:
        """The keys go to the card of the saved opportunity."""
        if entity != "opportunity":
            return False
        self._saved = record_id
        self.read()
        return True

    def retranslate(self) -> None:
        """Every word again."""
        self.bar.set_title(tr("nav.pipeline"))
        self.list_button.set_text(tr("board.as_list"))
        self.stages_button.set_text(tr("nav.stages"))
        self.outcomes_button.set_text(tr("nav.outcomes"))
        self.new_button.set_text(tr("action.new_opportunity"))
        self.whose.set_choices([("all", tr("board.all")), ("mine", tr("board.mine"))])
        self.whose.setAccessibleName(tr("board.whose"))
        self.pipelines.setAccessibleName(tr("board.pipeline"))
        self.lost.retranslate()
        ctrl = tr("key.ctrl")
        self.hints.set_hints(
            [
                ("← ↑ → ↓", tr("key.move")),
                (f"{ctrl} ← →", tr("board.key_move")),
                ("M", tr("board.key_stage")),
                (tr("key.enter"), tr("key.open")),
                ("N", tr("list.key_new")),
                ("L", tr("board.key_list")),
            ]
        )
        self._show(self.board)

    # -- reading and showing ------------------------------------------------------------------------------------

    def read(self) -> None:
        """Stages, sums and cards in one snapshot."""
        app = self.shell.app
        mine = (Filter("owner_id", "=", app.user_id),) if self.whose.value() == "mine" and app.user_id else ()
        chosen = self.pipelines.value()
        pipeline = None if chosen in (None, _ALL) else chosen
        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: board(reader, mine, pipeline, app.user_id)), self._show, key="board"
        )

    def _show(self, found: Board) -> None:
        self.board = found
        had_keys = self.lanes.have_keys()
        self.lanes.show_stages(found.columns, self.shell.app.clock.now().astimezone().date())
        self.stages_button.setVisible(found.may_change_stages)
        names = [(_ALL, tr("board.all_pipelines")), *((name, name) for name in found.pipelines)]
        self.pipelines.set_choices(names)
        if self.pipelines.value() is None:
            self.pipelines.set_value(_ALL)
        self.pipelines.setVisible(len(names) > 2)
        open_columns = [item for item in found.columns if item.stage.outcome == "open"]
        count, sums = sum(item.count for item in open_columns), sums_together(open_columns)
        self.bar.set_caption(tr("board.open", count=count, sums=sums) if sums else tr("board.open_count", count=count))
        self._show_answer(found)
        saved = self.lanes.go_to(self._saved) if self._saved else None
        followed = saved or (self.lanes.go_to(self._follow) if self._follow else None)
        if saved is not None:
            self._saved = ""
        if followed is not None and (saved is not None or had_keys):
            self.lanes.give_keys(followed)
        elif self._begins and self.lost.isHidden():
            self.lanes.begin()
        self._begins = self._begins and not found.columns
        self._follow = ""

    def _show_answer(self, found: Board) -> None:
        """Lanes, or where no card is in any of them why, and what to do."""
        bare = bool(found.columns) and not any(item.count for item in found.columns)
        had_keys = self.lanes.have_keys() or any(button.hasFocus() for button in self.empty.buttons)
        self.lanes.setVisible(not bare)
        self.empty.setVisible(bare)
        if not bare:
            return
        pipeline = self.pipelines.value() or _ALL
        show_empty_board(
            self.empty, mine=self.whose.value() == "mine", pipeline="" if pipeline == _ALL else pipeline,
            new=self.new_opportunity, widen=self._widen,
        )  # fmt: skip
        if had_keys or self._begins:
            self.empty.buttons[0].show()  # made just now: what is not shown takes no keys
            self.empty.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _widen(self) -> None:
        self.whose.set_value("all")
        self.pipelines.set_value(_ALL)
        self._begins = True
        self.read()

    # -- what the user does -------------------------------------------------------------------------------------

    def move_card(self, record_id: str, code: str, loss: Loss | None = None) -> None:
        """Put a card into a stage; a lost one is asked for its reason first."""
        stage = next(item.stage for item in self.board.columns if item.stage.code == code)
        card = self._card(record_id)
        if card is None or card.stage == code:
            return
        if stage.outcome == "lost" and loss is None:
            self._losing = record_id, stage
            self.lost.begin()
            return
        app = self.shell.app
        self._follow = record_id

        def work() -> Row | None:
            before = app.store.read(lambda reader: reader.get("opportunity", record_id))
            app.pipeline.move(record_id, code, loss, INITIATOR)
            return before

        def done(before: Row | None) -> None:
            def back() -> None:
                if before is not None:
                    self._follow = record_id
                    self.shell.tasks.write(lambda: app.pipeline.put_back(before, INITIATOR))

            self.shell.toast(tr("board.moved", name=card.title, stage=stage.label(language())), back)

        def failed(error: CrmError) -> None:
            self._follow = ""
            self.shell.show_error(error)

        self.shell.tasks.write(work, done, failed)

    def new_opportunity(self) -> None:
        """A new one, in the first stage."""
        first = self.board.columns[0].stage.code if self.board.columns else ""
        self.shell.navigate("record", entity="opportunity", values={"stage": first})

    def _lose(self, reason: str, competitor: str, gap: str, note: str) -> bool:
        """Close the card as lost; False where the gap is no figure."""
        percent = parse_figure(gap, language()) if gap.strip() else None
        if gap.strip() and percent is None:
            return False
        if self._losing is not None:
            record_id, stage = self._losing
            self._losing = None
            self.move_card(record_id, stage.code, Loss(reason, competitor, percent, note))
        return True

    def _card(self, record_id: str) -> Card | None:
        return next((card for item in self.board.columns for card in item.cards if card.id == record_id), None)

    def _lost_closed(self) -> None:
        self._losing = None
        self.lanes.begin()

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.list_button = normal("", "list")
        self.new_button = primary("", "plus")
        self.stages_button, self.outcomes_button = normal("", "settings"), normal("", "target")
        self.bar = TopBar("", "", [self.stages_button, self.outcomes_button, self.list_button, self.new_button])
        self.whose = ChoicePills("", [("all", "all"), ("mine", "mine")])
        self.whose.set_value("all")
        self.pipelines = ChoicePills("", [(_ALL, _ALL)])
        self.pipelines.set_value(_ALL)
        pills = boxed(row(self.whose, self.pipelines, STRETCH, spacing=20, margins=(24, 8, 24, 8)))
        self.lost = LostForm(self._lose)
        self.lost.closed.connect(self._lost_closed)
        self.lanes = BoardLanes()
        self.lanes.opened.connect(lambda record: self.shell.navigate("record", entity="opportunity", record_id=record))
        self.lanes.sent.connect(self.move_card)
        self.hints = KeyHints()
        lost = boxed(column(self.lost, margins=(24, 0, 24, 8)))
        self.empty = EmptyState("target", "")
        self.empty.hide()
        whole = column(self.bar, pills, lost, hline(), self.lanes, self.empty, hline(), self.hints)
        whole.setStretch(4, 1)
        whole.setStretch(5, 1)
        self.setLayout(whole)
        self.whose.chosen.connect(lambda _value: self.read())
        self.pipelines.chosen.connect(lambda _value: self.read())
        self.stages_button.clicked.connect(lambda: self.shell.navigate("stages"))
        self.outcomes_button.clicked.connect(lambda: self.shell.navigate("outcomes"))
        self.list_button.clicked.connect(lambda: self.shell.navigate("pipeline"))
        self.new_button.clicked.connect(self.new_opportunity)
        part_keys(self, {"N": self.new_opportunity, "L": lambda: self.shell.navigate("pipeline")})
