"""The head of a list: its name and count, what can be done with it, the finder and the conditions."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.store.lists import ListQuery
from ui.presenters.list_columns import ListSpec
from ui.presenters.saved_lists import SavedList
from ui.window import theme
from ui.window.i18n import fmt_number, tr
from ui.window.views.filter_words import filter_sentence
from ui.window.views.layout import boxed, column, row
from ui.window.widgets.button import Button, icon_button, link, normal, primary
from ui.window.widgets.filter_bar import FilterBar
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.top_bar import TopBar


class ListHead(QWidget):
    """Buttons and fields for the page to connect; it shows what it is told."""

    def __init__(self, name: str, spec: ListSpec) -> None:
        super().__init__()
        surface(self, "canvas")
        self._name = name
        self._spec = spec
        self.as_of = Label("", "cap")
        self.export_button = normal(tr("action.export"), "download")
        self.files_button = normal(tr("action.import"), "upload")
        self.new_button: Button = primary("", "plus")
        self.bar = TopBar("", "", [self.as_of, self.export_button, self.files_button, self.new_button])
        # Only now: a widget shown before it has a parent is a window of its own for a moment.
        self.files_button.setVisible(spec.entity in ("account", "contact"))
        self.new_button.setVisible(bool(spec.new_page))
        self.finder = QLineEdit()
        self.finder.setObjectName("find_in_list")
        self.finder.setProperty("k", "search")
        self.finder.setClearButtonEnabled(True)
        self.filters = FilterBar(tr("action.filter"), tr("action.filter"))
        self.save_link = link(tr("action.save_list"))
        self.remove_link = link(tr("list.remove"))
        self.columns_button = icon_button("columns-3", tr("list.columns"))
        self.pane_button = icon_button("panel-left", tr("action.preview"))
        line = row(
            IconLabel("funnel", "t2"),
            self.finder,
            self.filters,
            self.save_link,
            self.remove_link,
            self.columns_button,
            self.pane_button,
            spacing=10,
            margins=(24, 7, 16, 7),
        )
        line.setStretch(2, 1)
        line.setAlignment(self.filters, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(column(self.bar, boxed(line), hline()))

    def retranslate(self) -> None:
        """Buttons and the finder in the language of the window."""
        self.files_button.set_text(tr("action.import"))
        self.export_button.set_text(tr("action.export"))
        self.new_button.set_text(tr(self._spec.new_word) if self._spec.new_word else "")
        self.filters.set_words(tr("action.filter"), tr("action.filter"))
        self.save_link.set_text(tr("action.save_list"))
        self.remove_link.set_text(tr("list.remove"))
        for button, key in ((self.columns_button, "list.columns"), (self.pane_button, "action.preview")):
            button.setAccessibleName(tr(key))
            button.setToolTip(tr(key))
        self.finder.setPlaceholderText(tr("list.find"))
        # The icon of the clear button is not there while the placeholder is, but its room is.
        self.finder.setMinimumWidth(self.finder.fontMetrics().horizontalAdvance(tr("list.find")) + theme.px(40))
        self.finder.setAccessibleName(tr("list.find"))

    def show_title(self, saved: SavedList | None, query: ListQuery, shown: int | None, total: int) -> None:
        """Name, count (None: not read yet), and whether the list may be saved or removed."""
        self.bar.set_title(saved.name if saved else tr(f"nav.{self._name}"))
        if shown is None:
            self.bar.set_caption("")
        elif shown == total:
            self.bar.set_caption(fmt_number(total))
        else:
            self.bar.set_caption(tr("list.some_of", shown=fmt_number(shown), total=fmt_number(total)))
        self.remove_link.setVisible(saved is not None)
        narrowed = bool(query.filters) or (query.sort, query.descending) != (self._spec.sort, self._spec.descending)
        kept = None if saved is None else (saved.filters, saved.sort, saved.descending)
        self.save_link.setVisible(narrowed and kept != (query.filters, query.sort, query.descending))

    def show_filters(self, query: ListQuery, titles: Mapping[tuple[str, str], str]) -> None:
        """The conditions as sentences; `titles` names the records they point to."""
        blocks = []
        for number, item in enumerate(query.filters):
            sentence = filter_sentence(self._spec.entity, item, dict(titles))
            blocks.append((str(number), sentence, tr("filter.remove", condition=sentence)))
        self.filters.set_filters(blocks)
