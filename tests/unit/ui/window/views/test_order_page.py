"""An order on its page: where it came from, where it goes, cancelled and brought back."""

from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, focus, press, receive, shots
from ui.presenters.order_paper import make_order_paper
from ui.window.views import order_page
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
    order_id = shell.app.outcomes.order(revision_id).order_id
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


def test_the_paper_of_an_order_is_shown_and_saved(
    shell: TestShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(order_page, "open_file", opened.append)
    _, revision_id = sent_quote(shell)
    page = open_order(shell, shell.app.outcomes.order(revision_id).order_id)
    press(page.table, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert shell.errors == []
    assert page.preview.isVisible()
    shots(shell, "order-paper")
    page.save_paper(tmp_path / "order.pdf")
    shell.settle()
    assert opened == [tmp_path / "order.pdf"]
    with pypdfium2.PdfDocument(tmp_path / "order.pdf") as paper:
        text = " ".join(paper[at].get_textpage().get_text_range() for at in range(len(paper)))
    for words in ("Order D7F-", "Chai", "10 boxes x 20 bags", "15.42", "925.20", "Delivery to", "12209 Berlin",
                  "14 days net", "€1,346.80", "Anne Dodsworth"):  # fmt: skip
        assert words in text, words
    assert "Signature" not in text
    press(focus(), Key.Key_Escape)
    assert not page.preview.isVisible()
    assert focus() is page.table


def test_an_order_is_cancelled_at_once_and_comes_back(shell: TestShell) -> None:
    _, revision_id = sent_quote(shell)
    order_id = shell.app.outcomes.order(revision_id).order_id
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


def test_the_paper_of_a_cancelled_order_says_so_in_the_language_of_the_customer(shell: TestShell) -> None:
    receive(shell.app.store, {
        "account": [{"id": "acc-3", "name": "Kaffeehaus Müller & Sohn", "language": "de", "owner_id": ME}],
        "order": [{"id": "ord-3", "number": "11013", "provisional_number": "D7F-9", "account_id": "acc-3",
                   "status": "cancelled", "freight": "12.50", "currency": "EUR", "ordered_on": "2026-11-12"}],
        "order_line": [{"id": "ol-3", "order_id": "ord-3", "product_id": "p-chai", "name": "Chai", "quantity": "4",
                        "unit_price": "18", "discount_percent": "5", "tax_percent": "7", "line_total": "68.40"}],
    })  # fmt: skip
    paper = make_order_paper(shell.app.store, "ord-3", "en", shell.app.clock.now())
    with pypdfium2.PdfDocument(paper.pdf) as document:
        text = document[0].get_textpage().get_text_range().replace("\N{NO-BREAK SPACE}", " ")
    for words in ("Auftrag 11013", "Storniert", "D7F-9", "12. November 2026", "5 %", "68,40", "Fracht", "85,69 €"):
        assert words in text, words
    assert paper.file_name == "Auftrag 11013.pdf"
    page = open_order(shell, "ord-3")
    assert "€85.69" in said(shell)
    assert page.banner.isVisible()
