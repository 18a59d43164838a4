"""The visits of a day as points on the ground, and the order that makes the way short."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.route import VISITS_FROM, Impossible, Route, Stop, plan_route
from crm_desktop.rules.travel import STEP_MIN, Point, straight_km
from crm_desktop.rules.whole_day import is_whole_day
from crm_desktop.services.day_plan import VISIT_MIN
from crm_desktop.services.places import Town, find_towns
from crm_desktop.store.reader import Reader
from ui.presenters.day_lists import visits_of

# Farther from every customer of the day than this, the company is no place to set out from in the morning.
HOME_WITHIN_KM = 250.0
# More than anybody drives in a day; the others stand in the list of visits.
STOPS_PLANNED = 60


@dataclass(frozen=True, slots=True)
class DayStop:
    """A visit of the day. `point` is None where nobody knows the place; `town` is what its address says."""

    visit: Row
    name: str
    place: str
    address_id: str
    town: Town | None
    point: Point | None

    @property
    def starts_at(self) -> datetime:
        """Its start in the zone of this machine."""
        return parse_instant(self.visit["starts_at"]).astimezone()

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int(self.visit["duration_min"] or VISIT_MIN)

    @property
    def whole_day(self) -> bool:
        """Whether it lasts the day: it has no place in the order of the hours."""
        return is_whole_day(self.visit)

    @property
    def done(self) -> bool:
        """Whether it is over: it keeps its place in the day."""
        return bool(self.visit["status"] == "done")


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day with its first visits in the order of their times, and where the company is; `count`: visits in all."""

    day: date
    stops: tuple[DayStop, ...]
    home_name: str
    home_town: Town | None
    home: Point | None
    count: int = 0

    @property
    def left_out(self) -> int:
        """Visits of the day beyond those that are planned."""
        return max(0, self.count - len(self.stops))

    @property
    def open_stops(self) -> tuple[DayStop, ...]:
        """Visits that a route can order: not over, not of the whole day, and at a known place."""
        return tuple(stop for stop in self.stops if not stop.done and not stop.whole_day and stop.point is not None)

    @property
    def home_near(self) -> bool:
        """Whether the company lies near enough to set out from there."""
        home = self.home
        return home is not None and any(
            straight_km(home, stop.point) <= HOME_WITHIN_KM for stop in self.open_stops if stop.point is not None
        )


def load_day(reader: Reader, user_id: str, day: date) -> DayPlan:
    """Read a day; coordinates only as far as they stand on the addresses."""
    numbers = reader.row_ids(visits_of(user_id, day))
    stops = [day_stop(reader, visit) for visit in reader.rows("visit", list(numbers[:STOPS_PLANNED]))]
    company = next(iter(reader.where("company")), None)
    town = Town(company["city"], company["country"]) if company is not None and company["city"] else None
    return DayPlan(day, tuple(stops), company["name"] if company is not None else "", town, None, len(numbers))


def locate_stops(
    plan: DayPlan, known: Mapping[Town, Point | None]
) -> tuple[DayPlan, Mapping[str, tuple[float, float]], Mapping[Town, Point | None]]:
    """Look up towns of addresses without coordinates, and that of the company. Slow: on a worker thread.

    `known` are towns looked up before (None: nobody knows it). Returns the plan with its points, the coordinates found
    by id of their address, and all towns that are known now.
    """
    wanted = {stop.town for stop in plan.stops if stop.point is None and stop.town is not None}
    wanted |= {plan.home_town} if plan.home_town is not None else set()
    fresh = wanted - known.keys()
    towns = dict(known) | dict.fromkeys(fresh) | (find_towns(fresh) if fresh else {})
    found: dict[str, tuple[float, float]] = {}
    stops = []
    for stop in plan.stops:
        point = towns.get(stop.town) if stop.point is None and stop.town is not None else None
        if point is not None:
            found[stop.address_id] = (point.latitude, point.longitude)
            stop = replace(stop, point=point)
        stops.append(stop)
    home = towns.get(plan.home_town) if plan.home_town is not None else None
    return replace(plan, stops=tuple(stops), home=home), found, towns


def begins_at(day: date, now: datetime) -> int:
    """The minute of the day from which free visits may begin: the start of work, today not before now."""
    here = now.astimezone()
    if here.date() != day:
        return VISITS_FROM
    minute = here.hour * 60 + here.minute
    return max(VISITS_FROM, -(-minute // STEP_MIN) * STEP_MIN)


def route_of(plan: DayPlan, begins: int, *, from_home: bool) -> Route | Impossible:
    """The order of the day's open visits."""
    stops = [
        Stop(stop.visit["id"], stop.point, stop.minutes, _minute(stop.starts_at) if stop.visit["fixed"] else None)
        for stop in plan.open_stops
        if stop.point is not None
    ]
    return plan_route(stops, plan.home if from_home else None, begins)


def starts_of(day: date, route: Route) -> dict[str, datetime]:
    """The planned starts by visit."""
    midnight = datetime.combine(day, time())
    return {stop.key: (midnight + timedelta(minutes=stop.begins)).astimezone() for stop in route.stops}


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute


def day_stop(reader: Reader, visit: Row) -> DayStop:
    """A visit with the place of its account: its address for visits first, then the preferred one."""
    account = reader.get("account", visit["account_id"]) if visit["account_id"] else None
    name = account["name"] if account is not None else visit["subject"]
    rows = reader.where("address", account_id=visit["account_id"]) if visit["account_id"] else []
    rows = [row for row in rows if row["city"] or row["latitude"] is not None]
    rows.sort(key=lambda row: (row["kind"] != "visit", not row["preferred"], row["id"]))
    if not rows:
        return DayStop(visit, name, "", "", None, None)
    address = rows[0]
    town = " ".join(part for part in (address["postal_code"], address["city"]) if part)
    place = ", ".join(part for part in (address["street"], town) if part)
    point = None
    if address["latitude"] is not None and address["longitude"] is not None:
        point = Point(float(address["latitude"]), float(address["longitude"]))
    wanted = Town(address["city"], address["country"], address["region"]) if address["city"] else None
    return DayStop(visit, name, place, address["id"], wanted, point)
