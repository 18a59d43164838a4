"""An account: what it is, what happened, what comes next."""

from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget

from crm_desktop.errors import CrmError
from ui.presenters.account import AccountView, answer_place
from ui.window.i18n import tr
from ui.window.models.timeline_model import TimelineModel
from ui.window.page import Page, Shell
from ui.window.theme import px
from ui.window.views.account_conflict import AccountConflict
from ui.window.views.account_head import AccountHead
from ui.window.views.account_reading import AccountReading
from ui.window.views.account_side import WIDTH, AccountSide
from ui.window.views.account_tabs import AccountTabs
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.file_intake import FileDrop
from ui.window.views.folding import NARROW
from ui.window.views.layout import Crumbs, boxed, column, crumb_bar, row, scrolling
from ui.window.views.record_standing import RecordStanding
from ui.window.views.timeline_list import TimelineList
from ui.window.widgets.button import Button, icon_button, normal, primary
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.surface import hline, surface, vline
from ui.window.window_keys import part_keys

_COMPLETE_FROM = 760
_ANY_WIDTH = 16777215
_OPENS = {
    "visit": ("note", "visit_id"),
    "quote": ("quote", "quote_id"),
    "order": ("order", "order_id"),
}
_SHOWN = frozenset(
    {
        "account", "contact", "address", "channel", "visit", "activity", "task", "quote", "quote_revision",
        "quote_line", "order", "order_line", "contract", "case", "opportunity",
        "customer_condition", "conflict", "outbox", "everything",
    }
)  # fmt: skip


