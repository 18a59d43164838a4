"""An order on its page: where it came from, where it goes, cancelled and brought back."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import LAURA, TestShell, focus, press, receive, shots
from ui.window.views.order_page import OrderPage
from ui.window.views.quote_page import QuotePage
from ui.window.widgets.button import Button

Key = Qt.Key


def sent_quote(shell: TestShell) -> tuple[str, str]:
    app = shell.app
    lines = [
        NewLine("p-chai", Decimal(60), Decimal(2)),
        NewLine("p-tofu", Decimal(12)),
        NewLine("p-freight", Decimal(1)),
    ]
    quote_id = app.quotes.new_quote("acc-1", "con-1", lines=lines)
    (revision,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
    app.quotes.send(revision["id"])
    return quote_id, str(revision["id"])


def open_order(shell: TestShell, order_id: str) -> OrderPage:
    if shell.page is not None:
        shell.page.hide()
    page = OrderPage(shell)
    shell.put(page)
    page.open(order_id=order_id)
    shell.settle()
    return page


def status(shell: TestShell, order_id: str) -> str:
    found = shell.app.store.read(lambda reader: reader.get("order", order_id))
    return str(found["status"]) if found is not None else "gone"


def said(shell: TestShell) -> str:
    return " ".join(label.accessibleName() for label in shell.findChildren(QLabel) if label.isVisible())


def button(page: OrderPage, words: str) -> Button:
    return next(made for made in page.findChildren(Button) if made.isVisible() and made.words == words)


def test_the_order_says_where_it_came_from_and_where_it_goes(shell: TestShell) -> None:
    quote_id, revision_id = sent_quote(shell)
    order_id = shell.app.outcomes.order(revision_id)
    page = open_order(shell, order_id)
    text = said(shell)
    for words in ("Maria Anders", "Anne Dodsworth", "12209 Berlin", "14 days net", "Freight and charges"):
        assert words in text, words
    assert str(page.model.data(page.model.index(0, 1))) == "Chai"
    shots(shell, "order-of-a-quote")
    number = shell.app.store.read(lambda reader: reader.get("quote", quote_id))["number"]  # type: ignore[index]
    opens = button(page, f"{number}, Revision 1")
    opens.setFocus()
    press(focus(), Key.Key_Space)
    assert shell.visited[-1] == ("quote", {"quote_id": quote_id, "revision_id": revision_id})
    opens = button(page, "Alfreds Futterkiste")
    opens.setFocus()
    press(focus(), Key.Key_Space)
    assert shell.visited[-1] == ("account", {"account_id": "acc-1"})


def test_an_order_is_cancelled_at_once_and_comes_back(shell: TestShell) -> None:
    _, revision_id = sent_quote(shell)
    order_id = shell.app.outcomes.order(revision_id)
    page = open_order(shell, order_id)
    page.cancel_button.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert status(shell, order_id) == "cancelled"
    assert "is cancelled" in said(shell)
    assert not page.cancel_button.isVisible()
    shots(shell, "order-cancelled")
    assert "is cancelled" in shell.toasts[-1]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert status(shell, order_id) == "open"
    assert not page.banner.isVisible()
    press(page.cancel_button, Key.Key_Space)
    shell.settle()
    (again,) = page.banner.buttons
    again.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert status(shell, order_id) == "open"
    assert "holds again" in shell.toasts[-1]
    assert shell.errors == []


def test_what_is_delivered_or_a_colleagues_has_no_button_to_cancel(shell: TestShell) -> None:
    page = open_order(shell, "ord-1")
    assert not page.cancel_button.isVisible()  # delivered
    receive(shell.app.store, {
        "user": [{"id": "user-anne", "name": "Anne Dodsworth", "role": "rep"}],
        "order": [{"id": "ord-2", "number": "11012", "account_id": "acc-1", "owner_id": LAURA, "status": "open"}],
    })  # fmt: skip
    page = open_order(shell, "ord-2")
    assert not page.cancel_button.isVisible()
    assert page.read_only.isVisible()


def test_an_order_made_by_mistake_is_taken_back_from_the_toast(shell: TestShell) -> None:
    quote_id, revision_id = sent_quote(shell)
    page = QuotePage(shell)
    shell.put(page)
    page.open(quote_id=quote_id)
    shell.settle()
    page.bar.order.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    ((name, where),) = shell.visited[-1:]
    assert name == "order"
    assert status(shell, where["order_id"]) == "open"
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert status(shell, where["order_id"]) == "gone"
    assert shell.visited[-1] == ("quote", {"quote_id": quote_id})
    revision = shell.app.store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert revision is not None
    assert revision["status"] == "sent"
    assert shell.errors == []
