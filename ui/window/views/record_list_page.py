"""One list page for every kind of record: lazily read rows, filters, saved lists, preview, keyboard."""

from array import array
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from crm_desktop.store.lists import ListQuery
from ui.presenters.list_choice import keys_of
from ui.presenters.list_columns import SPECS, Column, ListSpec
from ui.presenters.list_contents import ListContents
from ui.presenters.list_suggestion import Suggestion
from ui.presenters.record_list import list_rows
from ui.presenters.saved_lists import SavedList
from ui.window.i18n import fmt_near_day, tr
from ui.window.models.list_cells import cell, heading
from ui.window.models.row_window import RowWindow
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.columns_row import ColumnsRow
from ui.window.views.layout import column
from ui.window.views.list_answer import searched_in, show_narrowed, show_none
from ui.window.views.list_body import ListBody
from ui.window.views.list_conditions import ListConditions
from ui.window.views.list_files import ListFiles
from ui.window.views.list_head import ListHead
from ui.window.views.list_reader import ListReader
from ui.window.views.save_list_row import SaveListRow
from ui.window.views.saved_list_actions import SavedListActions
from ui.window.widgets.surface import surface


class RecordListPage(Page):
    """`open(list_id=…)` shows a saved list, `open()` keeps the list as it was left."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.spec: ListSpec = SPECS[self.name]
        self.columns: tuple[Column, ...] = self.spec.columns
        self.saved: SavedList | None = None
        self.total = 0
        self.ids: array[int] = array("q")
        self._suggestion: Suggestion | None = None
        self._shown_query: ListQuery | None = None  # what stands there; none before the first reading
        self.files = ListFiles(shell, self.spec)
        self.lists = SavedListActions(shell, self.name)
        self.model = RowWindow(shell.tasks, self._fetch, self._cell, self._today, self)
        self._build()
        self._connect()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the list; a saved one by its id, or `filters` (an order by `sort`) that another page counted by."""
        list_id, filters = where.get("list_id"), where.get("filters")
        if list_id:
            self._open_saved(str(list_id))
        elif filters is not None:
            self.saved = None
            self.conditions.know(where.get("titles") or {})
            whole = self.conditions.whole_list()
            self.conditions.show(replace(whole, filters=tuple(filters), sort=where.get("sort") or whole.sort))
        elif self.saved is not None:
            self.saved = None
            self.columns_row.show_columns(())
            self.columns_row.read()
            self.conditions.show(self.conditions.whole_list())
        elif self._shown_query is None:
            self.columns_row.read()
            self.reader.read_anew(self.total)
        self.setFocusProxy(self.table)
        self.body.take_keys()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Read again when the list or what it shows of other records changed."""
        if self._shown_query is not None and not self.reader.hear(kinds) and "sync_status" in kinds:
            self._show_as_of()

    def seek(self, entity: str, record_id: str) -> bool:
        """The list with the saved record as the current one, if it holds it."""
        if entity != self.spec.entity:
            return False
        self.reader.seek(record_id)
        return True

    def retranslate(self) -> None:
        """Headings, buttons, filters and cells in the language of the window."""
        self._show_title()
        self.head.retranslate()
        self.body.set_columns(self.columns, [heading(self.spec, item) for item in self.columns])
        self.columns_row.retranslate()
        self.conditions.retranslate()
        self._show_order()
        self.body.show_hints()
        self.body.states.retranslate()
        self.body.show_preview()
        self.model.refetch_text()
        self._show_as_of()
        self._show_empty()

    # -- what was read ------------------------------------------------------------------------------------------

    def _show_contents(self, found: ListContents, query: ListQuery) -> None:
        first = self._shown_query is None
        if self._shown_query not in (None, query):
            self.body.to_the_top()
        self._shown_query = query
        self.total, self._suggestion = found.total, found.suggestion
        current = self.body.current_number()
        self.ids = found.ids
        self.model.set_ids(found.ids)
        self.body.states.set_counts(found.states)
        self._show_title()
        self._show_empty()
        self.body.show_rows(found.sought or current, first=first, into_view=found.sought is not None)

    def _stopped(self, query: ListQuery) -> None:
        """The list stands as before; one that never stood begins in its first order."""
        if self._shown_query is not None:
            self.shell.toast(tr("list.ordering_stopped"))
            self.conditions.take_back(self._shown_query)
            self._show_order()
            self._show_title()
        elif query != self.conditions.whole_list():
            self.conditions.show(self.conditions.whole_list())

    def _fetch(self, numbers: Any) -> Any:
        store, spec = self.shell.app.store, self.spec
        extra = tuple(item.key for item in self.columns if item not in spec.columns)
        return store.read(lambda reader: list_rows(reader, spec, numbers, extra))

    def _cell(self, view: Any, section: int) -> Any:
        return cell(self.spec, self.columns[section], view, self.shell.app.clock.now)

    def _today(self) -> date:
        return self.shell.app.clock.now().astimezone().date()

    # -- what the user does -------------------------------------------------------------------------------------

    def open_current(self) -> None:
        """Open the current record on its page."""
        record_id = self.body.current_id()
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
        record_id = self.body.current_id()
        if record_id is not None and self.spec.entity == "account":
            self.shell.navigate("note", account_id=record_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F finds in the list, Escape goes back to it; single letters act wherever no text is typed."""
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_F:
            self.head.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() == Qt.Key.Key_Escape and self.body.wait.isVisible():
            self.reader.stop()
        elif event.key() == Qt.Key.Key_Escape and self.head.finder.hasFocus():
            self.head.finder.clear()
            self.conditions.search()
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

    # -- which list ---------------------------------------------------------------------------------------------

    @property
    def query(self) -> ListQuery:
        """The list as it is wanted."""
        return self.conditions.query

    def _query_changed(self) -> None:
        self._show_order()
        self._show_title()
        self.reader.read_anew(self.total)

    def _open_saved(self, list_id: str) -> None:
        def show(saved: SavedList | None, names: dict[tuple[str, str], str]) -> None:
            self.saved = saved
            self.conditions.know(names)
            self.conditions.show(saved.query() if saved is not None else self.query)
            if saved is not None and saved.columns:
                self.columns_row.show_columns(saved.columns)
            else:
                self.columns_row.read()

        self.lists.open(list_id, show)

    def _chosen_keys(self) -> tuple[str, ...]:
        return () if self.columns == self.spec.columns else keys_of(self.columns)

    def _show_columns(self, columns: tuple[Column, ...]) -> None:
        if columns == self.columns:
            return
        current = self.body.current_number()
        self.columns = columns
        self.body.set_columns(columns, [heading(self.spec, item) for item in columns])
        self.model.invalidate()  # the rows on the screen lack what the new columns show
        self._show_order()
        if self._shown_query is not None:
            self.body.show_rows(current, first=False)

    def _remove_list(self) -> None:
        if self.saved is not None:
            self.lists.remove(self.saved)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show_title(self) -> None:
        self.head.show_title(self.saved, self.query, len(self.ids) if self._shown_query else None, self.total)

    def _show_as_of(self) -> None:
        last = self.shell.status_bridge.last_run if isinstance(self.shell, PageFrame) else None
        when = fmt_near_day(last.at, self.shell.app.clock.now(), capital=False) if last is not None else ""
        self.head.as_of.set_text(tr("day.as_of", when=when) if when else "")

    def _show_order(self) -> None:
        self.body.show_order(self.query.sort, descending=self.query.descending)

    def _show_empty(self) -> None:
        as_of = self.head.as_of.plain_text()
        if self.query.filters or self.query.search:
            show_narrowed(
                self.body.empty,
                self.spec,
                self._suggestion,
                self.conditions.titles,
                searched_in(self.spec, self.total, as_of),
                show=self.conditions.show,
                clear=self.conditions.clear,
            )
        else:
            show_none(self.body.empty, self.spec, as_of[:1].upper() + as_of[1:], self.new_record)

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.head = ListHead(self.name, self.spec)
        self.conditions = ListConditions(self.shell, self.spec, self.head, self)
        self.editor = self.conditions.editor
        self.save_row = SaveListRow()
        self.columns_row = ColumnsRow(self.shell, self.spec)
        self.body = ListBody(self.shell, self.spec, tr(f"nav.{self.name}"), self.model, self._acts)
        self.table = self.body.table
        self.reader = ListReader(self.shell, self.spec, lambda: self.query, self.body.wait)
        self.setLayout(column(self.head, self.editor, self.save_row, self.columns_row, self.files.report, self.body))
        keys = Qt.Key
        self._letters = {
            keys.Key_Space: self.body.toggle_preview,
            keys.Key_V: self.visit_note,
            keys.Key_N: self.new_record,
            keys.Key_F: self.conditions.add,
            keys.Key_Slash: self.head.finder.setFocus,
            keys.Key_C: self.columns_row.toggle,
        }

    def _connect(self) -> None:
        self.reader.found.connect(self._show_contents)
        self.reader.stopped.connect(self._stopped)
        self.table.opened.connect(lambda _index: self.open_current())
        self.table.horizontalHeader().sectionClicked.connect(lambda at: self.conditions.sort_by(self.columns[at]))
        self.head.new_button.clicked.connect(self.new_record)
        self.head.export_button.clicked.connect(lambda: self.files.export(self.query))
        self.head.files_button.clicked.connect(self.files.choose)
        self.head.pane_button.clicked.connect(self.body.toggle_preview)
        self.head.save_link.clicked.connect(lambda: self.save_row.ask(self.saved.name if self.saved else ""))
        self.save_row.named.connect(lambda name: self.lists.save(name, self.query, self._chosen_keys()))
        self.head.columns_button.clicked.connect(self.columns_row.toggle)
        self.columns_row.chosen.connect(self._show_columns)
        self.columns_row.stepped.connect(self.body.widths.step)
        self.columns_row.own_wanted.connect(self.body.widths.forget)
        self.head.remove_link.clicked.connect(self._remove_list)
        self.conditions.changed.connect(self._query_changed)
        self.conditions.finished.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
