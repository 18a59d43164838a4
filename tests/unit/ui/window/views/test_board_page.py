"""Opportunities by stage, by real keys and drops: a move is one change, a loss is asked for its reason."""

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QStyleOptionViewItem

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots, type_text
from ui.window.delegates import TEXT_ROLE, board_card
from ui.window.delegates.draw import draw_text
from ui.window.theme import metrics
from ui.window.views.board_column import BoardColumnView
from ui.window.views.board_page import BoardPage

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def board(shell: TestShell) -> BoardPage:
    receive(
        shell.app.store,
        {
            "opportunity": [
                {"id": "opp-1", "name": "Chai, 40 boxes", "account_id": "acc-1", "owner_id": ME, "stage": "quoted",
                 "amount": "3011.22", "currency": "EUR", "probability_percent": 50, "closes_on": "2026-11-30"},
                {"id": "opp-2", "name": "Tofu for the new branch", "account_id": "acc-2", "owner_id": ME,
                 "stage": "quoted", "amount": "980.00", "currency": "EUR", "closes_on": "2026-11-02"},
                {"id": "opp-3", "name": "Sirop", "account_id": "acc-3", "owner_id": LAURA, "stage": "prospect",
                 "amount": "640.00", "currency": "USD"},
                {"id": "opp-4", "name": "Fair 2025", "account_id": "acc-3", "owner_id": ME, "stage": "won",
                 "amount": "12460.00", "currency": "EUR"},
            ]
        },
    )  # fmt: skip
    page = BoardPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def stage(page: BoardPage, code: str) -> BoardColumnView:
    return next(view for view in page.lanes.columns if view.code == code)


def names(page: BoardPage, code: str) -> list[str]:
    cards = stage(page, code).list.cards
    return [cards.row(at).title for at in range(cards.rowCount())]


def row(shell: TestShell, record_id: str) -> dict[str, Any]:
    found = shell.app.store.read(lambda reader: reader.get("opportunity", record_id))
    assert found is not None
    return found


def test_a_board_without_cards_says_what_to_do(shell: TestShell, board: BoardPage) -> None:
    assert board.empty.isHidden()
    gone = [("opportunity", f"opp-{number}") for number in (1, 2, 4)]
    mine = board.whose._pills["mine"]
    receive(shell.app.store, {}, gone=gone)
    shell.settle()
    assert board.lanes.isVisible()  # one of Laura's is left
    QTest.mouseClick(mine, Qt.MouseButton.LeftButton)
    shell.settle()
    assert board.empty.accessibleName() == "None of the opportunities is yours"
    assert board.lanes.isHidden()
    shots(shell, "board-none-mine")
    show_all = board.empty.buttons[1]
    show_all.setFocus()
    press(show_all, Qt.Key.Key_Space)
    shell.settle()
    assert board.lanes.isVisible()
    receive(shell.app.store, {}, gone=[("opportunity", "opp-3")])
    shell.settle()
    assert board.empty.accessibleName() == "No opportunities on this laptop yet"
    shots(shell, "board-empty")
    board.open()
    shell.settle()
    assert board.empty.buttons[0].hasFocus()
    press(board.empty.buttons[0], Qt.Key.Key_N)
    assert shell.visited[-1][1]["entity"] == "opportunity"
    press(board.empty.buttons[0], Qt.Key.Key_Space)
    assert [name for name, _ in shell.visited] == ["record", "record"]


def test_columns_show_count_and_sums_of_their_cards(shell: TestShell, board: BoardPage) -> None:
    codes = [view.code for view in board.lanes.columns]
    assert codes == ["prospect", "qualified", "quoted", "negotiation", "won", "lost"]
    quoted = stage(board, "quoted")
    assert (quoted.title.plain_text(), quoted.sums.plain_text()) == ("Quoted", "€3,991.22")
    assert names(board, "quoted") == ["Tofu for the new branch", "Chai, 40 boxes"]  # what is due first stands first
    assert quoted.list.accessibleName() == "Quoted: 2, €3,991.22"
    assert quoted.list.cards.index(0, 0).data(TEXT_ROLE).startswith("Tofu for the new branch, Königlich Essen, €980.00")
    assert stage(board, "prospect").sums.plain_text() == "US$640.00"
    shots(shell, "board")


