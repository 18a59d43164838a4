"""The order of a day's visits: fixed ones keep their time and are never reached late, the way is short."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from crm_desktop.rules.travel import Point, road_km, road_minutes

VISITS_FROM, VISITS_UNTIL = 8 * 60, 18 * 60  # minutes of the day in which customers are at work
_ROUNDS = 400  # of the solver; 12 stops take a fraction of a second
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit: where, how long (minutes), and its time where it is fixed (minute of the day)."""

    key: str
    point: Point
    minutes: int
    fixed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A stop of the route: when one arrives and begins (minutes of the day), and the way to it."""

    key: str
    arrives: int
    begins: int
    ends: int
    km: float
    driving: int


@dataclass(frozen=True, slots=True)
class Route:
    """The visits in order. `km` and `driving` include the way back; `leaves` is the minute of the day to set out."""

    stops: tuple[Planned, ...]
    km: float
    driving: int
    back_km: float
    back_driving: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Impossible:
    """No order works. `clash`: two fixed visits of which the second cannot be reached in time; else too much."""

    clash: tuple[str, str] | None


def plan_route(stops: Sequence[Stop], home: Point | None, begins: int = VISITS_FROM) -> Route | Impossible:
    """The shortest way found on which every fixed visit begins on its minute and every free one within working hours.

    With `home` it starts and ends there; without it begins at the first and ends at the last visit. No free visit
    begins before minute `begins`.
    """
    clash = _clash(stops)
    if clash is not None:
        return Impossible(clash)
    best = _solved(stops, home, begins) if len(stops) > 1 else [0] if stops else []
    route = timed([stops[number] for number in best], home, begins) if best is not None else None
    return route if route is not None else Impossible(None)


def timed(order: Sequence[Stop], home: Point | None, begins: int = VISITS_FROM) -> Route | None:
    """The times of visits in this order, each as early as it goes; None where one would be reached late."""
    planned: list[Planned] = []
    here, free_at = home, 0
    for stop in order:
        km, driving = (road_km(here, stop.point), road_minutes(here, stop.point)) if here is not None else (0.0, 0)
        earliest = free_at + driving
        if stop.fixed_at is not None:
            start, latest = stop.fixed_at, stop.fixed_at
        else:
            start, latest = max(begins, earliest), max(begins, VISITS_UNTIL - stop.minutes)
        if earliest > latest:
            return None
        # Before the first visit one leaves just in time; later ones are reached as soon as the one before is over.
        arrives = earliest if planned else start
        planned.append(Planned(stop.key, arrives, start, start + stop.minutes, km, driving))
        here, free_at = stop.point, start + stop.minutes
    back_km = road_km(here, home) if planned and home is not None and here is not None else 0.0
    back = road_minutes(here, home) if planned and home is not None and here is not None else 0
    if planned and planned[0].begins < planned[0].driving:
        return None  # one would have to leave the day before
    return Route(
        tuple(planned),
        sum(stop.km for stop in planned) + back_km,
        sum(stop.driving for stop in planned) + back,
        back_km,
        back,
        planned[0].begins - planned[0].driving if planned else begins,
    )


def _clash(stops: Sequence[Stop]) -> tuple[str, str] | None:
    fixed = sorted((stop for stop in stops if stop.fixed_at is not None), key=lambda stop: (stop.fixed_at, stop.key))
    for first, second in pairwise(fixed):
        over = (first.fixed_at or 0) + first.minutes + road_minutes(first.point, second.point)
        if over > (second.fixed_at or 0):
            return first.key, second.key
    return None


def _solved(stops: Sequence[Stop], home: Point | None, begins: int) -> list[int] | None:
    """The solver's order as numbers of `stops`; None where it found none that holds every time."""
    from pyvrp import Model
    from pyvrp.stop import MaxIterations

    model = Model()
    base = model.add_location(0, 0)
    places = [model.add_location(stop.point.longitude, stop.point.latitude) for stop in stops]
    depot = model.add_depot(base)
    model.add_vehicle_type(1, start_depot=depot, end_depot=depot, tw_early=0, tw_late=2 * _DAY)
    for stop, place in zip(stops, places, strict=True):
        early = begins if stop.fixed_at is None else stop.fixed_at
        late = max(begins, VISITS_UNTIL - stop.minutes) if stop.fixed_at is None else stop.fixed_at
        model.add_client(place, service_duration=stop.minutes, tw_early=early, tw_late=late)
    for number, place in enumerate(places):
        point = stops[number].point
        metres = round(road_km(home, point) * 1000) if home is not None else 0
        minutes = road_minutes(home, point) if home is not None else 0
        model.add_edge(base, place, distance=metres, duration=minutes)
        model.add_edge(place, base, distance=metres, duration=minutes)
        for other, target in enumerate(places):
            if other != number:
                there = stops[other].point
                metres_there = round(road_km(point, there) * 1000)
                model.add_edge(place, target, distance=metres_there, duration=road_minutes(point, there))
    result = model.solve(MaxIterations(_ROUNDS), seed=1, collect_stats=False, display=False)
    if not result.is_feasible():
        return None
    [way] = result.best.routes()
    return [visit.idx for visit in way.schedule() if visit.is_client()]
