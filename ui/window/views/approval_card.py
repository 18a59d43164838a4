"""One quote that waits for a decision: what goes beyond the ceiling, why, and the two answers."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.approvals import Approval, AskedLine
from ui.window import theme
from ui.window.i18n import fmt_money, fmt_near_day, fmt_number, fmt_percent, tr
from ui.window.models.list_cells import STATUS_TONE
from ui.window.views.layout import STRETCH, row
from ui.window.widgets.button import Button
from ui.window.widgets.chip import Chip
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel, hline
from ui.window.window_keys import part_keys

WIDTH = 860
_RIGHT = Qt.AlignmentFlag.AlignRight


class ApprovalCard(Panel):
    """`decided` carries "approve" or "return" with the word; `opened` asks for the quote itself.

    `word` is the field of the answer; None for who does not decide. `why_not` is said to who could, but not here.
    """

    decided = Signal(str, str)
    opened = Signal()

    def __init__(
        self,
        approval: Approval,
        now: datetime,
        *,
        may_decide: bool,
        word: str = "",
        first: bool = True,
        why_not: str = "",
    ) -> None:
        super().__init__(margin=16)
        self.setMaximumWidth(theme.px(WIDTH))
        self.approval = approval
        self.setAccessibleName(tr("approvals.card", number=approval.number, account=approval.account))
        self._head(approval, now)
        self.body.addWidget(hline())
        self.body.addLayout(_lines(approval))
        if approval.reason:
            self.body.addLayout(_said("message-circle-question", approval.reason))
        if approval.word and not may_decide:
            self.body.addLayout(_said("badge-check" if approval.status == "approved" else "undo-2", approval.word))
        self.word: QLineEdit | None = None
        self.open_button = Button(tr("approvals.open"), "ghost" if may_decide else "normal", "file-text")
        self.open_button.clicked.connect(self.opened)
        if may_decide:
            self._answers(approval, word, first)
        else:
            if why_not:
                self.body.addLayout(_said("badge-check", why_not))
            self.body.addLayout(row(self.open_button, STRETCH))

    def _answers(self, approval: Approval, word: str, first: bool) -> None:
        field = self.word = QLineEdit(word)
        name = approval.requested_by or tr("approvals.somebody")
        self._word = FieldRow(tr("approvals.word_to", name=name), field)
        self.approve = Button(tr("approvals.approve"), "primary" if first else "normal", "check")
        self.send_back = Button(tr("approvals.return"), "normal", "undo-2")
        self.approve.clicked.connect(lambda: self.decided.emit("approve", field.text()))
        self.send_back.clicked.connect(lambda: self._send_back(field))
        self.body.addWidget(self._word)
        self.body.addLayout(row(self.approve, self.send_back, STRETCH, self.open_button))
        # A key held down must not decide on the next one too.
        part_keys(self, {"Ctrl+Return": self.approve.click, "Ctrl+R": self.send_back.click}, repeat=False)

    def _send_back(self, field: QLineEdit) -> None:
        if not field.text().strip():
            self._word.set_error(partial(tr, "approvals.word_missing"))
            field.setFocus()
            return
        self.decided.emit("return", field.text())

    def _head(self, approval: Approval, now: datetime) -> None:
        title = Label(tr("quote.title", number=approval.number), "h2")
        revision = Chip(tr("word.revision", number=approval.revision), "line")
        status = tr(f"quote.status.{approval.status}")
        chip = Chip(status[0].upper() + status[1:], STATUS_TONE.get(approval.status, "plain"))
        net = Label(fmt_money(approval.net, approval.currency), "h2", tabular=True)
        self.body.addLayout(row(title, revision, chip, STRETCH, net))
        parts = [approval.account]
        if approval.requested_at:
            when = fmt_near_day(parse_instant(approval.requested_at), now, capital=False)
            parts.append(tr("approvals.asked_by", name=approval.requested_by or tr("approvals.somebody"), when=when))
        if approval.ceiling is not None:
            parts.append(tr("approvals.ceiling", percent=fmt_percent(approval.ceiling)))
        if approval.margin is not None:
            parts.append(tr("approvals.margin", percent=fmt_percent(approval.margin, 0)))
        self.body.addWidget(Label(" · ".join(part for part in parts if part), "sec", wrap=True))


def _lines(approval: Approval) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    shown = approval.above or approval.lines
    for at, line in enumerate(shown):
        for column, widget in enumerate(_cells(line, approval.currency)):
            grid.addWidget(widget, at, column, Qt.AlignmentFlag(0) if column == 1 else _RIGHT)
    others = len(approval.lines) - len(shown)
    if others:
        grid.addWidget(Label(tr("approvals.others", count=others), "cap"), len(shown), 1)
    if not approval.above:
        grid.addWidget(Label(tr("approvals.none_above"), "cap", wrap=True), len(shown) + 1, 1, 1, -1)
    return grid


def _cells(line: AskedLine, currency: str) -> list[QWidget]:
    product = ", ".join(part for part in (line.name, line.unit) if part)
    about = tr("approvals.line", product=product, quantity=fmt_number(line.quantity))
    name = Label(about, "m", elide=True)
    discount = Label(
        fmt_percent(-line.discount) if line.discount else "", "m", "warn" if line.above else "", tabular=True
    )
    margin = ""
    if line.margin is not None:
        margin = tr("quote.margin_of", percent=fmt_percent(line.margin, 0))
        if line.floor is not None:
            margin += ", " + tr("quote.floor", percent=fmt_percent(line.floor, 0))
    parts: list[QWidget] = [
        Label(str(line.number), "cap", tabular=True),
        name,
        Label(fmt_money(line.net_price, currency), "sec", tabular=True),
        discount,
        Label(margin, "sec", "warn" if line.below_floor else "", tabular=True),
        Label(fmt_money(line.total, currency), "m", tabular=True),
    ]
    return parts


def _said(icon: str, text: str) -> QHBoxLayout:
    line = row(spacing=10, margins=(0, 2, 0, 2))
    line.addWidget(IconLabel(icon, "t2"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(Label(text, "body", wrap=True), 1)
    return line
