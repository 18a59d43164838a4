"""The list of the conflicts page: which record, what it is about, when; open ones with their own sign."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.conflicts import Case
from ui.window.delegates.draw import RIGHT, draw_hairline, draw_icon, draw_ring, draw_text
from ui.window.i18n import fmt_near_day, tr
from ui.window.models.plain_rows import ROW_ROLE, PlainRows
from ui.window.theme import color, metrics, px
from ui.window.views.value_words import entity_word, field_word

WIDTH, WIDTH_NARROW = 290, 220
_ROW = 66
_Index = QModelIndex | QPersistentModelIndex


class ConflictList(QListView):
    """Cases, open ones first. Reading alone: deciding happens at the right."""

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = PlainRows(_spoken, self)
        self.setProperty("ownRing", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(self.rows)
        self.setItemDelegate(_CaseDelegate(self, now))
        self.setFixedWidth(px(WIDTH))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

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


def fields_of(case: Case) -> str:
    """What a case is about, in words."""
    if case.rule == "delete_request":
        return tr("conflicts.deletion")
    return ", ".join(field_word(case.entity, item.name) for view in case.conflicts for item in view.fields)


def case_words(case: Case) -> str:
    """The second line of a case."""
    fields = fields_of(case)
    if case.put_off:
        return tr("conflicts.row_later", fields=fields)
    if case.settled:
        return tr(f"conflicts.row_{case.rule if case.rule in ('newest', 'merged_text') else 'rule'}", fields=fields)
    if not case.open:
        return tr(f"conflicts.row_{case.conflicts[0].status}", fields=fields)
    return tr("conflicts.row_gone", fields=fields) if case.rule == "gone" else fields


def _spoken(case: Case) -> str:
    return f"{case_title(case)}, {case_words(case)}"


class _CaseDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._now = now

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """One height."""
        return QSize(10, px(_ROW))

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
        when = fmt_near_day(parse_instant(case.at), self._now()) if case.at else ""
        wide = metrics(12, 400, True).horizontalAdvance(when)
        left, right = rect.x() + 42, rect.right() - 14
        upper = QRectF(left, rect.y() + px(11), right - wide - 10 - left, px(20))
        draw_text(painter, upper, case_title(case), 13, 600)
        at = QRectF(right - wide - 2, rect.y() + px(11), wide + 2, px(20))
        draw_text(painter, at, when, 12, 400, "t3", RIGHT, True)
        second = QRectF(left, rect.y() + px(33), right - left, px(18))
        draw_text(painter, second, case_words(case), 12, 400, "t2")
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, rect.adjusted(3, 2, -3, -3), 6)
        painter.restore()


def _sign(case: Case) -> tuple[str, str]:
    if case.put_off:
        return "clock", "t3"
    return ("git-compare-arrows", "ask") if case.open else ("check", "t3")
