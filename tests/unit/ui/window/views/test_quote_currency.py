"""Another price list for a quote: chosen by keys, with its currency, and honest about what is in another one."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from crm_desktop.model.wire import Row
from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import TestShell, press, receive, shots
from tests.unit.ui.window.views.test_quote_page import add, cell, new_quote
from ui.presenters.approvals import load_approvals
from ui.window.models.quote_lines import MARGIN, NET
from ui.window.views.quote_page import QuotePage


@pytest.fixture
def page(shell: TestShell) -> QuotePage:
    """A quote with one line; there is a younger list in dollars for it, and one that names no price for it."""
    receive(
        shell.app.store,
        {
            "price_list": [
                {"id": "usd", "name": "USD Export", "currency": "USD", "rounding": "unit", "valid_from": "2026-11-17"},
                {"id": "void", "name": "Void", "currency": "EUR", "rounding": "unit", "valid_from": "2026-11-01"},
                {"id": "over", "name": "Over", "currency": "EUR", "rounding": "unit", "valid_until": "2025-12-31"},
            ],
            "price_item": [{"id": "i-usd", "price_list_id": "usd", "product_id": "p-chai", "price": "20.00"}],
            "customer_condition": [
                {"id": "c-net", "account_id": "acc-1", "kind": "net_price", "value": "17.00", "product_id": "p-chai",
                 "name": "Frame contract"},
            ],
        },
    )  # fmt: skip
    page = new_quote(shell)
    add(page, "chai", "10")
    shell.settle()
    return page


def revision(shell: TestShell, page: QuotePage) -> Row:
    found = shell.app.store.read(lambda reader: reader.get("quote_revision", page.editor.revision_id))
    assert found is not None
    return found


def said(page: QuotePage) -> str:
    return "\n".join(label.accessibleName() for label in page.totals.findChildren(QLabel) if label.isVisible())


def choose(page: QuotePage, name: str) -> None:
    """By the keys of a closed list: the first letter."""
    page.terms.price_list.setFocus()
    press(page.terms.price_list, getattr(Qt.Key, f"Key_{name[0]}"))


def test_a_list_is_chosen_with_its_currency_and_nothing_is_compared_across(shell: TestShell, page: QuotePage) -> None:
    combo = page.terms.price_list
    assert sorted(combo.itemText(at) for at in range(combo.count())) == ["EUR Trade v48", "USD Export", "Void"]
    assert combo.currentText() == "EUR Trade v48"
    assert (cell(page, 0, NET), cell(page, 0, MARGIN)) == ("17.00", "35\N{NO-BREAK SPACE}%")
    assert "Cost is kept" not in said(page)
    choose(page, "USD Export")
    shell.settle()
    assert shell.errors == []
    assert (revision(shell, page)["price_list_id"], revision(shell, page)["currency"]) == ("usd", "USD")
    assert (cell(page, 0, NET), cell(page, 0, MARGIN)) == ("17.00", "")
    assert "Cost is kept in EUR: there is no margin in USD." in said(page)
    assert "Agreed without a currency and counted in USD: Frame contract." in said(page)
    assert not page.stale.isVisible(), "who chose the list is not asked whether another one is newer"
    shots(shell, "quote-currency")


def test_a_net_price_agreed_in_another_currency_does_not_count(shell: TestShell, page: QuotePage) -> None:
    receive(shell.app.store, {"account": [{"id": "acc-1", "name": "Alfreds Futterkiste", "currency": "EUR"}]})
    choose(page, "USD Export")
    shell.settle()
    assert cell(page, 0, NET) == "18.40"  # the percentage agreed beside it counts in every currency
    assert "Agreed in EUR and not counted in USD: Frame contract." in said(page)


def test_a_list_without_a_price_for_a_line_is_not_taken(shell: TestShell, page: QuotePage) -> None:
    choose(page, "Void")
    shell.settle()
    assert [getattr(error, "code", "") for error in shell.errors] == ["no_price"]
    assert page.terms.price_list.currentText() == "EUR Trade v48"
    assert (revision(shell, page)["price_list_id"], cell(page, 0, NET)) == ("list-48", "17.00")


def test_who_approves_sees_no_margin_across_currencies_either(shell: TestShell, page: QuotePage) -> None:
    app = shell.app
    choose(page, "USD Export")
    shell.settle()
    euro = app.quotes.new_quote("acc-1", lines=[NewLine("p-chai", Decimal(10))])
    (other,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=euro))
    for revision_id in (page.editor.revision_id, other["id"]):
        app.approvals.ask(revision_id, "They pay in advance")
    found = app.store.read(lambda reader: load_approvals(reader, app.user_id))
    assert {approval.currency: approval.margin for approval in found.own} == {"USD": None, "EUR": Decimal("35.3")}


def test_each_revision_keeps_its_own_currency_and_is_not_compared_across(shell: TestShell, page: QuotePage) -> None:
    page.bar.send.setFocus()
    press(page.bar.send, Qt.Key.Key_Space)
    shell.settle()
    page.bar.revise.setFocus()
    press(page.bar.revise, Qt.Key.Key_Space)
    shell.settle()
    choose(page, "USD Export")
    shell.settle()
    assert revision(shell, page)["currency"] == "USD"
    side = [label.accessibleName() for label in page.price.findChildren(QLabel) if label.isVisible()]
    assert len([words for words in side if words == "€170.00"]) == 1
    assert len([words for words in side if words.endswith("$170.00")]) == 1
    assert not any("against" in words.lower() or "€0.00" in words for words in side)
