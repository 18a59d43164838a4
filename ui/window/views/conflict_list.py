"""The list of the conflicts page: which record, what it is about, when; open ones with their own sign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.conflicts import Case
from ui.window.delegates import TEXT_ROLE, TOOLTIP_ROLE
from ui.window.delegates.draw import LEFT, RIGHT, draw_hairline, draw_icon, draw_ring, draw_text, two_lines
from ui.window.i18n import fmt_near_day
from ui.window.models.plain_rows import ROW_ROLE, PlainRows
from ui.window.theme import color, metrics, px
from ui.window.views.conflict_words import case_words
from ui.window.views.value_words import entity_word

WIDTH, WIDTH_NARROW = 290, 220
_ROW = 66
_LINE = 20
_LEFT, _RIGHT = 42, 14
_BETWEEN = 10
_Index = QModelIndex | QPersistentModelIndex


class ConflictList(QListView):
    """Cases, open ones first. Reading alone: deciding happens at the right."""

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = _CaseRows(_spoken, self)
        self.setProperty("ownRing", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(self.rows)
        self.setItemDelegate(_CaseDelegate(self, now))
        self.setFixedWidth(px(WIDTH))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names break anew in another width, which the list itself asks for only in another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def case(self) -> Case | None:
        """The current one."""
        found = self.rows.row(self.currentIndex().row())
        return found if isinstance(found, Case) else None

    def go_to(self, at: int) -> None:
        """Make the case in this place the current one."""
        self.setCurrentIndex(self.rows.index(at, 0))


def case_title(case: Case) -> str:
    """The record's name; where it is not here and nothing names it, its kind."""
    return case.title if case.title != case.record_id else entity_word(case.entity)


def _spoken(case: Case) -> str:
    return f"{case_title(case)}, {case_words(case)}"


class _CaseRows(PlainRows):
    """What a narrow list shortens stands in its tooltip."""

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """The sentence of a case also as its tooltip."""
        return super().data(index, TEXT_ROLE if role == TOOLTIP_ROLE else role)


@dataclass(frozen=True, slots=True)
class CaseLines:
    """How a case is set in a width: the name whole, the day beside it, else beside what it is about, else below."""

    name: tuple[str, ...]
    words: str
    day: str
    day_line: int

    @property
    def count(self) -> int:
        """Lines in all."""
        return max(len(self.name) + 1, self.day_line + 1)


def case_lines(case: Case, room: float, now: datetime) -> CaseLines:
    """The lines of a case in so many px."""
    title, words = case_title(case), case_words(case)
    day = fmt_near_day(parse_instant(case.at), now) if case.at else ""
    left = room - (metrics(12, 400, True).horizontalAdvance(day) + _BETWEEN if day else 0)
    if metrics(13, 600).horizontalAdvance(title) <= left:
        return CaseLines((title,), words, day, 0)
    name = tuple(two_lines(title, room))
    beside = metrics(12).horizontalAdvance(words) <= left
    return CaseLines(name, words, day, len(name) if beside or not day else len(name) + 1)


class _CaseDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._now = now

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as the name needs in the width the list has now."""
        case, view = index.data(ROW_ROLE), self.parent()
        if not isinstance(case, Case) or not isinstance(view, QListView):
            return QSize(10, px(_ROW))
        lines = case_lines(case, view.viewport().width() - _LEFT - _RIGHT, self._now())
        return QSize(10, px(_ROW) + px(_LINE) * (lines.count - 2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Icon, record, what is about, when."""
        case = index.data(ROW_ROLE)
        if not isinstance(case, Case):
            return
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, color("select"))
            painter.fillRect(QRectF(rect.x(), rect.y(), 3, rect.height()), color("accent"))
        draw_hairline(painter, rect.left(), rect.right(), rect.bottom())
        icon, tone = _sign(case)
        draw_icon(painter, rect.x() + 16, rect.y() + px(14), icon, tone)
        lines = case_lines(case, rect.width() - _LEFT - _RIGHT, self._now())
        line = QRectF(rect.x() + _LEFT, rect.y() + px(11), rect.width() - _LEFT - _RIGHT, px(20))
        places = [line.translated(0, px(_LINE) * number) for number in range(lines.count)]
        for place, words in zip(places, lines.name, strict=False):
            draw_text(painter, place, words, 13, 600)
        about = places[len(lines.name)].translated(0, px(2))
        draw_text(painter, about, lines.words, 12, 400, "t2")
        if lines.day:
            day = places[lines.day_line].translated(0, px(2) if lines.day_line else 0)
            below = lines.day_line > len(lines.name)
            draw_text(painter, day, lines.day, 12, 400, "t3", LEFT if below else RIGHT, True)
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, rect.adjusted(3, 2, -3, -3), 6)
        painter.restore()


def _sign(case: Case) -> tuple[str, str]:
    if case.put_off:
        return "clock", "t3"
    return ("git-compare-arrows", "ask") if case.open else ("check", "t3")