class AccountPage(Page):
    """`open(account_id=…)`."""

    name = "account"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.account_id = ""
        self.view: AccountView | None = None
        self._reading = AccountReading(shell)
        self._file_count = 0
        self._saved = ""  # a record that was saved in a form opened from here, until its row is found
        self.timeline = TimelineModel(shell.app.clock.now, lambda: shell.app.user_id, self)
        self._build()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the account; another one starts with all tabs and at the top."""
        wanted = str(where.get("account_id") or self.account_id)
        self._saved = ""
        if wanted != self.account_id:
            self.account_id = wanted
            self.tabs.setCurrentIndex(0)
            self.list.scrollToTop()
            self.files.show_files_of(("account", wanted))
        self.read()
        self.setFocusProxy(self.list)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Read again when anything of it may have changed."""
        if self.account_id:
            self.files.refresh(kinds)
            if kinds & _SHOWN:
                self.read()

    def seek(self, entity: str, record_id: str) -> bool:
        """The keys go to the row of the saved record once it is read."""
        self._saved = record_id if record_id != self.account_id else ""
        self.read()
        return bool(self._saved)

    def retranslate(self) -> None:
        """Every word again."""
        self.note_button.set_text(tr("action.visit_note"))
        self.quote_button.set_text(tr("action.new_quote"))
        self.edit_button.set_text(tr("action.edit"))
        self.briefing_button.setToolTip(tr("today.briefing"))
        self.briefing_button.setAccessibleName(tr("today.briefing"))
        self.hints.set_hints(
            [
                ("↑ ↓", tr("key.move")),
                (tr("key.enter"), tr("key.open")),
                ("V", tr("key.visit_note")),
                ("B", tr("today.key_briefing")),
                ("Q", tr("account.key_quote")),
                ("C", tr("account.key_case")),
                ("E", tr("account.key_edit")),
            ]
        )
        self.files.retranslate()
        self.list.setAccessibleName(tr("account.timeline"))
        self.tabs.setAccessibleName(tr("account.timeline"))
        if self.view is not None:
            self._show(self.view)

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the account in one snapshot."""
        self._reading.read(self.account_id, self._show, self._missing)

    def _missing(self, error: CrmError) -> None:
        self.view = None
        self.timeline.set_items(())
        self.shell.show_error(error)

    # -- actions ------------------------------------------------------------------------------------------------

    def visit_note(self) -> None:
        """A note: on the visit planned for today if there is one."""
        self.shell.navigate("note", account_id=self.account_id)

    def briefing(self) -> None:
        """What to know before the door opens, on one page."""
        self.shell.navigate("briefing", account_id=self.account_id)

    def new_quote(self) -> None:
        """A quote for this account."""
        self.shell.navigate("quote", account_id=self.account_id)

    def new_case(self) -> None:
        """A complaint, question or idea of this customer."""
        values = {"account_id": self.account_id}
        self.shell.navigate("record", entity="case", values=values, focus="subject")

    def edit(self) -> None:
        """The form of the account."""
        self.shell.navigate("record", entity="account", record_id=self.account_id)

    def answer(self) -> None:
        """The form, at the field that is asked for."""
        where = answer_place(self.view) if self.view is not None else None
        if where is not None:
            self.shell.navigate("record", **where)

    def open_entry(self, index: QModelIndex) -> None:
        """Open what a timeline entry tells of."""
        item = self.timeline.item(index.row())
        if item is None:
            return
        entity = item.entry.entity
        if entity in _OPENS:
            page, parameter = _OPENS[entity]
            self.shell.navigate(page, **{parameter: item.entry.id})
        else:
            self.shell.navigate("record", entity=entity, record_id=item.entry.id)

    def _dropped(self, paths: list[Path]) -> None:
        """Files dropped anywhere on the page belong to the account."""
        self.tabs.choose("files")
        self.files.add_paths(paths)

    def _files_told(self, count: int) -> None:
        if count != self._file_count:
            self._file_count = count
            if self.view is not None:
                self._show_tabs(self.view)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self, view: AccountView) -> None:
        self.view = view
        now = self.shell.app.clock.now()
        if self._reading.begins(view):
            self.list.show_items(view.timeline)
        else:
            self.timeline.retranslate()
        self.crumbs.set_path([(tr("nav.accounts"), lambda: self.shell.navigate("accounts"))], view.title)
        self.standing.show_state(view.state)
        self.head.show_account(view, now)
        self._show_side(view, now)
        self.conflict.show_conflicts(view.conflicts)
        self._show_tabs(view)

    def _show_side(self, view: AccountView, now: datetime) -> None:
        """The rows anew; the keys stay on the record they were on, or go to the one that was saved."""
        keyed = self._saved or self.side.keys_on()
        self.side.show_account(view, now)
        found = self.side.row_of(keyed) if keyed else None
        if found is None:
            return
        if self._saved and self.narrow:
            self.tabs.choose("side")
        self._saved = ""
        found.show()  # made just now: what is not shown takes no keys
        found.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, found, lambda: self.side_area.ensureWidgetVisible(found))

    def _show_tabs(self, view: AccountView) -> None:
        self.tabs.show_counts(view.counts, self._file_count, narrow=self.narrow)

    def _tab_chosen(self, tab: str) -> None:
        if tab == "side":
            self.main.setCurrentWidget(self.side_area)
        elif tab == "files":
            self.main.setCurrentWidget(self.files_area)
        else:
            self.main.setCurrentWidget(self._list_box)
            self.timeline.set_tab(tab)

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.crumbs = Crumbs()
        self.standing = RecordStanding(self.shell)
        self.edit_button: Button = normal("", "pen-line")
        self.quote_button: Button = normal("", "file-text")
        self.note_button: Button = primary("", "map-pin")
        self.briefing_button = icon_button("book-open", tr("today.briefing"))
        bar = crumb_bar(
            self.crumbs, self.standing, self.briefing_button, self.edit_button, self.quote_button, self.note_button
        )
        self.conflict = AccountConflict(self.shell)
        self.head = AccountHead()
        self.tabs = AccountTabs()
        self.list = TimelineList(self.timeline)
        self.hints = KeyHints()
        self.side = AccountSide(self.shell)
        self.side_area = scrolling(self.side)
        surface(self.side_area, "sunken")
        self.side_area.setFixedWidth(WIDTH)
        self._edge = vline()
        self._list_box = boxed(row(self.list, margins=(24, 0, 16, 0)))
        self.main = QStackedWidget()
        self.main.addWidget(self._list_box)
        self.files = AttachmentsPanel(
            self.shell, lambda then: then(("account", self.account_id)), wide=True, told=self._files_told
        )
        self.files_area = scrolling(boxed(column(self.files, margins=(28, 12, 20, 12))))
        self.main.addWidget(self.files_area)
        FileDrop(self, self._dropped)
        self.narrow = False
        left = boxed(column(boxed(row(self.tabs, margins=(28, 0, 20, 0))), hline(), self.main, hline(), self.hints))
        self._working = row(left, self._edge, self.side_area, spacing=0)
        self._working.setStretch(0, 1)
        layout = column(bar, self.conflict, self.head, hline(), self._working)
        layout.setStretch(4, 1)
        self.setLayout(layout)
        self._connect()

    def _connect(self) -> None:
        self.note_button.clicked.connect(self.visit_note)
        self.briefing_button.clicked.connect(self.briefing)
        self.quote_button.clicked.connect(self.new_quote)
        self.edit_button.clicked.connect(self.edit)
        self.head.answer_clicked.connect(self.answer)
        self.tabs.chosen.connect(self._tab_chosen)
        self.list.activated.connect(self.open_entry)
        self.list.clicked.connect(self.open_entry)
        self.list.end_near.connect(lambda: self._reading.read_more(self.list.show_items))
        actions = {"V": self.visit_note, "B": self.briefing, "Q": self.new_quote, "C": self.new_case, "E": self.edit}
        part_keys(self, actions)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the side column becomes the last tab."""
        super().resizeEvent(event)
        self.head.complete.setVisible(self.width() >= px(_COMPLETE_FROM))
        narrow = self.window().width() < NARROW
        if narrow == self.narrow:
            return
        self.narrow = narrow
        self._edge.setVisible(not narrow)
        if narrow:
            self._working.removeWidget(self.side_area)
            self.side_area.setMaximumWidth(_ANY_WIDTH)
            self.main.addWidget(self.side_area)
        else:
            self.main.removeWidget(self.side_area)
            self.side_area.setFixedWidth(WIDTH)
            self._working.addWidget(self.side_area)
            self.side_area.show()
        if self.view is not None:
            self._show_tabs(self.view)
