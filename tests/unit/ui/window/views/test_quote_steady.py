"""Figures stay on the page while others are being calculated: nothing is painted blank, nothing jumps."""

from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, type_text
from tests.unit.ui.window.views.test_order_page import open_order
from tests.unit.ui.window.views.test_quote_page import add, new_quote
from tests.unit.ui.window.views.test_quote_typing import choose, slow_quote
from ui.window.models.quote_lines import QUANTITY
from ui.window.views.approvals_page import ApprovalsPage
from ui.window.views.quote_page import QuotePage
from ui.window.widgets.button import Button

Key = Qt.Key


class Painted(QObject):
    """What a part of a page shows each time it is painted, and how high it is then."""

    def __init__(self, part: QWidget) -> None:
        super().__init__()
        self.part = part
        self.shown: list[tuple[str, ...]] = []
        self.heights: list[int] = []
        part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.shown.append(said(self.part))
            self.heights.append(self.part.height())
        return False


def said(part: QWidget) -> tuple[str, ...]:
    labels = part.findChildren(QLabel)
    return tuple(label.accessibleName() for label in labels if label.isVisible() and label.accessibleName())


def quantity(page: QuotePage, row: int, text: str) -> None:
    line = page.lines.line(row)
    assert line is not None
    page.table.go_to(line.key, QUANTITY)
    type_text(text)
    press(focus(), Key.Key_Return)


def test_totals_and_the_side_are_never_blank_while_quantities_are_typed(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60", "2")
    add(page, "14", "30")
    shell.settle()
    totals, side = Painted(page.totals), Painted(page.price)
    for text in ("70", "80", "9"):
        quantity(page, 0, text)
        shell.settle()
    assert "€902.62" in said(page.totals)  # 9 Chai at 18.00 less 8 and 2 %, 30 Tofu, with tax
    for painted in (totals, side):
        assert painted.shown
        assert all(painted.shown)
        assert len(set(painted.heights)) == 1


def test_the_price_of_a_line_stays_explained_while_the_next_one_is_entered(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    choose(page, "1")
    tasks.let_through(1)
    press(focus(), Key.Key_Return)
    assert page.table.currentIndex().row() == page.lines.empty_row
    explained = said(page.price)
    assert any("Chai" in words for words in explained)
    choose(page, "14")  # not written yet: nobody knows its price
    assert said(page.price) == explained
    tasks.let_through(1)
    press(focus(), Key.Key_Return)
    shell.settle()
    assert any("Tofu" in words for words in said(page.price))
    assert not any("Chai" in words for words in said(page.price))


def test_what_an_order_and_a_request_say_stands_again_at_once(shell: TestShell) -> None:
    order = open_order(shell, "ord-1")
    order.retranslate()  # what a new reading does too; no event comes between
    assert "Alfreds Futterkiste" in buttons(order.facts)
    assert "€998.85" in said(order)
    order.hide()
    app = shell.app
    quote_id = app.quotes.new_quote("acc-1", lines=[NewLine("p-tofu", Decimal(2), Decimal(30))])
    (draft,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
    app.approvals.ask(draft["id"], "They buy for the whole year")
    page = ApprovalsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    page.retranslate()
    assert "They buy for the whole year" in said(page)


def buttons(part: QWidget) -> list[str]:
    return [button.words for button in part.findChildren(Button) if button.isVisible()]


def test_the_way_here_and_the_buttons_of_a_banner_stay_where_they_are(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "sirop", "24", "12")
    shell.settle()
    assert page.warning.isVisible()  # below the floor of its margin
    (button,) = page.warning.banner.buttons
    crumbs, banner = Painted(page.bar.crumbs), Painted(page.warning.banner)
    quantity(page, 0, "30")
    shell.settle()
    assert page.warning.banner.buttons == [button]
    assert all(crumbs.shown)
    assert all(banner.shown)