def test_a_stage_declared_elsewhere_stands_beside_the_others(shell: TestShell, board: BoardPage) -> None:
    stages = [{"id": "st-1", "code": "prospect", "name": "Heard of us", "position": 1, "outcome": "open"},
              {"id": "st-2", "code": "tasting", "name": "Tasting", "position": 2, "outcome": "open"}]  # fmt: skip
    receive(shell.app.store, {"opportunity_stage": stages})
    shell.settle()
    assert {"Heard of us", "Tasting"} <= {view.title.plain_text() for view in board.lanes.columns}
    assert "Sirop" in names(board, "prospect")
    assert names(board, "tasting") == []


def test_a_card_goes_on_by_keys_and_comes_back_by_undo(shell: TestShell, board: BoardPage) -> None:
    quoted = stage(board, "quoted")
    quoted.list.setFocus()
    press(quoted.list, Qt.Key.Key_Down)
    press(quoted.list, Qt.Key.Key_Right, CTRL)
    shell.settle()
    assert (row(shell, "opp-1")["stage"], row(shell, "opp-1")["probability_percent"]) == ("negotiation", 75)
    assert len(shell.app.store.pending(10)) == 1
    negotiation = stage(board, "negotiation")
    assert names(board, "negotiation") == ["Chai, 40 boxes"]
    assert negotiation.list.hasFocus()
    assert shell.toasts == ["Chai, 40 boxes is in “Negotiation” now"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert (row(shell, "opp-1")["stage"], row(shell, "opp-1")["probability_percent"]) == ("quoted", 50)


def test_arrow_keys_go_from_stage_to_stage_and_enter_opens(shell: TestShell, board: BoardPage) -> None:
    first = stage(board, "prospect")
    assert first.list.hasFocus(), "the first stage with a card has the keys once the board is read"
    press(first.list, Qt.Key.Key_Right)
    assert stage(board, "qualified").list.hasFocus()
    press(stage(board, "qualified").list, Qt.Key.Key_Left)
    press(first.list, Qt.Key.Key_Return)
    assert shell.visited == [("record", {"entity": "opportunity", "record_id": "opp-3"})]


def test_a_card_is_let_go_over_another_stage(shell: TestShell, board: BoardPage) -> None:
    target = stage(board, "won").list
    data = QMimeData()
    data.setData("application/x-crm-opportunity", b"opp-3")
    where = (Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(20, 20), *where)
    QApplication.sendEvent(target.viewport(), entering)
    assert entering.isAccepted()
    QApplication.sendEvent(target.viewport(), QDropEvent(QPointF(20, 20), *where))
    shell.settle()
    assert row(shell, "opp-3")["stage"] == "won"


def test_a_lost_card_is_asked_why_and_stays_without_an_answer(shell: TestShell, board: BoardPage) -> None:
    won = stage(board, "won").list
    won.setFocus()
    press(won, Qt.Key.Key_Right, CTRL)
    shell.settle()
    assert board.lost.isVisible()
    assert board.lost.reason.hasFocus()
    board.lost.carry_out()
    assert (board.lost.isVisible(), row(shell, "opp-4")["stage"]) == (True, "won")
    shots(shell, "board-lost")
    press(board.lost.reason, Qt.Key.Key_Down)
    press(board.lost.reason, Qt.Key.Key_Tab)
    type_text("Biotrend\n")
    shell.settle()
    lost = row(shell, "opp-4")
    assert (lost["stage"], lost["lost_reason"], lost["competitor"]) == ("lost", "price", "Biotrend")
    assert len(shell.app.store.pending(10)) == 1
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert (row(shell, "opp-4")["stage"], row(shell, "opp-4")["lost_reason"]) == ("won", "")


def test_a_loss_to_nobody_is_not_taken_and_says_what_lacks(shell: TestShell, board: BoardPage) -> None:
    won = stage(board, "won").list
    won.setFocus()
    press(won, Qt.Key.Key_Right, CTRL)
    press(board.lost.reason, Qt.Key.Key_Down)
    QTest.mouseClick(board.lost.done, Qt.MouseButton.LeftButton)
    shell.settle()
    assert board.lost.competitor.hasFocus()
    assert row(shell, "opp-4")["stage"] == "won"
    press(board.lost.competitor, Qt.Key.Key_Escape)
    assert board.lost.isHidden()


def test_a_price_gap_is_read_as_people_type_it_and_what_is_none_is_not_taken(
    shell: TestShell, board: BoardPage
) -> None:
    won = stage(board, "won").list
    won.setFocus()
    press(won, Qt.Key.Key_Right, CTRL)
    press(board.lost.reason, Qt.Key.Key_Down)
    board.lost.competitor.setFocus()
    type_text("Biotrend")
    for typed, taken in (("much", False), ("12,5 %", True)):
        board.lost.gap.setFocus()
        board.lost.gap.selectAll()
        type_text(f"{typed}\n")
        shell.settle()
        assert (board.lost.isHidden(), row(shell, "opp-4")["stage"]) == (taken, "lost" if taken else "won")
    assert Decimal(row(shell, "opp-4")["price_gap_percent"]) == Decimal("12.5")


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_offers_every_stage(shell: TestShell, board: BoardPage) -> None:
    quoted = stage(board, "quoted").list
    quoted.setFocus()
    press(quoted, Qt.Key.Key_M)
    menu = board.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()][:2] == ["Prospect", "Qualified"]
    menu.actions()[1].trigger()
    menu.close()
    shell.settle()
    assert names(board, "qualified") == ["Tofu for the new branch"]


