"""The visits of a route in words: number, time, customer, place, the way to it."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.rules.route import Planned, Route
from ui.presenters.day_lists import visits_of
from ui.presenters.day_route import DayPlan, DayStop
from ui.window.i18n import fmt_number, fmt_time, tr
from ui.window.page import Shell
from ui.window.theme import px
from ui.window.views.account_side import Opens
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import Button, icon_button
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline

_CLOCK = 62  # wide enough for what lasts the day


def stop_lines(plan: DayPlan, route: Route, shell: Shell) -> Iterator[QWidget]:
    """What lasts the day, the visits in the order of the route, those whose place nobody knows, those that are over."""
    by_id = {stop.visit["id"]: stop for stop in plan.stops}
    for stop in plan.stops:
        if stop.whole_day:
            yield open_stop_line(stop, shell)
    for number, planned in enumerate(route.stops, start=1):
        if number > 1 or planned.driving:
            yield _way(planned)
        yield _stop(by_id[planned.key], shell, number, planned)
    if route.back_driving:
        yield _drive(route.back_driving, route.back_km, tr("plan.back", name=plan.home_name))
    placed = {planned.key for planned in route.stops}
    for stop in plan.stops:
        if stop.visit["id"] not in placed and not stop.whole_day:
            yield open_stop_line(stop, shell)


def left_out_line(plan: DayPlan, shell: Shell) -> QWidget:
    """How many visits are not planned here, and the way to the list of all."""
    query = visits_of(shell.app.user_id, plan.day)
    link = Button(tr("plan.all_visits"), "link")
    link.clicked.connect(lambda: shell.navigate("visits", filters=query.filters, sort=query.sort))
    said = Label(tr("plan.left_out", count=plan.left_out), "body", "t2", wrap=True)
    whole = row(said, link, spacing=10, margins=(0, 10, 0, 4))
    whole.setStretch(0, 1)
    return boxed(whole)


def open_stop_line(stop: DayStop, shell: Shell, *, looking: bool = False) -> QWidget:
    """A visit outside the route, with its own time; while its town is looked up nobody says that it is unknown."""
    return _stop(stop, shell, 0, None, unknown=not (looking and stop.town is not None))


def _stop(stop: DayStop, shell: Shell, number: int, planned: Planned | None, *, unknown: bool = True) -> QWidget:
    now_at = fmt_time(stop.starts_at)
    at = f"{planned.begins // 60:02d}:{planned.begins % 60:02d}" if planned is not None else now_at
    if stop.whole_day:
        at = tr("today.whole_day")
    when = Label(at, "cap" if stop.whole_day else "h2", tabular=True)
    when.setAlignment(Qt.AlignmentFlag.AlignRight)
    when.setMinimumWidth(px(_CLOCK))
    chips: list[QWidget] = [Chip(str(number), "accent")] if number else []
    name = Label(stop.name or tr("today.no_account"), "h3", elide=True)
    name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # it gives way to the marks
    marks: list[QWidget] = []
    if stop.visit["fixed"]:
        marks.append(Chip(tr("today.fixed"), "line"))
    if stop.done:
        marks.append(Chip(tr("plan.done"), "ok"))
    elif stop.point is None and not stop.whole_day and unknown:
        marks.append(Chip(tr("plan.no_place"), "warn"))
    if planned is not None and at != now_at:
        marks.append(Chip(tr("plan.was", time=now_at), "accent"))
    lasts = "" if stop.whole_day else tr("today.minutes", count=stop.minutes)
    second = " · ".join(part for part in (stop.place, stop.visit["subject"], lasts) if part)
    words = column(row(*chips, name, *marks, STRETCH, spacing=8), Label(second, "sec", elide=True), spacing=2)
    inner = row(when, 6, words, spacing=8, margins=(0, 8, 0, 8))
    inner.setStretch(2, 1)
    spoken = ", ".join(part for part in (str(number) if number else "", at, stop.name, stop.place) if part)
    visit_id = stop.visit["id"]

    def go() -> None:
        shell.navigate("note", visit_id=visit_id)

    opens = Opens(boxed(inner), spoken, go)
    if stop.done or stop.whole_day:
        return boxed(column(opens, hline()))
    whole = row(opens, _lock(stop, shell), spacing=10)
    whole.setStretch(0, 1)
    return boxed(column(whole, hline()))


def _lock(stop: DayStop, shell: Shell) -> Button:
    """Fixes the time of a visit, or lets the route choose it again; the picture is how it stands now."""
    fixed = bool(stop.visit["fixed"])
    name = f"{tr('plan.free' if fixed else 'plan.fix')}: {stop.name}"
    button = icon_button("lock" if fixed else "unlock", name)
    visit_id = stop.visit["id"]
    records = shell.app.records
    button.clicked.connect(
        lambda: shell.tasks.write(lambda: records.update("visit", visit_id, {"fixed": not fixed}, initiator="route"))
    )
    return button


def _way(planned: Planned) -> QWidget:
    wait = planned.begins - planned.arrives
    more = tr("plan.wait", count=wait) if wait > 0 else ""
    return _drive(planned.driving, planned.km, more)


def _drive(minutes: int, km: float, more: str) -> QWidget:
    hours, rest = divmod(minutes, 60)
    time = tr("today.hours", hours=hours, minutes=f"{rest:02d}") if hours else tr("today.minutes", count=rest)
    words = " · ".join(part for part in (time, tr("today.km", km=fmt_number(round(km))), more) if part)
    indent = QWidget()
    indent.setFixedWidth(px(_CLOCK))
    line = row(indent, 6, IconLabel("car", "t3", 14), Label(words, "cap"), STRETCH, spacing=8, margins=(0, 4, 0, 4))
    return boxed(line)
