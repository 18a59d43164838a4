"""The list behind a table: rows come in blocks, and a cell is made once however often it is painted."""

from array import array
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.presenters.record_list import RowView
from ui.window.delegates.roles import CELL_ROLE, TEXT_ROLE, Cell
from ui.window.models.row_window import BLOCK, KEPT_BLOCKS, RowWindow


class AtOnce:
    """Reads on the spot."""

    def read(self, work: Callable[[], Any], done: Callable[[Any], Any], *_: Any, **__: Any) -> None:
        done(work())


class List:
    """A list of numbered rows; `made` tells which cells were made."""

    def __init__(self) -> None:
        self.day = date(2026, 3, 2)
        self.words = "Row"
        self.made: list[tuple[str, int]] = []
        self.model = RowWindow(AtOnce(), self._fetch, self._cell, lambda: self.day)  # type: ignore[arg-type]
        self.model.set_headings([("A", False), ("B", True)])
        self.model.set_ids(array("q", range(4 * BLOCK)))

    def _fetch(self, numbers: Sequence[int]) -> list[RowView]:
        return [RowView(str(number), "account", f"{self.words} {number}", "", "synced") for number in numbers]

    def _cell(self, view: RowView, column: int) -> tuple[Cell, str]:
        self.made.append((view.id, column))
        return Cell(view.title), view.title

    def paint(self, row: int, column: int = 0) -> str:
        """What a painting of this cell shows, with its row there."""
        index = self.model.index(row, column)
        if self.model.view(row) is None or self.model._wanted:
            self.model.data(index, CELL_ROLE)
            QTest.qWait(1)
            QCoreApplication.processEvents()
        shown = self.model.data(index, CELL_ROLE)
        assert isinstance(shown, Cell)
        assert self.model.data(index, TEXT_ROLE) == shown.text
        return shown.text or ""


@pytest.fixture
def rows(app: QApplication) -> List:
    return List()


def test_a_cell_is_made_once_however_often_it_is_painted(rows: List) -> None:
    assert [rows.paint(1), rows.paint(1), rows.paint(1, 1), rows.paint(1)] == ["Row 1"] * 4
    assert rows.made == [("1", 0), ("1", 1)]


def test_what_was_read_again_is_made_again(rows: List) -> None:
    rows.paint(1)
    rows.words = "Newer"
    rows.model.invalidate()
    assert (rows.paint(1), rows.made) == ("Newer 1", [("1", 0), ("1", 0)])


@pytest.mark.parametrize("change", ["words", "columns", "day", "list"])
def test_what_a_cell_is_worded_by_makes_it_anew(rows: List, change: str) -> None:
    rows.paint(1)
    if change == "words":
        rows.model.refetch_text()
    elif change == "columns":
        rows.model.set_headings([("B", False), ("A", True)])
    elif change == "day":
        rows.day = date(2026, 3, 3)
    else:
        rows.model.set_ids(array("q", range(1, 4 * BLOCK)))
    expected = "Row 2" if change == "list" else "Row 1"
    assert rows.paint(1) == expected
    assert len(rows.made) == 2


def test_cells_go_with_the_rows_that_are_forgotten(rows: List) -> None:
    rows.model.set_ids(array("q", range((KEPT_BLOCKS + 20) * BLOCK)))
    for block in range(KEPT_BLOCKS + 20):
        rows.paint(block * BLOCK)
    assert len(rows.model._made) == KEPT_BLOCKS
    assert rows.model._made.keys() == rows.model._blocks.keys()
