"""A map-like sketch of a route without a map: points, their order, lines, a scale bar, north."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.rules.travel import Point
from ui.window.i18n import fmt_number, tr
from ui.window.theme import color, font, metrics, px

_KM_PER_DEGREE = 111.195
_MARGIN = 44
_DOT = 11
_BAR = 120  # the scale bar is at most so wide
_ROUND = (1, 2, 5)
_LEAST_KM = 2.0  # stops of one town are not drawn as if they were far apart


@dataclass(frozen=True, slots=True)
class SketchStop:
    """A point of the route; `number` 0 is where one sets out."""

    number: int
    name: str
    point: Point
    fixed: bool = False


class RouteSketch(QWidget):
    """The list beside it says the same in words; a screen reader hears the order here too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stops: tuple[SketchStop, ...] = ()
        self._closed = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(px(260))
        self.setAccessibleName(tr("plan.sketch"))

    def sizeHint(self) -> QSize:
        """Room for a route."""
        return QSize(px(360), px(360))

    def show_route(self, stops: Sequence[SketchStop], *, closed: bool) -> None:
        """Points in the order of the route; `closed`: the way back to the first is drawn too."""
        self._stops, self._closed = tuple(stops), closed
        order = ", ".join(f"{stop.number} {stop.name}" if stop.number else stop.name for stop in stops)
        self.setAccessibleName(tr("plan.sketch"))
        self.setAccessibleDescription(order)
        self.update()

    def places(self) -> list[QPointF]:
        """Where the points stand in the widget, in the order of the route."""
        if not self._stops:
            return []
        scale, centre = self._scale(), self._centre()
        found: list[QPointF] = []
        for stop in self._stops:
            x, y = _flat(stop.point, centre)
            place = QPointF(self.width() / 2 + x * scale, self.height() / 2 - y * scale)
            # Stops of one town stand side by side, so that each number can be read.
            while any(_near(place, other) for other in found):
                place = QPointF(place.x() + px(_DOT) * 2.2, place.y())
            found.append(place)
        return found

    def scale_km(self) -> tuple[float, float]:
        """Length of the scale bar in kilometres and pixels."""
        scale = self._scale()
        limit = px(_BAR) / scale
        best = 0.1
        power = 0.1
        while power <= limit:
            best = max([best, *(power * step for step in _ROUND if power * step <= limit)])
            power *= 10
        return best, best * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines, points with their numbers and names, scale, north."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places()
        if places:
            self._lines(painter, places)
            for stop, place in zip(self._stops, places, strict=True):
                self._dot(painter, stop, place)
            self._names(painter, places)
            self._bar(painter)
            self._north(painter)
        painter.end()

    def _lines(self, painter: QPainter, places: list[QPointF]) -> None:
        painter.setPen(QPen(color("accent"), 2))
        painter.drawPolyline(QPolygonF(places))
        if self._closed and len(places) > 1:
            painter.setPen(QPen(color("field"), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(places[-1], places[0])

    def _dot(self, painter: QPainter, stop: SketchStop, place: QPointF) -> None:
        radius = px(_DOT)
        painter.setPen(QPen(color("canvas"), 2))
        painter.setBrush(color("field") if stop.number == 0 else color("accentfill"))
        if stop.fixed:
            painter.drawRoundedRect(QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius), 4, 4)
        else:
            painter.drawEllipse(place, radius, radius)
        if stop.number:
            painter.setPen(color("onaccent"))
            painter.setFont(font(12, 600, tabular=True))
            box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(stop.number))

    def _names(self, painter: QPainter, places: list[QPointF]) -> None:
        """Beside the point where there is room, on the side away from the edge; none is written over another."""
        painter.setFont(font(12))
        measure = metrics(12, 400, False)
        dots = [QRectF(at.x() - px(_DOT), at.y() - px(_DOT), 2 * px(_DOT), 2 * px(_DOT)) for at in places]
        corner = QRectF(self.width() - px(40), 0, px(40), px(64))  # north
        scale = QRectF(0, self.height() - px(36), px(_BAR) + px(90), px(36))
        taken: list[QRectF] = [corner, scale]
        lines = [QLineF(one, next_one) for one, next_one in pairwise(places)]
        painter.setPen(color("t2"))
        for number, (stop, place) in enumerate(zip(self._stops, places, strict=True)):
            wide, high, gap = float(measure.horizontalAdvance(stop.name)), float(measure.height()), px(_DOT) + 4.0
            around = [places[at] for at in (number - 1, number + 1) if 0 <= at < len(places)]
            to_the_right = sum(other.x() - place.x() for other in around) > 0
            left = max(2.0, min(place.x() - wide / 2, self.width() - 2.0 - wide))  # below and above it may be shifted
            tries = [
                QRectF(place.x() + gap, place.y() - high / 2, wide, high),
                QRectF(place.x() - gap - wide, place.y() - high / 2, wide, high),
                QRectF(left, place.y() + gap, wide, high),
                QRectF(left, place.y() - gap - high, wide, high),
            ]
            if to_the_right:  # the lines leave there: the name rather stands on the other side
                tries[0], tries[1] = tries[1], tries[0]
            others = [dot for other, dot in enumerate(dots) if other != number] + taken
            free = [box for box in tries if self._is_free(box, others)]
            # Rather where no line runs through it; where every place has one, it stands on the line.
            free.sort(key=lambda box: any(_crosses(box, line) for line in lines))
            if free:
                painter.drawText(free[0], Qt.AlignmentFlag.AlignCenter, stop.name)
                taken.append(free[0])

    def _is_free(self, box: QRectF, others: list[QRectF]) -> bool:
        return QRectF(self.rect()).contains(box) and not any(box.intersects(other) for other in others)

    def _bar(self, painter: QPainter) -> None:
        km, width = self.scale_km()
        left, bottom = float(px(16)), self.height() - px(16)
        painter.setPen(QPen(color("t2"), 1.5))
        for a, b in (
            (QPointF(left, bottom), QPointF(left + width, bottom)),
            (QPointF(left, bottom - 4), QPointF(left, bottom + 4)),
            (QPointF(left + width, bottom - 4), QPointF(left + width, bottom + 4)),
        ):
            painter.drawLine(a, b)
        painter.setFont(font(12, tabular=True))
        text = tr("today.km", km=fmt_number(f"{km:g}"))
        painter.drawText(QPointF(left + width + 8, bottom + 4), text)

    def _north(self, painter: QPainter) -> None:
        x, top = self.width() - px(22), float(px(14))
        painter.setPen(QPen(color("t2"), 1.5))
        painter.drawLine(QPointF(x, top + 26), QPointF(x, top + 4))
        painter.setBrush(color("t2"))
        painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x - 4, top + 9), QPointF(x + 4, top + 9)]))
        painter.setFont(font(12, 600))
        north = tr("plan.north")
        painter.drawText(QPointF(x - metrics(12, 600, False).horizontalAdvance(north) / 2, top + 40), north)

    def _centre(self) -> Point:
        latitudes = [stop.point.latitude for stop in self._stops]
        longitudes = [stop.point.longitude for stop in self._stops]
        return Point((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)

    def _scale(self) -> float:
        """Pixels per kilometre."""
        if not self._stops:
            return 1.0
        centre = self._centre()
        flat = [_flat(stop.point, centre) for stop in self._stops]
        wide = max(_LEAST_KM, 2 * max(abs(x) for x, _ in flat))
        high = max(_LEAST_KM, 2 * max(abs(y) for _, y in flat))
        room = px(_MARGIN) * 2
        return float(min(max(1, self.width() - room) / wide, max(1, self.height() - room) / high))


def _flat(point: Point, centre: Point) -> tuple[float, float]:
    """Kilometres east and north of the centre; true enough for the distance of a day."""
    east = (point.longitude - centre.longitude) * _KM_PER_DEGREE * cos(radians(centre.latitude))
    return east, (point.latitude - centre.latitude) * _KM_PER_DEGREE


def _crosses(box: QRectF, line: QLineF) -> bool:
    """Whether a line runs through a box or ends in it."""
    if box.contains(line.p1()) or box.contains(line.p2()):
        return True
    corners = [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft(), box.topLeft()]
    bounded = QLineF.IntersectionType.BoundedIntersection
    return any(line.intersects(QLineF(a, b))[0] == bounded for a, b in pairwise(corners))


def _near(a: QPointF, b: QPointF) -> bool:
    return abs(a.x() - b.x()) < px(_DOT) * 2 and abs(a.y() - b.y()) < px(_DOT) * 2
