"""Won and lost: how many, how much, to whom and why, by quarter or year."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.outcomes import PERIODS, Group, Outcomes, Sums, load_outcomes, span, total
from ui.window.formats import MISSING
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, fmt_percent, tr
from ui.window.models.outcome_rows import COLUMNS, FIGURES, WIDTHS, OutcomesModel, reason_words
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.top_bar import TopBar

_SIDE = 320
_MOST_GROUPS = 8
_SHOWN = frozenset(
    {"quote", "quote_revision", "quote_line", "opportunity", "opportunity_stage", "account", "everything"}
)


class OutcomesPage(Page):
    """`open(period=…)` with one of PERIODS."""

    name = "outcomes"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self.found: Outcomes | None = None
        self.bar = TopBar()
        self.period = ChoicePills("", [(period, period) for period in PERIODS])
        self.period.set_value(PERIODS[0])
        self.which = ChoicePills("", [("lost", "lost"), ("won", "won")])
        self.which.set_value("lost")
        self.period.chosen.connect(lambda _value: self.read())
        self.which.chosen.connect(lambda _value: self._show())
        pills = boxed(row(self.period, STRETCH, self.which, spacing=20, margins=(24, 8, 24, 8)))
        self._figures = FlowLayout(None, 28)
        figures = QWidget()
        figures.setLayout(self._figures)
        self.model = OutcomesModel(self)
        self.table = RecordTable("")
        self.table.setModel(self.model)
        self.table.set_widths(WIDTHS, COLUMNS.index("account"), 110, figures=FIGURES)
        self.table.opened.connect(self._open)
        self.empty = EmptyState("target", "")
        self.basis = Label("", "cap", wrap=True)
        head = boxed(column(figures, 12, self.basis, margins=(24, 14, 24, 12)))
        self._groups = QVBoxLayout()
        self._groups.setContentsMargins(20, 14, 16, 12)
        self._groups.setSpacing(0)
        self.hints = KeyHints()
        main = column(head, hline(), self.table, self.empty)
        main.setStretchFactor(self.table, 1)
        self.columns = FoldingColumns(boxed(main), boxed(self._groups), _SIDE, self.hints)
        self.setLayout(column(self.bar, pills, hline(), self.columns))
        self.setFocusProxy(self.table)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the period."""
        if where.get("period") in PERIODS:
            self.period.set_value(str(where["period"]))
        self.read()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something was decided, here or elsewhere."""
        if kinds & _SHOWN:
            self.read()
        elif "sync_status" in kinds:
            self._show_caption()

    def retranslate(self) -> None:
        """Every word again."""
        self.bar.set_title(tr("nav.outcomes"))
        self.period.set_choices([(period, tr(f"outcomes.{period}")) for period in PERIODS])
        self.period.setAccessibleName(tr("outcomes.period"))
        self.which.set_choices([(which, tr(f"outcomes.{which}")) for which in ("lost", "won")])
        self.which.setAccessibleName(tr("outcomes.which"))
        self.basis.set_text(tr("outcomes.basis"))
        self.table.setAccessibleName(tr("nav.outcomes"))
        self.hints.set_hints([("↑ ↓", tr("key.move")), (tr("key.enter"), tr("key.open"))])
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._show()

    def read(self) -> None:
        """Read what was decided in the chosen period."""
        store, today = self.shell.app.store, self.shell.app.clock.now().astimezone().date()
        first, last = span(self.period.value() or PERIODS[0], today)

        def show(found: Outcomes) -> None:
            self.found = found
            self._show()

        self.shell.tasks.read(
            lambda: store.read(lambda reader: load_outcomes(reader, first, last)), show, key="outcomes"
        )

    def _show(self) -> None:
        found = self.found
        if found is None:
            return
        self._show_caption()
        clear(self._figures)
        rate = fmt_percent(found.rate) if found.rate is not None else MISSING
        for caption, value, below in (
            (tr("outcomes.won"), money(total(found.won)), tr("outcomes.count", count=len(found.won))),
            (tr("outcomes.lost"), money(total(found.lost)), tr("outcomes.count", count=len(found.lost))),
            (tr("outcomes.rate"), rate, tr("outcomes.of_decided", count=len(found.won) + len(found.lost))),
            (tr("outcomes.open"), fmt_number(found.open_count), tr("outcomes.open_below")),
        ):
            self._figures.addWidget(_figure(caption, value, below))
        shown = found.won if self.which.value() == "won" else found.lost
        self.model.set_outcomes(shown)
        for at, name in enumerate(COLUMNS):
            self.table.setColumnHidden(at, name in ("reason", "competitor", "gap") and self.which.value() == "won")
        had_keys = self.table.hasFocus()
        self.table.setVisible(bool(shown))
        self.empty.setVisible(not shown)
        wider = "last_year" if self.period.value() == "year" else "year"
        self.empty.set_state(
            "target",
            tr("outcomes.none_won" if self.which.value() == "won" else "outcomes.none_lost"),
            tr("outcomes.none_text", first=fmt_date(found.first), last=fmt_date(found.last)),
            [(tr(f"outcomes.{wider}"), lambda: self._choose(wider))],
        )
        if had_keys and not shown:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setFocusProxy(self.table if shown else self.empty.buttons[0])
        if shown and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_groups(found)

    def _show_caption(self) -> None:
        found = self.found
        last = self.shell.status_bridge.last_run if isinstance(self.shell, PageFrame) else None
        days = f"{fmt_date(found.first)} – {fmt_date(found.last)}" if found is not None else ""
        now = self.shell.app.clock.now()
        as_of = tr("day.as_of", when=fmt_near_day(last.at, now, capital=False)) if last is not None else ""
        self.bar.set_caption(" · ".join(part for part in (days, as_of) if part))

    def _show_groups(self, found: Outcomes) -> None:
        clear(self._groups)
        for title, groups, words in (
            (tr("outcomes.reasons"), found.reasons, reason_words),
            (tr("outcomes.competitors"), found.competitors, str),
        ):
            self._groups.addWidget(SectionHeader(title))
            if not groups:
                self._groups.addWidget(Label(tr("outcomes.nothing"), "sec", wrap=True))
            most = max((_size(group) for group in groups), default=0.0) or 1.0
            for group in groups[:_MOST_GROUPS]:
                self._groups.addWidget(_group(words(group.key), group, _size(group) / most))
            self._groups.addSpacing(16)
        self._groups.addStretch(1)

    def _choose(self, period: str) -> None:
        self.period.set_value(period)
        self.read()

    def _open(self, index: QModelIndex) -> None:
        one = self.model.outcome(index.row())
        if one is None:
            return
        if one.entity == "quote":
            self.shell.navigate("quote", quote_id=one.id)
        else:
            self.shell.navigate("record", entity=one.entity, record_id=one.id)


def money(sums: Sums) -> str:
    """Sums in words, one after the other; a dash for none."""
    return " + ".join(fmt_money(amount, currency) for currency, amount in sums) or MISSING


def _figure(caption: str, value: str, below: str) -> QWidget:
    return boxed(column(Label(caption, "sec"), Label(value, "h2", tabular=True), Label(below, "sec"), spacing=1))


def _size(group: Group) -> float:
    return float(sum(amount for _, amount in group.sums))


def _group(words: str, group: Group, share: float) -> QWidget:
    said = f"{words}, {money(group.sums)}, {tr('outcomes.count', count=group.count)}"
    first = row(Label(words, "body", elide=True), Label(money(group.sums), "sec", tabular=True), spacing=10)
    first.setStretch(0, 1)
    below = Label(tr("outcomes.count", count=group.count), "cap")
    made = boxed(column(first, 3, ProgressBar(share, "badfill", 4, name=said), 3, below, margins=(0, 8, 0, 4)))
    made.setAccessibleName(said)
    return made