def test_only_mine(shell: TestShell, board: BoardPage) -> None:
    QTest.mouseClick(board.whose.findChildren(type(board.whose._pills["mine"]))[1], Qt.MouseButton.LeftButton)
    shell.settle()
    assert names(board, "prospect") == []
    assert len(names(board, "quoted")) == 2


def test_a_long_name_has_two_lines_and_no_card_covers_another(shell: TestShell, board: BoardPage) -> None:
    name = "A year of Gorgonzola Telino"
    base = {"account_id": "acc-1", "owner_id": ME, "stage": "quoted", "amount": "100.00", "currency": "EUR"}
    receive(shell.app.store, {"opportunity": [base | {"id": f"long-{n}", "name": name} for n in range(3)]})
    shell.settle()
    cards = stage(board, "quoted").list
    heights = set()
    for width in (240, 400, 200, 170):
        cards.resize(width, 600)
        shell.settle()
        boxes = [cards.visualRect(cards.cards.index(at, 0)) for at in range(cards.cards.rowCount())]
        heights |= {box.height() for box in boxes}
        for at, upper in enumerate(boxes[:-1]):
            needed = cards.itemDelegate().sizeHint(QStyleOptionViewItem(), cards.cards.index(at, 0)).height()
            assert upper.top() + needed <= boxes[at + 1].top(), (width, at)
    assert len(heights) == 2


def test_amount_and_date_need_a_line_each_in_a_narrow_stage(
    shell: TestShell, board: BoardPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure is never shortened for the date beside it."""
    cut: list[str] = []
    drawn: set[str] = set()

    def watched(painter: Any, rect: Any, text: str, size: int, weight: int, *more: Any, **named: Any) -> float:
        drawn.add(text)
        if metrics(size, weight, True).horizontalAdvance(text) > rect.width():
            cut.append(text)
        return draw_text(painter, rect, text, size, weight, *more, **named)

    monkeypatch.setattr(board_card, "draw_text", watched)
    receive(shell.app.store, {"opportunity": [
        {"id": f"opp-{n}", "name": "Pumps", "account_id": "acc-1", "owner_id": ME, "stage": "quoted",
         "amount": amount, "currency": "EUR", "closes_on": "2026-11-22"} for n, amount in ((5, "75004.00"), (6, "1.00"))
    ]})  # fmt: skip
    board.open()
    shell.settle()
    cards = stage(board, "quoted").list
    wide = round(metrics(13, 500, True).horizontalAdvance("€75,004.00")) + 45
    cards.setFixedWidth(wide)
    shell.settle()
    cards.viewport().repaint()
    assert {"€75,004.00", "€1.00", "22 Nov"} <= drawn
    assert [text for text in cut if text.startswith("€") or "Nov" in text] == []
    heights = {name: cards.visualRect(cards.cards.index(at, 0)).height() for at, name in enumerate(shown(cards))}
    assert heights["€75,004.00"] > heights["€1.00"]


def shown(cards: Any) -> list[str]:
    return [cards.cards.row(at).amount for at in range(cards.cards.rowCount())]
