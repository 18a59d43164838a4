"""Routes: never late at a fixed visit, at most 5 % longer than the best of all orders, and honest where none works."""

import random
from itertools import pairwise, permutations

import pytest

from crm_desktop.rules.route import Impossible, Planned, Route, Stop, plan_route, timed
from crm_desktop.rules.travel import STEP_MIN, Point, road_km, road_minutes, straight_km

BERLIN, LEIPZIG, MUNICH = Point(52.52437, 13.41053), Point(51.33962, 12.37129), Point(48.13743, 11.57549)


def test_distances_are_those_of_the_atlas() -> None:
    assert straight_km(BERLIN, MUNICH) == pytest.approx(504, abs=2)
    assert straight_km(BERLIN, BERLIN) == 0
    assert straight_km(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111.2, abs=0.2)
    assert road_minutes(BERLIN, BERLIN) == 0
    assert road_minutes(BERLIN, LEIPZIG) % STEP_MIN == 0
    assert road_minutes(BERLIN, LEIPZIG) >= road_km(BERLIN, LEIPZIG) / 70 * 60


def day(dice: random.Random, free: int, fixed: int) -> list[Stop]:
    def point() -> Point:
        return Point(dice.uniform(51.9, 52.9), dice.uniform(12.6, 14.2))

    stops = [Stop(f"free {n}", point(), dice.choice((15, 30, 45))) for n in range(free)]
    times = sorted(dice.sample(range(9 * 60, 17 * 60, 15), fixed))
    return stops + [Stop(f"fixed {n}", point(), 30, at) for n, at in enumerate(times)]


def best_of_all(stops: list[Stop], home: Point | None) -> Route | None:
    routes = [route for order in permutations(stops) if (route := timed(order, home)) is not None]
    return min(routes, key=lambda route: route.km, default=None)


def check(stops: list[Stop], home: Point | None) -> tuple[bool, float]:
    """Whether there was a way, and how much longer the found one is than the best of all orders."""
    found, best = plan_route(stops, home), best_of_all(stops, home)
    if isinstance(found, Impossible):
        assert best is None, "a way was overlooked"
        return False, 1.0
    assert best is not None
    by_key = {stop.key: stop for stop in stops}
    assert sorted(by_key) == sorted(planned.key for planned in found.stops)
    for planned in found.stops:
        fixed = by_key[planned.key].fixed_at
        assert planned.arrives <= planned.begins
        assert fixed is None or planned.begins == fixed
    return True, found.km / best.km if best.km else 1.0


def test_short_days_against_every_order() -> None:
    dice = random.Random(20261119)
    ways, worst = 0, 1.0
    for number in range(24):
        stops = day(dice, dice.randrange(1, 5), dice.randrange(0, 3))
        there, ratio = check(stops, BERLIN if number % 3 else None)
        ways += there
        worst = max(worst, ratio)
    assert ways >= 10
    assert worst <= 1.05


@pytest.mark.parametrize("seed", [1, 2])
def test_seven_and_eight_free_stops_against_every_order(seed: int) -> None:
    # Without fixed visits the order of free stops is a question of length alone: compared by lengths, not by times.
    dice = random.Random(seed)
    free = 6 + seed
    stops = [Stop(s.key, s.point, 15) for s in day(dice, free, 0)]
    found = plan_route(stops, BERLIN)
    assert isinstance(found, Route)
    points = [stop.point for stop in stops]
    between = [[road_km(a, b) for b in points] for a in points]
    home = [road_km(BERLIN, point) for point in points]
    best = min(
        home[order[0]] + home[order[-1]] + sum(between[a][b] for a, b in pairwise(order))
        for order in permutations(range(free))
        if order[0] < order[-1]
    )
    assert found.km <= best * 1.05


def test_a_fixed_visit_keeps_its_time_though_the_way_gets_longer() -> None:
    stops = [
        Stop("near", Point(52.5, 13.5), 60),
        Stop("far", LEIPZIG, 60, 9 * 60),
        Stop("home", Point(52.45, 13.3), 30),
    ]
    route = plan_route(stops, BERLIN)
    assert isinstance(route, Route)
    far = next(planned for planned in route.stops if planned.key == "far")
    assert far.begins == 9 * 60
    assert route.leaves == route.stops[0].begins - route.stops[0].driving


def test_two_fixed_visits_too_far_apart_are_named() -> None:
    stops = [Stop("morning", BERLIN, 60, 9 * 60), Stop("later", MUNICH, 60, 11 * 60), Stop("free", LEIPZIG, 30)]
    assert plan_route(stops, BERLIN) == Impossible(("morning", "later"))


def test_more_than_a_day_holds_is_said() -> None:
    stops = [Stop(str(n), Point(52.5, 13.4 + n / 100), 120) for n in range(6)]
    assert plan_route(stops, None) == Impossible(None)


def test_no_visit_and_one_visit() -> None:
    assert plan_route([], BERLIN) == Route((), 0, 0, 0, 0, 480)
    route = plan_route([Stop("one", LEIPZIG, 45)], BERLIN)
    assert isinstance(route, Route)
    assert route.stops == (Planned("one", 480, 480, 525, road_km(BERLIN, LEIPZIG), road_minutes(BERLIN, LEIPZIG)),)
    assert route.km == pytest.approx(2 * road_km(BERLIN, LEIPZIG))
