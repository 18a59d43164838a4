"""What the plan page reads and does: a day with its places, an order, calendar files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from crm_desktop.exchange.calendar_export import calendar_of, upcoming_visits
from crm_desktop.exchange.calendar_import import CalendarImport, import_calendar, undo_import
from crm_desktop.named_files import reading, writing
from crm_desktop.rules.route import Impossible, Route
from crm_desktop.rules.travel import Point
from crm_desktop.services.places import Town
from crm_desktop.services.rhythm import OverdueVisit, first_overdue
from crm_desktop.store.reader import Reader
from ui.compose import App
from ui.presenters.day_route import DayPlan, begins_at, load_day, locate_stops, route_of

WAITING_SHOWN = 8
EXPORT_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Planning:
    """`found` are coordinates that are not on their addresses yet; `known` are towns looked up in this run."""

    plan: DayPlan
    found: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    known: Mapping[Town, Point | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first customers past the day of their next visit, and how many there are in all."""

    first: tuple[OverdueVisit, ...] = ()
    count: int = 0


def load_planning(
    app: App, day: date, known: Mapping[Town, Point | None] | None = None, *, locate: bool = False
) -> Planning:
    """Read a day; with `locate` the places of its addresses are looked up as far as they are not known."""
    planning = app.store.read(lambda reader: Planning(load_day(reader, app.user_id, day)))
    if not locate:
        return planning
    plan, found, towns = locate_stops(planning.plan, known or {})
    return replace(planning, plan=plan, found=found, known=towns)


def load_waiting(app: App) -> Waiting:
    """Who waits for a visit longer than agreed. It asks every customer: the day does not wait for it."""
    today = app.clock.now().astimezone().date()
    found, count = app.store.read(lambda reader: first_overdue(reader, app.user_id, today, WAITING_SHOWN))
    return Waiting(tuple(found), count)


def order(plan: DayPlan, now: datetime, *, from_home: bool) -> Route | Impossible:
    """The order of a day. Slow at its first call: the solver is loaded."""
    return route_of(plan, begins_at(plan.day, now), from_home=from_home)


def calendar_data(app: App, path: Path) -> int:
    """Write the visits of the next weeks to a file; returns how many. KnownError cannot_write."""
    now = app.clock.now()

    def read(reader: Reader) -> tuple[int, bytes]:
        visits = upcoming_visits(reader, app.user_id, now, EXPORT_WEEKS)
        return len(visits), calendar_of(reader, visits, now)

    count, data = app.store.read(read)
    with writing(path):
        path.write_bytes(data)
    return count


def take_calendar(app: App, path: Path, since: datetime) -> CalendarImport:
    """Make visits of the appointments of a file. KnownError cannot_read, InvalidInput where it is no calendar."""
    with reading(path):
        data = path.read_bytes()
    return import_calendar(app.store, app.records, data, since)


def taken_back(app: App, taken: CalendarImport) -> None:
    """Undo `take_calendar`."""
    undo_import(app.records, taken)
