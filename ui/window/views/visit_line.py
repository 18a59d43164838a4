"""A visit of today on the day's line: time, rail, who and where, and what to know."""

from datetime import date, datetime

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import field_facts
from ui.presenters.today import VisitToday, Way
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, fmt_time, language, tr
from ui.window.page import Shell
from ui.window.theme import color, metrics, px
from ui.window.views.account_words import question
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import Button
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel

_TIME = 62
_LONGEST = 888
_RAIL = 24
_DOT = 22


class _Rail(QWidget):
    """The line of the day with this visit's dot."""

    def __init__(self, first: bool, last: bool, current: bool) -> None:
        super().__init__()
        self._first, self._last, self._current = first, last, current
        self.setFixedWidth(px(_RAIL))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line above and below, dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, dot = self.width() / 2, px(_DOT)
        painter.setPen(QPen(color("line2"), 1.5))
        painter.drawLine(
            QPointF(middle, dot if self._first else 0), QPointF(middle, dot if self._last else self.height())
        )
        painter.setPen(QPen(color("canvas"), 3))
        painter.setBrush(color("accent" if self._current else "field"))
        painter.drawEllipse(QPointF(middle, dot), 6.5, 6.5)
        painter.end()


class VisitLine(QWidget):
    """`current` is the next visit of the day: it stands on a panel and begins with one click."""

    def __init__(
        self,
        found: VisitToday,
        place: tuple[bool, bool, bool],
        shell: Shell,
    ) -> None:
        super().__init__()
        self._shell = shell
        first, last, current = place
        when = parse_instant(found.visit["starts_at"])
        minutes = found.visit["duration_min"]
        right = Qt.AlignmentFlag.AlignRight
        time, lasts = Label(fmt_time(when), "h2", tabular=True), Label("", "cap", tabular=True)
        lasts.set_text(tr("today.minutes", count=minutes) if minutes else "")
        if found.stop.whole_day:
            time, lasts = Label("", "cap"), Label(tr("today.whole_day"), "cap")
        time.setAlignment(right)
        lasts.setAlignment(right)
        clock = boxed(column(12, time, lasts, STRETCH))
        # As wide as the longest there may be, so that all lines of a day keep one edge.
        widest = round(metrics(12, 400, True).horizontalAdvance(tr("today.minutes", count=_LONGEST)))
        clock.setFixedWidth(max(px(_TIME), widest + 2))
        body = Panel(sunken=True, margin=12) if current else None
        words: QVBoxLayout = column(spacing=3) if body is None else body.body
        words.setSpacing(4)
        self._fill(words, found)
        box: QWidget = body if body is not None else boxed(column(words, margins=(13, 12, 12, 10)))
        line = row(clock, _Rail(first, last, current), boxed(column(box, 6)), spacing=2)
        line.setStretch(2, 1)
        self.setLayout(line)

    def _fill(self, words: QVBoxLayout, found: VisitToday) -> None:
        account = found.account
        name = account["name"] if account is not None else tr("today.no_account")
        note = Button(tr("today.note" if found.visit["note"] else "today.start_note"), "normal", "pen-line")
        note.setAccessibleName(f"{note.text()}, {name}")
        self.note_button = note
        note.clicked.connect(lambda: self._shell.navigate("note", visit_id=found.visit["id"]))
        title = Label(name, "h2", elide=True)
        title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # it gives way to the buttons
        chips: list[QWidget] = []
        if account is not None:
            if account["customer_class"]:
                chips.append(Chip(account["customer_class"]))
            if account["key_account"]:
                chips.append(Chip(tr("word.key_account"), "accent"))
            rhythm = found.rhythm_days
            if rhythm and found.days_since is not None and found.days_since > rhythm:
                chips.append(Chip(tr("today.not_visited", count=found.days_since), "warn"))
        if found.visit["status"] == "done":
            chips.append(Chip(field_facts("visit")["status"].choice_label("done", language()), "ok"))
        if found.visit["fixed"]:
            chips.append(Chip(tr("today.fixed"), "line"))
        buttons: list[QWidget] = []
        if account is not None:
            account_id, visit_id = account["id"], found.visit["id"]
            opens, briefing = Button(tr("action.open"), "ghost"), Button(tr("today.briefing"), "ghost", "book-open")
            opens.clicked.connect(lambda: self._shell.navigate("account", account_id=account_id))
            briefing.clicked.connect(lambda: self._shell.navigate("briefing", account_id=account_id, visit_id=visit_id))
            for button in (opens, briefing):
                button.setAccessibleName(f"{button.text().strip()}, {name}")
                buttons.append(button)
        words.addLayout(row(title, *chips, STRETCH, *buttons, note))
        second = " · ".join(part for part in (found.contact, found.place, found.visit["subject"]) if part)
        if second:
            words.addWidget(Label(second, "body", "t2", wrap=True))
        for icon, tone, text in _known(found, self._shell.app.clock.now()):
            mark = boxed(column(3, IconLabel(icon, tone, 14), STRETCH))  # beside the first line of the words
            line = row(mark, Label(text, "body", wrap=True), spacing=7)
            line.setStretch(1, 1)
            words.addLayout(line)


def _known(found: VisitToday, now: datetime) -> list[tuple[str, str, str]]:
    lines: list[tuple[str, str, str]] = []
    if found.promised:
        day = fmt_date(parse_instant(found.promised_at))
        lines.append(("handshake", "t2", tr("today.promised", day=day, what=found.promised)))
    for quote in found.quotes[:2]:
        until = fmt_date(date.fromisoformat(quote.valid_until)) if quote.valid_until else ""
        text = tr("today.open_quote", number=quote.number, total=fmt_money(quote.total, quote.currency))
        lines.append(("file-text", "t2", f"{text}, {tr('quote.valid_until', day=until)}" if until else text))
    for case in found.cases[:2]:
        due = fmt_near_day(date.fromisoformat(case["due_on"]), now, capital=False) if case["due_on"] else ""
        kind = field_facts("case")["kind"].choice_label(case["kind"], language()) or tr("reminder.case")
        text = tr("today.open_case", kind=kind, what=case["subject"])
        lines.append(("life-buoy", "t2", f"{text}, {tr('today.answer_due', day=due)}" if due else text))
    if found.tasks:
        lines.append(("square-check-big", "t2", tr("today.open_tasks", count=len(found.tasks))))
    if found.question is not None and found.visit["status"] != "done":
        lines.append(("message-circle-question", "t2", tr("today.ask", question=question(found.question))))
    return lines


def way_line(way: Way) -> QWidget:
    """The drive between two visits, and whether there is time for it."""
    hours, minutes = divmod(way.minutes, 60)
    time = tr("today.hours", hours=hours, minutes=f"{minutes:02d}") if hours else tr("today.minutes", count=minutes)
    words = f"{time} · {tr('today.km', km=fmt_number(round(way.km)))}"
    tone = "t2"
    if way.spare < 0:
        words, tone = f"{words} · {tr('today.too_late', count=-way.spare)}", "bad"
    car = IconLabel("car", "t3" if tone == "t2" else tone, 14)
    clock = QWidget()
    widest = round(metrics(12, 400, True).horizontalAdvance(tr("today.minutes", count=_LONGEST)))
    clock.setFixedWidth(max(px(_TIME), widest + 2))
    car.setFixedWidth(px(_RAIL))
    return boxed(row(clock, car, 11, Label(words, "cap", tone), STRETCH, spacing=2, margins=(0, 1, 0, 1)))
