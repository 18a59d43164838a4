"""What this revision changed against the one before it, in the side of the quote editor."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.quote_compare import LineChange
from ui.window.i18n import fmt_money, fmt_number, tr
from ui.window.views.layout import boxed, column, row
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader

_MOST = 8


def add_changes(target: QVBoxLayout, changes: Sequence[LineChange], against: int, currency: str) -> None:
    """Put the differences against revision `against` below what stands in a column; nothing where there are none."""
    if not changes:
        return
    target.addSpacing(20)
    target.addWidget(SectionHeader(tr("quote.compared", number=against), str(len(changes))))
    for change in changes[:_MOST]:
        target.addWidget(_change(change, currency))
    if len(changes) > _MOST:
        target.addWidget(Label(tr("quote.more_changes", count=len(changes) - _MOST), "cap"))


def _change(change: LineChange, currency: str) -> QWidget:
    if change.before is None and change.after is not None:
        told = tr("quote.line_new", now=_said(change.after, currency))
    elif change.after is None and change.before is not None:
        told = tr("quote.line_left_out", before=_said(change.before, currency))
    else:
        assert change.before is not None
        assert change.after is not None
        told = tr("quote.line_changed", before=_said(change.before, currency), now=_said(change.after, currency))
    difference = (change.after[2] if change.after else Decimal(0)) - (change.before[2] if change.before else Decimal(0))
    sign = "+" if difference > 0 else ""
    line = row(spacing=10, margins=(0, 5, 0, 5))
    line.addLayout(column(Label(change.name, "m", wrap=True), Label(told, "cap", wrap=True), spacing=1), 1)
    money = Label(f"{sign}{fmt_money(difference, currency)}" if difference else "", "sec", tabular=True)
    line.addWidget(money, 0, Qt.AlignmentFlag.AlignTop)
    return boxed(line)


def _said(figures: tuple[Decimal, Decimal, Decimal], currency: str) -> str:
    quantity, net, _ = figures
    return tr("quote.times", quantity=fmt_number(quantity), price=fmt_money(net, currency))
