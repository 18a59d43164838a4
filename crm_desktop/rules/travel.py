"""Roads without a map: how far and how long between two points, from coordinates alone."""

from dataclasses import dataclass
from math import asin, ceil, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius (IUGG)
# Roads are longer than the straight line. Measured between towns of Europe and the USA the factor lies at 1.2 to 1.4
# (Ballou, Rahardja, Sakai, 2002: Germany 1.32, USA 1.20); one figure is enough for an order and a departure time.
DETOUR = 1.3
# A car between towns, with the way through both of them; a mean of country road and motorway.
SPEED_KMH = 70.0
# Nobody arrives on the minute: parking and the way to the door are in it.
STEP_MIN = 5


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the globe, in degrees."""

    latitude: float
    longitude: float


def straight_km(a: Point, b: Point) -> float:
    """Great-circle distance (haversine), km."""
    phi, psi = radians(a.latitude), radians(b.latitude)
    half = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def road_km(a: Point, b: Point) -> float:
    """Estimated length of the road, km."""
    return straight_km(a, b) * DETOUR


def road_minutes(a: Point, b: Point) -> int:
    """Estimated driving time in whole steps of five minutes, upwards; 0 for the same place."""
    return ceil(road_km(a, b) / SPEED_KMH * 60 / STEP_MIN - 1e-9) * STEP_MIN
