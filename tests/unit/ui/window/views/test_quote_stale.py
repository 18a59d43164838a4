"""A draft whose prices changed says so when it is opened; the three answers by keyboard."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, receive, shots
from tests.unit.ui.window.views.test_approvals_page import editor, said
from ui.window.views.quote_page import QuotePage

Key = Qt.Key


@pytest.fixture
def page(shell: TestShell) -> QuotePage:
    """Chai costs 19.00 where the draft says 18.00."""
    lines = [NewLine("p-chai", Decimal(10)), NewLine("p-tofu", Decimal(30))]
    quote_id = shell.app.quotes.new_quote("acc-2", lines=lines)
    receive(shell.app.store, {
        "price_item": [{"id": "i-p-chai", "price_list_id": "list-48", "product_id": "p-chai", "price": "19.00"}]
    })  # fmt: skip
    return editor(shell, quote_id)


def net(page: QuotePage) -> str:
    assert page.editor.contents is not None
    return str(page.editor.contents.totals.net)


def test_todays_prices_by_keyboard(shell: TestShell, page: QuotePage) -> None:
    assert page.stale.isVisible()
    for words in ("The price of 1 line has changed", "€19.00", "€18.00", "€190.00", "€180.00", "€887.50", "€877.50"):
        assert words in said(shell), words
    shots(shell, "quote-stale")
    page.stale.reprice_button.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    assert not page.stale.isVisible()
    assert net(page) == "887.50"


def test_keeping_them_is_remembered(shell: TestShell, page: QuotePage) -> None:
    page.stale.keep_button.click()
    shell.settle()
    assert not page.stale.isVisible()
    assert net(page) == "877.50"
    page.open(quote_id=page.editor.quote_id)
    shell.settle()
    assert not page.stale.isVisible()


def test_inside_sales_is_asked(shell: TestShell, page: QuotePage) -> None:
    page.stale.ask_button.click()
    assert page.actions_panel.ask_form.isVisible()
    assert focus() is page.actions_panel.ask_form.reason


def test_a_tax_alone_is_told_as_such(shell: TestShell) -> None:
    quote_id = shell.app.quotes.new_quote("acc-2", lines=[NewLine("p-chai", Decimal(10))])
    receive(shell.app.store, {
        "tax_rate": [{"id": "t7", "tax_class": "food", "percent": "8.00", "valid_from": "2000-01-01"}]
    })  # fmt: skip
    page = editor(shell, quote_id)
    for words in ("The tax of 1 line has changed", "Chai, tax 7 % → 8 %"):
        assert words in said(shell), words
    shots(shell, "quote-stale-tax")
    page.stale.reprice_button.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert not page.stale.isVisible()
    assert page.editor.contents is not None
    assert str(page.editor.contents.totals.gross) == "194.40"
