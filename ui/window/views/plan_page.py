"""The plan of a day: its visits in a good order, drawn and in words; who waits for a visit; calendar files."""

from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.rules.route import Impossible, Route
from ui.presenters.day_plan import (
    WAITING_SHOWN,
    Planning,
    Waiting,
    load_planning,
    load_waiting,
    order,
)
from ui.presenters.day_route import DayPlan, starts_of
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.theme import px
from ui.window.views.file_intake import FileDrop
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, clear, column, first_stop
from ui.window.views.plan_calendar import PlanCalendar
from ui.window.views.plan_route import open_points, problem_words, route_points, route_words
from ui.window.views.plan_stops import left_out_line, open_stop_line, stop_lines
from ui.window.views.plan_waiting import nothing_planned, waiting_lines
from ui.window.views.route_sketch import RouteSketch
from ui.window.views.today_lines import short_day
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import icon_button, normal, primary
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.skeleton import skeleton_lines
from ui.window.widgets.top_bar import TopBar
from ui.window.window_keys import part_keys

_SIDE = 430
_ROW, _ROWS = 56, 6
_KINDS = frozenset({"visit", "address", "account", "company", "visit_rhythm", "everything"})
_WAITING_KINDS = _KINDS - {"address", "company"}


class PlanPage(Page):
    """`open(day=…)`: a date or its ISO text; without one the day shown before, at first today."""

    name = "plan"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.day = shell.app.clock.now().astimezone().date()
        self.planning: Planning | None = None
        self.waiting: Waiting | None = None
        self.route: Route | Impossible | None = None
        self._from_home: bool | None = None
        self._build()
        self._connect()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the day and look for an order."""
        wanted = where.get("day")
        if wanted:
            self.day = wanted if isinstance(wanted, date) else date.fromisoformat(str(wanted))
        if self.planning is None:
            self._show()
            self.skeleton.begin()
        if self.waiting is None:
            self.waiting_skeleton.begin()
        self._read()
        self._read_waiting()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """A visit or a place changed."""
        if self.planning is not None and kinds & _KINDS:
            self._read()
            if kinds & _WAITING_KINDS:
                self._read_waiting()

    def retranslate(self) -> None:
        """All words again."""
        self.setAccessibleName(tr("nav.plan"))
        self.export_button.set_text(tr("plan.export"))
        self.import_button.set_text(tr("plan.import"))
        self.apply_button.set_text(tr("plan.apply"))
        for button, word in ((self.earlier, "plan.earlier"), (self.later, "plan.later")):
            button.setToolTip(tr(word))
            button.setAccessibleName(tr(word))
        self.hints.set_hints(
            [("← →", tr("plan.key_day")), ("A", tr("plan.key_apply")), ("E", tr("plan.key_export")),
             ("I", tr("plan.key_import"))]
        )  # fmt: skip
        self.calendar.report.retranslate()
        self._show()

    # -- what one can do ----------------------------------------------------------------------------------------

    def step(self, days: int) -> None:
        """Another day."""
        self.day += timedelta(days=days)
        self._read()

    def apply(self) -> None:
        """Give the visits the times of the route: one change, and one step back."""
        planning, route = self.planning, self.route
        if planning is None or not isinstance(route, Route) or not self._moved(planning.plan, route):
            return
        app = self.shell.app
        former = {stop.visit["id"]: stop.starts_at for stop in planning.plan.open_stops}
        starts = starts_of(planning.plan.day, route)

        def undo() -> None:
            self.shell.tasks.write(lambda: app.day_plan.set_starts(former, initiator="route"))

        self.shell.tasks.write(
            lambda: app.day_plan.set_starts(starts, planning.found, "route"),
            lambda _changes: self.shell.toast(tr("plan.applied"), undo),
        )

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        app, day = self.shell.app, self.day
        known = self.planning.known if self.planning is not None else None
        self.shell.tasks.read(lambda: load_planning(app, day), self._show_day, key="plan")
        self.shell.tasks.read(lambda: load_planning(app, day, known, locate=True), self._located, key="plan route")

    def _read_waiting(self) -> None:
        app = self.shell.app
        self.shell.tasks.read(lambda: load_waiting(app), self._show_waiting, key="plan waiting")

    def _show_waiting(self, waiting: Waiting) -> None:
        self.waiting_skeleton.end()
        if waiting == self.waiting:
            return
        self.waiting = waiting
        if self.planning is not None and not self.planning.plan.stops:
            self._show()  # what to do with a day without visits depends on it
        elif self.planning is not None:
            self._show_lines()

    def _show_lines(self) -> None:
        clear(self._waiting)
        for widget in waiting_lines(self.waiting or Waiting(), self.shell, self.day):
            self._waiting.addWidget(widget)

    def _show_day(self, planning: Planning) -> None:
        """The visits as they stand, at once; the order comes when the places are known."""
        self.skeleton.end()
        if self.planning is None or self.planning.plan.day != planning.plan.day:
            self.planning, self.route = planning, None
            self._show()

    def _located(self, planning: Planning) -> None:
        self.planning = planning
        if self._from_home is None or not planning.plan.home_near:
            self._from_home = planning.plan.home_near
        self._order()

    def _order(self) -> None:
        planning, from_home = self.planning, bool(self._from_home)
        if planning is None:
            return
        now = self.shell.app.clock.now()

        def done(route: Route | Impossible) -> None:
            self.route = route
            self._show()

        def failed(error: CrmError) -> None:
            self.route = None
            self._show()
            self.shell.show_error(error)

        self.shell.tasks.read(lambda: order(planning.plan, now, from_home=from_home), done, failed, key="plan order")

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.bar.set_title(f"{tr('today.weekday.' + str(self.day.weekday()))}, {short_day(self.day)}")
        planning, route = self.planning, self.route
        clear(self._stops)
        clear(self._waiting)
        self.problem.hide()
        self.start.hide()
        self.apply_button.setEnabled(False)
        if planning is None:
            return
        plan = planning.plan
        self.bar.set_caption(tr("today.visits", count=plan.count))
        self._show_start(plan)
        self._show_sketch(bool(plan.stops))
        self.said.setVisible(bool(plan.stops))  # else the day before would still be told
        if not plan.stops:
            self._stops.addWidget(nothing_planned(planning, self.waiting, self.shell, self.calendar.choose))
        elif isinstance(route, Route):
            self._show_route(plan, route)
        else:
            self._show_unordered(plan, route)
        if plan.left_out:
            self._stops.addWidget(left_out_line(plan, self.shell))
        self._show_lines()
        self.setFocusProxy(first_stop(self._stops))

    def _show_start(self, plan: DayPlan) -> None:
        if plan.home_near and plan.open_stops:
            self.start.set_choices(
                [("home", tr("plan.from_home", name=plan.home_name)), ("first", tr("plan.from_first"))]
            )
            self.start.set_value("home" if self._from_home else "first")
            self.start.show()

    def _show_route(self, plan: DayPlan, route: Route) -> None:
        self.said.set_text(route_words(plan, route))
        self.apply_button.setEnabled(self._moved(plan, route))
        for line in stop_lines(plan, route, self.shell):
            self._stops.addWidget(line)
        if route.stops:
            self._stops.addSpacing(6)
            self._stops.addWidget(Label(tr("plan.estimate"), "cap", wrap=True))
        points = route_points(plan, route, from_home=bool(self._from_home)) if route.stops else []
        self.sketch.show_route(points, closed=bool(self._from_home))
        self._show_sketch(bool(points))

    def _show_unordered(self, plan: DayPlan, route: Impossible | None) -> None:
        self.said.set_text("" if isinstance(route, Impossible) else tr("plan.looking"))
        for stop in plan.stops:
            self._stops.addWidget(open_stop_line(stop, self.shell, looking=route is None))
        points = open_points(plan)
        self.sketch.show_route(points, closed=False)
        self._show_sketch(bool(points))
        if isinstance(route, Impossible):
            self.problem.set_banner("warn", "triangle-alert", *problem_words(plan, route))
            self.problem.show()

    def _show_sketch(self, shown: bool) -> None:
        self.sketch.setVisible(shown)
        self.columns.show_beside(shown)

    def _moved(self, plan: DayPlan, route: Route) -> bool:
        starts = starts_of(plan.day, route)
        return any(stop.starts_at != starts.get(stop.visit["id"], stop.starts_at) for stop in plan.open_stops)

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.export_button, self.import_button = normal("", "download"), normal("", "upload")
        self.apply_button = primary("", "check")
        self.earlier, self.later = icon_button("chevron-left", ""), icon_button("chevron-right", "")
        self.bar = TopBar("", "", [self.export_button, self.import_button, self.apply_button])
        self.bar.add_left(self.later)
        self.bar.add_left(self.earlier)
        self.said = Label("", "body", "t2", wrap=True)
        self.start = ChoicePills(tr("plan.from"), [])
        self.start.hide()
        self.problem = Banner("warn", "triangle-alert", "")
        self.problem.hide()
        self.calendar = PlanCalendar(self.shell, self)
        self._stops, self._waiting = QVBoxLayout(), QVBoxLayout()
        for layout in (self._stops, self._waiting):
            layout.setSpacing(0)
        self.skeleton, self.waiting_skeleton = skeleton_lines(_ROW, _ROWS), skeleton_lines(_ROW, WAITING_SHOWN)
        self.sketch = RouteSketch()
        main = boxed(
            column(
                self.calendar.report, self.problem, 4, self.said, 8, self.start, 8, self.skeleton, self._stops, 20,
                self.waiting_skeleton, self._waiting, STRETCH, margins=(28, 16, 28, 16),
            )
        )  # fmt: skip
        side = QWidget()
        side.setLayout(column(self.sketch, STRETCH, margins=(12, 16, 12, 16)))
        self.sketch.setMinimumHeight(px(420))
        self.hints = KeyHints()
        self.columns = FoldingColumns(main, side, _SIDE, self.hints)
        layout = column(self.bar, self.columns)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        FileDrop(self, lambda paths: self.calendar.take(*paths))

    def _connect(self) -> None:
        self.export_button.clicked.connect(self.calendar.export)
        self.import_button.clicked.connect(self.calendar.choose)
        self.apply_button.clicked.connect(self.apply)
        self.earlier.clicked.connect(lambda: self.step(-1))
        self.later.clicked.connect(lambda: self.step(1))
        self.start.chosen.connect(self._start_chosen)
        actions = {"Left": lambda: self.step(-1), "Right": lambda: self.step(1), "A": self.apply,
                   "E": self.calendar.export, "I": self.calendar.choose}  # fmt: skip
        part_keys(self, actions)

    def _start_chosen(self, value: str) -> None:
        if (value == "home") != self._from_home:
            self._from_home = value == "home"
            self._order()
