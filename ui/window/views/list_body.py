"""The working part of a list page: the table or what an empty list says, the footer, the preview beside it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QStackedWidget, QWidget

from ui.presenters.list_columns import Column, ListSpec
from ui.window import theme
from ui.window.delegates import ONE_LINE, TWO_LINES
from ui.window.i18n import tr
from ui.window.models.row_window import RowWindow
from ui.window.page import Shell
from ui.window.progress_strip import ProgressStrip
from ui.window.views.column_contents import contents_on_screen
from ui.window.views.column_widths import share_width
from ui.window.views.kept_widths import KeptWidths
from ui.window.views.layout import boxed, column, row
from ui.window.views.preview_pane import PreviewPane
from ui.window.views.state_counts import StateCounts
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.skeleton import SkeletonRows
from ui.window.widgets.surface import hline, vline

PREVIEW_FROM = 1280


class ListBody(QWidget):
    """`acts` takes the single letters of the list and says whether one meant something."""

    def __init__(
        self, shell: Shell, spec: ListSpec, name: str, model: RowWindow, acts: Callable[[QKeyEvent], bool]
    ) -> None:
        super().__init__()
        self._spec = spec
        self._model = model
        self._acts = acts
        self._columns: Sequence[Column] = ()
        self._contents: dict[str, int] = {}  # what the first rows on the screen need, px by column
        self._preview_wanted: bool | None = None
        self._previewed: str | None = None
        self._read_once = False
        self.table = RecordTable(name, TWO_LINES if spec.two_lines else ONE_LINE)
        self.table.setModel(model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.viewport().installEventFilter(self)
        self.table.installEventFilter(self)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        high = TWO_LINES if spec.two_lines else ONE_LINE
        self.widths = KeptWidths(shell, spec.page, self.table, self._key_of)
        self.widths.changed.connect(self._share_width)
        self.skeleton = SkeletonRows(high, self.table.column_places, self.table.viewport())
        self.empty = EmptyState(spec.icon, "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.hints = KeyHints()
        self.more_hints: tuple[tuple[str, str], ...] = ()  # keys of this list alone
        self.states = StateCounts()
        self.hints.add_right(self.states)
        self.preview = PreviewPane(shell)
        self._edge = vline()
        self.wait = ProgressStrip()
        self.wait.bar.hide()  # nobody knows how far an order is
        left = boxed(column(self.wait, self.stack, hline(), self.hints))
        working = row(left, self._edge, self.preview, spacing=0)
        working.setStretch(0, 1)
        self.setLayout(working)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._current_changed())
        model.fetched.connect(lambda _count: self._rows_here())

    # -- the current row ----------------------------------------------------------------------------------------

    def current_number(self) -> int | None:
        """The store's number of the current row."""
        index = self.table.currentIndex()
        there = index.isValid() and index.row() < self._model.rowCount()
        return self._model.row_number(index.row()) if there else None

    def current_id(self) -> str | None:
        """The id of the current record once its row is here."""
        index = self.table.currentIndex()
        view = self._model.view(index.row()) if index.isValid() else None
        return view.id if view is not None else None

    def show_rows(self, current: int | None, *, first: bool, into_view: bool = False) -> None:
        """Show the table, or that it is empty; the cursor stays on the record it was on, or goes `into_view` to it."""
        self._read_once = True
        self.skeleton.end()
        count = self._model.rowCount()
        focused = QApplication.focusWidget()
        with_keys = focused is not None and self.stack.isAncestorOf(focused)
        self.stack.setCurrentWidget(self.table if count else self.empty)
        if with_keys:
            self.take_keys()
        self.fold()
        at = self._model.row_of(current) if current is not None else -1
        if count and (at >= 0 or first or not self.table.currentIndex().isValid()):
            self._select(max(0, at), scroll=at < 0 or into_view)
        self.show_preview()

    def take_keys(self) -> None:
        """To the rows, or to the step that an empty list offers."""
        offered = self.empty.buttons if self.stack.currentWidget() is self.empty else []
        (offered[0] if offered else self.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def to_the_top(self) -> None:
        """Another list begins: no row is the current one."""
        self._contents = {}
        self.table.scrollToTop()
        self.table.setCurrentIndex(QModelIndex())

    def _select(self, at: int, *, scroll: bool) -> None:
        index = self._model.index(at, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if scroll:
            self.table.doItemsLayout()  # one row more than before: until then the last cannot be scrolled to
            self.table.setCurrentIndex(index)
        else:
            self.table.selectionModel().setCurrentIndex(index, flags)

    def _current_changed(self) -> None:
        self._previewed = None
        self.show_preview()

    def _rows_here(self) -> None:
        self._fit_contents()
        # The row was still on the way when it became current.
        if self._previewed != self.current_id():
            self._previewed = self.current_id()
            self.show_preview()

    # -- preview ------------------------------------------------------------------------------------------------

    def toggle_preview(self) -> None:
        """Show or hide the pane."""
        self._preview_wanted = self.preview.isHidden()
        self.fold()
        self.show_preview()

    def show_preview(self) -> None:
        """The current record beside the list."""
        record_id = self.current_id()
        if self.preview.isHidden() or record_id is None:
            if record_id is None and not self._model.rowCount():
                self.preview.clear()
            return
        self.preview.read(self._spec, record_id)

    def fold(self) -> None:
        """The pane opens by itself where there is room for it and a row to show."""
        room = self.window().width() >= theme.px(PREVIEW_FROM)
        wanted = room if self._preview_wanted is None else self._preview_wanted
        shown = wanted and self.stack.currentWidget() is self.table
        if self.preview.isHidden() == shown:
            self.preview.setVisible(shown)
            self._edge.setVisible(shown)

    # -- columns ------------------------------------------------------------------------------------------------

    def set_columns(self, columns: Sequence[Column], headings: Sequence[str]) -> None:
        """Columns and their headings in the language of the window."""
        self._columns = columns
        self._contents = {}
        self._model.set_headings([(text, item.right) for text, item in zip(headings, columns, strict=True)])
        self._share_width()
        self._fit_contents()

    def show_order(self, sort: str, *, descending: bool) -> None:
        """Mark the column the list is sorted by."""
        section = next((at for at, item in enumerate(self._columns) if item.sort and item.sort == sort), -1)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(section, order)

    def _key_of(self, section: int) -> str:
        return self._columns[section].key if section < len(self._columns) else ""

    def _share_width(self) -> None:
        if self._columns:
            share_width(self.table, self._spec.entity, self._columns, self.widths.of, self._contents)

    def _fit_contents(self) -> None:
        # Once for each list: columns that move while one scrolls cannot be read.
        if not self._contents:
            self._contents = contents_on_screen(self.table, self._model, self._columns)
            if self._contents:
                self._share_width()

    def show_hints(self) -> None:
        """The keys that matter here, in the language of the window."""
        hints = [
            ("↑ ↓", tr("key.move")),
            (tr("key.enter"), tr("key.open")),
            (tr("key.space"), tr("key.preview")),
            ("/", tr("list.key_find")),
            ("F", tr("list.key_filter")),
        ]
        if self._spec.entity == "account":
            hints.insert(3, ("V", tr("key.visit_note")))
        if self._spec.new_page:
            hints.append(("N", tr("list.key_new")))
        self.hints.set_hints([*hints, *self.more_hints])

    # -- events -------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is here yet: what takes longer than a moment shows the shape of what comes."""
        super().showEvent(event)
        if not self._read_once:
            self.skeleton.begin()
            self.widths.read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pane folds away and columns share the width."""
        super().resizeEvent(event)
        self.fold()

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
            self.skeleton.resize(self.table.viewport().size())
        return super().eventFilter(watched, event)
