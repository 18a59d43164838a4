"""A day's route in words and as points of its sketch, and why there is none."""

from crm_desktop.rules.route import Impossible, Route
from ui.presenters.day_route import DayPlan
from ui.window.i18n import fmt_number, tr
from ui.window.views.route_sketch import SketchStop


def route_words(plan: DayPlan, route: Route) -> str:
    """How far, how long, when one sets out."""
    if not route.stops:
        return tr("plan.no_way")
    hours, minutes = divmod(route.driving, 60)
    time_words = tr("today.hours", hours=hours, minutes=f"{minutes:02d}")
    words = [tr("today.km", km=fmt_number(round(route.km))), tr("plan.driving", time=time_words)]
    if route.stops and route.stops[0].driving:
        words.append(tr("plan.leave", time=f"{route.leaves // 60:02d}:{route.leaves % 60:02d}"))
    return " · ".join(words)


def route_points(plan: DayPlan, route: Route, *, from_home: bool) -> list[SketchStop]:
    """The stops in the order of the route, home before them where it begins there."""
    by_id = {stop.visit["id"]: stop for stop in plan.stops}
    points = [SketchStop(0, plan.home_name, plan.home)] if plan.home is not None and from_home else []
    for number, planned in enumerate(route.stops, start=1):
        stop = by_id[planned.key]
        assert stop.point is not None
        points.append(SketchStop(number, stop.name, stop.point, bool(stop.visit["fixed"])))
    return points


def open_points(plan: DayPlan) -> list[SketchStop]:
    """The stops as they stand, those whose place is known."""
    return [
        SketchStop(number, stop.name, stop.point, bool(stop.visit["fixed"]))
        for number, stop in enumerate(plan.stops, start=1)
        if stop.point is not None
    ]


def problem_words(plan: DayPlan, route: Impossible) -> tuple[str, str]:
    """Why no order works: title and explanation."""
    if route.clash is None:
        return tr("plan.too_much"), tr("plan.too_much_why")
    names = {stop.visit["id"]: stop.name for stop in plan.stops}
    first, second = (names[key] for key in route.clash)
    return tr("plan.clash", first=first, second=second), tr("plan.clash_why")
