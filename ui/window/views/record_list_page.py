"""One list page for every kind of record: lazily read rows, filters, saved lists, preview, keyboard."""

from array import array
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QStackedWidget, QWidget

from crm_desktop.model.wire import field_facts
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.list_columns import SPECS, Column, ListSpec, Look
from ui.presenters.list_filters import replaced, without
from ui.presenters.record_list import list_rows
from ui.presenters.saved_lists import SavedList
from ui.window import theme
from ui.window.delegates import ONE_LINE, TWO_LINES
from ui.window.i18n import fmt_near_day, tr
from ui.window.models.list_cells import cell, heading
from ui.window.models.row_window import RowWindow
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.column_widths import share_width
from ui.window.views.filter_editor import FilterEditor
from ui.window.views.layout import boxed, column, row
from ui.window.views.list_files import ListFiles
from ui.window.views.list_head import ListHead
from ui.window.views.preview_pane import PreviewPane
from ui.window.views.save_list_row import SaveListRow
from ui.window.views.saved_list_actions import SavedListActions
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.surface import hline, surface, vline

PREVIEW_FROM = 1280
_TYPING_MS = 160


class RecordListPage(Page):
    """`open(list_id=…)` shows a saved list, `open()` keeps the list as it was left."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.spec: ListSpec = SPECS[self.name]
        self.columns: tuple[Column, ...] = self.spec.columns
        self.query = ListQuery(self.spec.entity, (), self.spec.sort, self.spec.descending)
        self.saved: SavedList | None = None
        self.total = 0
        self.ids = _no_rows()
        self._titles: dict[tuple[str, str], str] = {}
        self._preview_wanted: bool | None = None
        self._editing: int | None = None
        self._loaded = False
        self.files = ListFiles(shell, self.spec)
        self.lists = SavedListActions(shell, self.name)
        self.model = RowWindow(shell.tasks, self._fetch, self._cell, self)
        self._build()
        self._connect()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the list; a saved one by its id."""
        list_id = where.get("list_id")
        if list_id:
            self._open_saved(str(list_id))
        elif self.saved is not None:
            self.saved = None
            self.query = ListQuery(self.spec.entity, (), self.spec.sort, self.spec.descending)
            self._query_changed()
        elif not self._loaded:
            self.read()
        self.setFocusProxy(self.table)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Read again when the list or what it shows of other records changed."""
        if not self._loaded:
            return
        touching = {self.spec.entity, "outbox", "everything", *_SHOWN_WITH.get(self.spec.entity, ())}
        if kinds & touching:
            self.read()
        elif "sync_status" in kinds:
            self._show_as_of()

    def retranslate(self) -> None:
        """Headings, buttons, filters and cells in the language of the window."""
        self._show_title()
        self.head.retranslate()
        self.model.set_headings([(heading(self.spec, item), item.right) for item in self.columns])
        self._share_width()
        self.editor.retranslate()
        self._show_filters()
        self._show_order()
        self._show_hints()
        self.model.refetch_text()
        self._show_as_of()
        self._show_empty()

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the row numbers of the list and how many records there are in all."""
        query, store = self.query, self.shell.app.store

        def work(reader: Reader) -> "tuple[array[int], int]":
            return reader.row_ids(query), reader.counts().get(query.entity, 0)

        self.shell.tasks.read(lambda: store.read(work), self._show_ids, key=f"list {self.name}")

    def _fetch(self, numbers: Any) -> Any:
        store, spec = self.shell.app.store, self.spec
        extra = tuple(item.key for item in self.columns if item not in spec.columns)
        return store.read(lambda reader: list_rows(reader, spec, numbers, extra))

    def _cell(self, view: Any, section: int) -> Any:
        return cell(self.spec, self.columns[section], view, self.shell.app.clock.now)

    def _show_ids(self, found: "tuple[array[int], int]") -> None:
        ids, self.total = found
        current = self.current_number()
        first = not self._loaded
        self._loaded = True
        self.ids = ids
        self.model.set_ids(ids)
        self._show_title()
        self._show_empty()
        self.body.setCurrentWidget(self.table if len(ids) else self.empty)
        at = self.model.row_of(current) if current is not None else -1
        if len(ids) and (at >= 0 or first or not self.table.currentIndex().isValid()):
            self._select(max(0, at), scroll=at < 0)
        self._show_preview()

    # -- what the user does -------------------------------------------------------------------------------------

    def current_number(self) -> int | None:
        """The store's number of the current row."""
        index = self.table.currentIndex()
        return self.model.row_number(index.row()) if index.isValid() and index.row() < len(self.ids) else None

    def current_id(self) -> str | None:
        """The id of the current record once its row is here."""
        index = self.table.currentIndex()
        view = self.model.view(index.row()) if index.isValid() else None
        return view.id if view is not None else None

    def open_current(self) -> None:
        """Open the current record on its page."""
        record_id = self.current_id()
        if record_id is None:
            return
        where: dict[str, Any] = {self.spec.parameter: record_id}
        if self.spec.opens == "record":
            where["entity"] = self.spec.entity
        self.shell.navigate(self.spec.opens, **where)

    def new_record(self) -> None:
        """Begin a new record of this list."""
        if not self.spec.new_page:
            return
        where = {"entity": self.spec.entity} if self.spec.new_page == "record" else {}
        self.shell.navigate(self.spec.new_page, **where)

    def visit_note(self) -> None:
        """A visit note for the current account."""
        record_id = self.current_id()
        if record_id is not None and self.spec.entity == "account":
            self.shell.navigate("note", account_id=record_id)

    def toggle_preview(self) -> None:
        """Show or hide the pane."""
        self._preview_wanted = self.preview.isHidden()
        self._fold()
        self._show_preview()

    def add_filter(self) -> None:
        """Begin another condition."""
        self._editing = None
        self.editor.open_for(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F finds in the list, Escape goes back to it; single letters act wherever no text is typed."""
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_F:
            self.head.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() == Qt.Key.Key_Escape and self.head.finder.hasFocus():
            self.head.finder.clear()
            self._searched()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not isinstance(self.focusWidget(), QLineEdit) and self._acts(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def _acts(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        act = self._letters.get(Qt.Key(event.key())) if plain else None
        if act is not None:
            act()
        return act is not None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pane folds away and columns share the width."""
        super().resizeEvent(event)
        self._fold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Columns follow the width of the table, also when its scroll bar comes; letters act on the list.

        The table's own search by letters would read every row, so letters end here.
        """
        if watched is self.table and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if self._acts(event):
                return True
            letters = event.text().isprintable() and event.text() != ""
            return letters and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            self._share_width()
        return super().eventFilter(watched, event)

    # -- filters and order --------------------------------------------------------------------------------------

    def set_filters(self, filters: tuple[Filter, ...]) -> None:
        """Show the list under other conditions."""
        self.query = ListQuery(self.spec.entity, filters, self.query.sort, self.query.descending, self.query.search)
        self._query_changed()

    def clear_filters(self) -> None:
        """The whole list again."""
        self.head.finder.clear()
        self.query = ListQuery(self.spec.entity, (), self.query.sort, self.query.descending)
        self._query_changed()

    def sort_by(self, section: int) -> None:
        """Sort by a column's heading; a second time turns the order round."""
        field = self.columns[section].sort
        if not field:
            return
        descending = not self.query.descending if self.query.sort == field else self._begins_with_last(section)
        self.query = ListQuery(self.spec.entity, self.query.filters, field, descending, self.query.search)
        self._query_changed()

    def _begins_with_last(self, section: int) -> bool:
        return self.columns[section].look in (Look.DATE, Look.INSTANT, Look.MONEY, Look.NUMBER)

    def _query_changed(self) -> None:
        self._show_filters()
        self._show_order()
        self._show_title()
        self.table.scrollToTop()
        self.table.setCurrentIndex(QModelIndex())
        self.read()

    def _searched(self) -> None:
        query = self.query
        self.query = ListQuery(
            query.entity, query.filters, query.sort, query.descending, self.head.finder.text().strip()
        )
        self._query_changed()

    def _edit_filter(self, key: str) -> None:
        self._editing = int(key)
        former = self.query.filters[self._editing]
        facts = field_facts(self.spec.entity)[former.field]
        self.editor.open_for(former, self._titles.get((facts.ref or "", str(former.value)), ""))

    def _filter_made(self, made: Filter, words: str) -> None:
        facts = field_facts(self.spec.entity)[made.field]
        if facts.ref and words:
            self._titles[facts.ref, str(made.value)] = words
        self.set_filters(replaced(self.query.filters, self._editing, made))
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _editor_closed(self) -> None:
        self.editor.hide()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- saved lists --------------------------------------------------------------------------------------------

    def _open_saved(self, list_id: str) -> None:
        def show(saved: SavedList | None, names: dict[tuple[str, str], str]) -> None:
            self.saved = saved
            self._titles |= names
            if saved is not None:
                self.query = saved.query()
            self._query_changed()

        self.lists.open(list_id, show)

    def _remove_list(self) -> None:
        if self.saved is not None:
            self.lists.remove(self.saved)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show_title(self) -> None:
        self.head.show_title(self.saved, self.query, len(self.ids) if self._loaded else None, self.total)

    def _show_as_of(self) -> None:
        last = self.shell.status_bridge.last_run if isinstance(self.shell, PageFrame) else None
        self.head.as_of.set_text(tr("day.as_of", when=self._when(last.at)) if last is not None else "")

    def _when(self, at: Any) -> str:
        return fmt_near_day(at, self.shell.app.clock.now(), capital=False)

    def _show_filters(self) -> None:
        self.head.show_filters(self.query, self._titles)

    def _show_order(self) -> None:
        header = self.table.horizontalHeader()
        section = next((at for at, item in enumerate(self.columns) if item.sort and item.sort == self.query.sort), -1)
        order = Qt.SortOrder.DescendingOrder if self.query.descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(section, order)

    def _show_empty(self) -> None:
        count, as_of = self.total, self.head.as_of.plain_text()
        plural = tr(f"nav.{self.name}")
        searched = tr("list.searched", count=count, what=plural, as_of=f", {as_of}" if as_of else "")
        if self.query.filters or self.query.search:
            actions = [(tr("action.clear_filters"), self.clear_filters)]
            self.empty.set_state(self.spec.icon, tr("list.nothing_matches"), "", actions, searched)
            return
        actions = [(tr(self.spec.new_word), self.new_record)] if self.spec.new_word else []
        text = tr(f"list.empty_{self.name}")
        self.empty.set_state(self.spec.icon, tr("list.none_here", what=plural), text, actions, searched)

    def _show_hints(self) -> None:
        hints = [
            ("↑ ↓", tr("key.move")),
            (tr("key.enter"), tr("key.open")),
            (tr("key.space"), tr("key.preview")),
            ("/", tr("list.key_find")),
            ("F", tr("list.key_filter")),
        ]
        if self.spec.entity == "account":
            hints.insert(3, ("V", tr("key.visit_note")))
        if self.spec.new_page:
            hints.append(("N", tr("list.key_new")))
        self.hints.set_hints(hints)

    def _show_preview(self) -> None:
        record_id = self.current_id()
        if self.preview.isHidden() or record_id is None:
            if record_id is None and not len(self.ids):
                self.preview.clear()
            return
        self.preview.read(self.spec, record_id)

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.head = ListHead(self.name, self.spec)
        self.editor = FilterEditor(self.shell, self.spec.entity)
        self.save_row = SaveListRow()
        height = TWO_LINES if self.spec.two_lines else ONE_LINE
        self.table = RecordTable(tr(f"nav.{self.name}"), height)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.viewport().installEventFilter(self)
        self.table.installEventFilter(self)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.empty = EmptyState(self.spec.icon, "")
        self.body = QStackedWidget()
        self.body.addWidget(self.table)
        self.body.addWidget(self.empty)
        self.hints = KeyHints()
        self.preview = PreviewPane(self.shell)
        self._edge = vline()
        left = boxed(column(self.body, hline(), self.hints))
        parts: tuple[QWidget, ...] = (left, self._edge, self.preview)
        working = row(*parts, spacing=0)
        working.setStretch(0, 1)
        self.setLayout(column(self.head, self.editor, self.save_row, self.files.report, working))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        keys = Qt.Key
        self._letters = {
            keys.Key_Space: self.toggle_preview,
            keys.Key_V: self.visit_note,
            keys.Key_N: self.new_record,
            keys.Key_F: self.add_filter,
            keys.Key_Slash: self.head.finder.setFocus,
        }

    def _connect(self) -> None:
        self.table.opened.connect(lambda _index: self.open_current())
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._current_changed())
        self.table.horizontalHeader().sectionClicked.connect(self.sort_by)
        self.model.fetched.connect(lambda _count: self._rows_here())
        self.head.new_button.clicked.connect(self.new_record)
        self.head.export_button.clicked.connect(lambda: self.files.export(self.query))
        self.head.files_button.clicked.connect(self.files.choose)
        self.head.pane_button.clicked.connect(self.toggle_preview)
        self.head.save_link.clicked.connect(lambda: self.save_row.ask(self.saved.name if self.saved else ""))
        self.save_row.named.connect(lambda name: self.lists.save(name, self.query))
        self.head.remove_link.clicked.connect(self._remove_list)
        self.head.filters.add_clicked.connect(self.add_filter)
        self.head.filters.edited.connect(self._edit_filter)
        self.head.filters.removed.connect(lambda key: self.set_filters(without(self.query.filters, int(key))))
        self.editor.applied.connect(self._filter_made)
        self.editor.closed.connect(self._editor_closed)
        self.head.finder.textEdited.connect(lambda _text: self._typing.start())
        self.head.finder.returnPressed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self._typing.timeout.connect(self._searched)

    def _current_changed(self) -> None:
        self._previewed = None
        self._show_preview()

    def _rows_here(self) -> None:
        # The row was still on the way when it became current.
        if self._previewed != self.current_id():
            self._previewed = self.current_id()
            self._show_preview()

    _previewed: str | None = None

    def _select(self, at: int, *, scroll: bool) -> None:
        index = self.model.index(at, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if scroll:
            self.table.setCurrentIndex(index)
        else:
            self.table.selectionModel().setCurrentIndex(index, flags)

    def _fold(self) -> None:
        room = self.window().width() >= theme.px(PREVIEW_FROM)
        shown = room if self._preview_wanted is None else self._preview_wanted
        if self.preview.isHidden() == shown:
            self.preview.setVisible(shown)
            self._edge.setVisible(shown)

    def _share_width(self) -> None:
        headings = [heading(self.spec, item) for item in self.columns]
        share_width(self.table, self.columns, headings)


class AccountsPage(RecordListPage):
    """Accounts, with import."""

    name = "accounts"


class ContactsPage(RecordListPage):
    """People at accounts."""

    name = "contacts"


class VisitsPage(RecordListPage):
    """Visits and their notes."""

    name = "visits"


class QuotesPage(RecordListPage):
    """Quotes with the state of their newest revision."""

    name = "quotes"


class OrdersPage(RecordListPage):
    """Orders as the ERP knows them."""

    name = "orders"


class TasksPage(RecordListPage):
    """What is to be done."""

    name = "tasks"


_SHOWN_WITH = {
    "account": ("contact", "address", "channel", "visit", "quote_line", "quote_revision", "task", "conflict"),
    "contact": ("channel", "account"),
    "visit": ("account",),
    "quote": ("quote_revision", "quote_line", "account"),
    "order": ("order_line", "account"),
    "task": ("account",),
}


def _no_rows() -> "array[int]":
    return array("q")
