"""Rows of the outbox: the current one is open and shows old, arrow, new of each field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.presenters.outbox_entries import Diff
from ui.window.delegates.draw import draw_hairline, draw_icon, draw_ring, draw_text
from ui.window.i18n import tr
from ui.window.models.plain_rows import ROW_ROLE
from ui.window.theme import color, metrics, px
from ui.window.views.value_words import field_word, value_word
from ui.window.widgets.sync_badge import SYNC_LOOK

_CLOSED, _OPEN, _DIFF = 50, 54, 26
_MOST = 12
_INDENT = 28
_RIGHT = Qt.AlignmentFlag.AlignRight
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A field in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One line in words. `look` is a sync state; `empty` the word for no value.

    `depth` is how far it is set in, `folding` 'closed' or 'open' where it has parts.
    """

    id: str
    icon: str
    title: str
    second: str
    time: str
    look: str
    state: str
    diffs: tuple[DiffLine, ...]
    empty: str
    depth: int = 0
    folding: str = ""

    @property
    def left(self) -> str:
        """How many fields are not shown, in words."""
        left = len(self.diffs) - _MOST
        return tr("outbox.more_fields", count=left) if left > 0 else ""

    @property
    def spoken(self) -> str:
        """All of it as one sentence."""
        said = [f"{d.label}: {d.old or self.empty}, {d.new or self.empty}" for d in self.diffs[:_MOST]]
        changes = "; ".join([*said, self.left] if self.left else said)
        folding = tr(f"outbox.{self.folding}") if self.folding else ""
        return ", ".join(part for part in (self.title, self.second, self.state, self.time, folding, changes) if part)


def diff_lines(diffs: Iterable[Diff], names: Mapping[str, str], *, whole: bool = False) -> tuple[DiffLine, ...]:
    """Changed fields in words; `names` words references, long texts are cut unless `whole`."""
    return tuple(
        DiffLine(
            field_word(diff.entity, diff.name),
            value_word(diff.entity, diff.name, diff.old, names, whole=whole),
            value_word(diff.entity, diff.name, diff.new, names, whole=whole),
        )
        for diff in diffs
    )


class OutboxDelegate(QStyledItemDelegate):
    """`opened` is the id of the row that is open."""

    opened = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Closed 50 px, open as tall as its fields."""
        found = index.data(ROW_ROLE)
        if isinstance(found, OutboxRow) and found.id == self.opened and found.diffs:
            return QSize(10, px(_OPEN + _DIFF * min(_MOST + 1, len(found.diffs)) + 10))
        return QSize(10, px(_CLOSED))

    def on_arrow(self, x: float, found: object) -> bool:
        """Whether a place, counted from the left edge, is on the arrow of a line that has parts."""
        return isinstance(found, OutboxRow) and bool(found.folding) and x < px(24)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        found = index.data(ROW_ROLE)
        if not isinstance(found, OutboxRow):
            return
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if found.id == self.opened:
            painter.fillRect(rect, color("sunken"))
            painter.fillRect(QRectF(rect.x(), rect.y(), 3, rect.height() - 1), color("accent"))
        draw_hairline(painter, rect.left(), rect.right(), rect.bottom())
        self._head(painter, rect, found)
        if found.id == self.opened:
            self._diffs(painter, rect, found)
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, rect.adjusted(4, 2, -4, -3), 6)
        painter.restore()

    def _head(self, painter: QPainter, rect: QRectF, found: OutboxRow) -> None:
        left, right = rect.x() + 52 + px(_INDENT) * found.depth, rect.right() - 24
        draw_icon(painter, left - 28, rect.y() + px(9), found.icon)
        if found.folding:
            arrow = "chevron-down" if found.folding == "open" else "chevron-right"
            draw_icon(painter, rect.x() + 6, rect.y() + px(10), arrow, "t2", 14)
        icon, tone = SYNC_LOOK[found.look]
        state = metrics(12).horizontalAdvance(found.state)
        time = metrics(12, 400, True).horizontalAdvance(found.time)
        draw_text(painter, QRectF(left, rect.y() + px(7), right - time - 16 - left, px(19)), found.title, 13, 600)
        second = QRectF(left, rect.y() + px(26), right - state - px(14) - 24 - left, px(17))
        draw_text(painter, second, found.second, 12, 400, "t2")
        upper = QRectF(right - time - 4, rect.y() + px(7), time + 4, px(19))
        draw_text(painter, upper, found.time, 12, 400, "t3", _RIGHT, True)
        lower = QRectF(right - state - 4, rect.y() + px(26), state + 4, px(17))
        draw_text(painter, lower, found.state, 12, 400, "t2", _RIGHT)
        draw_icon(painter, right - state - px(14) - 8, rect.y() + px(27), icon, tone, 14)

    def _diffs(self, painter: QPainter, rect: QRectF, found: OutboxRow) -> None:
        shown = found.diffs[:_MOST]
        left = rect.x() + 52 + px(_INDENT) * found.depth
        label = max([px(100), *(min(px(190), metrics(12).horizontalAdvance(d.label) + 18) for d in shown)])
        y = rect.y() + px(52)
        for diff in shown:
            height = px(_DIFF - 2)
            draw_text(painter, QRectF(left, y, label - 8, height), diff.label, 12, 400, "t2")
            x = left + label
            room = (rect.right() - 24 - x) * 0.45
            box = QRectF(x, y, room, height)
            x += draw_text(painter, box, diff.old or found.empty, 12, 400, "t3", struck=bool(diff.old)) + 8
            draw_icon(painter, x, y + px(5), "arrow-right", "t3", 14)
            x += px(14) + 8
            box = QRectF(x, y, rect.right() - 24 - x, height)
            draw_text(painter, box, diff.new or found.empty, 12, 500 if diff.new else 400, "t1" if diff.new else "t3")
            y += px(_DIFF)
        if found.left:
            draw_text(painter, QRectF(left, y, rect.right() - 24 - left, px(_DIFF - 2)), found.left, 12, 400, "t2")
