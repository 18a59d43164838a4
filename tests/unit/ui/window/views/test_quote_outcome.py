"""How a quote ends in the window: lost with a reason, reopened, accepted in an older revision, ordered once."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from crm_desktop.services.quotes import NewLine
from crm_desktop.store.intents import update
from tests.unit.ui.window.shell_for_tests import ME, TestShell, focus, press, receive, shots, type_text
from tests.unit.ui.window.views.test_approvals_page import editor, said, status
from ui.window import i18n
from ui.window.delegates import ACCESSIBLE_ROLE
from ui.window.models.quote_lines import PRODUCT, QUANTITY, TOTAL
from ui.window.views.quote_page import QuotePage

Key = Qt.Key


@pytest.fixture
def page(shell: TestShell) -> QuotePage:
    """A quote that is sent."""
    lines = [NewLine("p-chai", Decimal(60), Decimal(2)), NewLine("p-tofu", Decimal(30), optional=True)]
    quote_id = shell.app.quotes.new_quote("acc-1", "con-1", lines=lines)
    view = shell.app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    shell.app.quotes.send(view.revision["id"])
    return editor(shell, quote_id)


def test_lost_needs_its_reason_and_can_be_reopened(shell: TestShell, page: QuotePage) -> None:
    revision_id = page.editor.revision_id
    page.bar.lose.trigger()
    form = page.actions_panel.lost_form
    assert focus() is form.reason
    press(form.note, Key.Key_Return)
    assert "Geschlossen" not in said(shell)
    assert "Choose why it was lost." in said(shell)
    assert status(shell, revision_id) == "sent"
    form.reason.setFocus()
    press(form.reason, Key.Key_Down)
    press(form.reason, Key.Key_Tab)
    type_text("Biotrend")
    press(focus(), Key.Key_Tab)
    type_text("six")
    press(focus(), Key.Key_Return)
    assert "Enter a figure" in said(shell)
    form.gap.selectAll()
    type_text("6,5")
    shots(shell, "quote-lost-form")
    press(form.gap, Key.Key_Return)
    shell.settle()
    assert shell.errors == []
    assert status(shell, revision_id) == "lost"
    quote = page.editor.contents
    assert quote is not None
    assert (quote.quote["lost_reason"], quote.quote["competitor"]) == ("price", "Biotrend")
    assert Decimal(quote.quote["price_gap_percent"]) == Decimal("6.5")
    assert not form.isVisible()
    assert "Lost: Price, Biotrend, 6.5 % dearer" in said(shell)
    shots(shell, "quote-lost")
    page.bar.revise.click()
    shell.settle()
    assert page.editor.editable


def test_one_press_orders_and_a_second_one_opens_the_order(shell: TestShell, page: QuotePage) -> None:
    shots(shell, "quote-sent")
    page.bar.order.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    assert status(shell, page.editor.revision_id) == "accepted"
    opened, where = shell.visited[-1]
    assert opened == "order"
    page.editor.reload()
    shell.settle()
    assert page.bar.order.accessibleName() == "Open order"
    page.bar.order.click()
    shell.settle()
    assert shell.visited[-1] == ("order", where)
    orders = shell.app.store.read(lambda reader: reader.where("order", quote_id=page.editor.quote_id))
    assert [order["id"] for order in orders] == [where["order_id"]]
    lines = shell.app.store.read(lambda reader: reader.where("order_line", order_id=where["order_id"]))
    assert [(line["name"], line["line_total"]) for line in lines] == [("Chai", "925.20")]


def test_a_draft_of_an_ordered_quote_says_why_it_goes_nowhere(shell: TestShell, page: QuotePage) -> None:
    first = page.editor.revision_id
    page.bar.revise.click()
    shell.settle()
    draft = page.editor.revision_id
    order_id = shell.app.outcomes.order(first).order_id  # the customer takes the one he holds
    shell.settle()
    page.editor.reload()
    shell.settle()
    assert "This quote is ordered" in said(shell)
    assert not page.bar.send.isVisible()
    shots(shell, "quote-ordered-draft")
    (opens,) = page.warning.banner.findChildren(QPushButton)
    press(opens, Key.Key_Space)
    shell.settle()
    assert shell.visited[-1] == ("order", {"order_id": order_id})
    page.editor.open(page.editor.quote_id, first)
    shell.settle()
    assert not page.bar.revise.isVisible()
    assert "This quote is ordered" not in said(shell)
    # Cancelled by the office: the draft is an ordinary one again.
    shell.app.store.commit([update("order", order_id, {"status": "cancelled"})])
    page.editor.open(page.editor.quote_id, draft)
    shell.settle()
    assert "This quote is ordered" not in said(shell)
    page.bar.send.click()
    shell.settle()
    assert shell.errors == []
    assert status(shell, draft) == "sent"
    assert page.bar.order.accessibleName() == "Make order"


def test_an_older_revision_is_still_accepted(shell: TestShell, page: QuotePage) -> None:
    first = page.editor.revision_id
    page.bar.revise.click()
    shell.settle()
    page.actions_panel.send()
    shell.settle()
    page.paper.close_preview()
    second = page.editor.revision_id
    assert (status(shell, first), status(shell, second)) == ("superseded", "sent")
    assert "can still be accepted" in said(shell)
    page.editor.open(page.editor.quote_id, first)
    shell.settle()
    page.bar.accept.trigger()
    shell.settle()
    assert shell.errors == []
    assert status(shell, first) == "accepted"


def test_a_new_revision_is_compared_with_the_one_before(shell: TestShell, page: QuotePage) -> None:
    assert "Changed since" not in said(shell)
    page.bar.revise.click()
    shell.settle()
    chai, tofu = page.editor.lines
    page.editor.set_quantity(chai.key, "70", "en")
    page.editor.remove(tofu.key)
    offered = {product.name: product for product in page.editor.offered}
    page.editor.add(offered["Queso Cabrales"], Decimal(2))
    shell.settle()
    for words in ("Changed since revision 1", "Chai 60 × €15.42, now 70 × €15.42 +€154.20",
                  "Queso Cabrales new, 2 × €21.00 +€42.00", "Tofu left out, 30 × €23.25"):  # fmt: skip
        assert words in said(shell), words
    shots(shell, "quote-compare")


def test_narrow_the_buttons_keep_their_names_and_none_is_cut(shell: TestShell, page: QuotePage) -> None:
    for german, width in ((False, 1440), (True, 1440), (True, 960), (False, 960), (False, 1440)):
        i18n.set_language("de" if german else "en")
        page.retranslate()
        shell.resize_to(width, 700)
        shell.settle()
        QApplication.processEvents()
        cut = [
            button.accessibleName()
            for button in page.bar.findChildren(QPushButton)
            if button.isVisible() and button.width() < button.sizeHint().width() - 1
        ]
        assert (german, width, cut) == (german, width, [])
        assert shell.width() == width
    assert page.bar.preview.text().strip() == page.bar.preview.accessibleName() == "Preview PDF"


def test_the_mail_is_prepared_and_opened_by_its_own_program(shell: TestShell, page: QuotePage) -> None:
    opened: list[Path] = []
    page.actions_panel.show_file = opened.append
    page.bar.mail.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    (mail,) = opened
    assert mail.suffix == ".eml"
    assert b"X-Unsent: 1" in mail.read_bytes()
    assert "is prepared" in shell.toasts[-1]


def test_a_hint_adds_its_line_and_says_why(shell: TestShell) -> None:
    quote_id = shell.app.quotes.new_quote("acc-1", "con-1", lines=[NewLine("p-chai", Decimal(60))])
    page = editor(shell, quote_id)
    shell.settle()
    assert "Bought before, not in this quote" in said(shell)
    (chip,) = [button for button in page.hints_row.findChildren(QPushButton) if button.isVisible()]
    assert chip.accessibleName() == "Add Tofu"
    assert "In 1 order of this customer, 20 then" in chip.accessibleDescription()
    shots(shell, "quote-hints")
    (chip,) = [button for button in page.hints_row.findChildren(QPushButton) if button.isVisible()]
    chip.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert [(line.name, line.quantity) for line in page.editor.lines] == [("Chai", Decimal(60)), ("Tofu", Decimal(20))]
    assert not page.hints_row.isVisible()


def test_an_optional_line_is_offered_beside_the_total(shell: TestShell) -> None:
    lines = [NewLine("p-chai", Decimal(60)), NewLine("p-tofu", Decimal(30))]
    page = editor(shell, shell.app.quotes.new_quote("acc-1", "con-1", lines=lines))
    page.table.go_to(page.editor.lines.shown[1].key, QUANTITY)
    press(page.table, Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert str(page.lines.data(page.lines.index(1, TOTAL))) == "(697.50)"
    assert "optional" in str(page.lines.data(page.lines.index(1, PRODUCT), ACCESSIBLE_ROLE))
    assert page.editor.contents is not None
    assert page.editor.contents.totals.net == Decimal("943.80")
    shots(shell, "quote-optional")
    press(page.table, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert page.editor.contents.totals.net == Decimal("1641.30")


def test_a_paper_refused_for_an_order_that_is_cancelled_now_goes_again_as_it_went(shell: TestShell) -> None:
    app = shell.app
    quote_id = app.quotes.new_quote("acc-1", lines=[NewLine("p-tofu", Decimal(2))])
    (draft,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
    sent_at = {"old": None, "base_ver": 0, "new": "2026-11-12T08:00:00.000Z"}
    ops = [
        {"k": "patch", "op_id": "op-1", "e": "quote_revision", "id": draft["id"], "set": {"sent_at": sent_at}},
        {"k": "transition", "op_id": "op-2", "e": "quote_revision", "id": draft["id"], "f": "status", "from": "draft",
         "to": "sent", "expected_total": "46.50"},
    ]  # fmt: skip
    receive(shell.app.store, {"quarantine": [
        {"id": "x", "txn_id": "t-1", "user_id": ME, "status": "open", "reason": "sent_after_order", "detail": "11011",
         "payload": json.dumps({"txn_id": "t-1", "client_seq": 1, "ops": ops})},
    ]})  # fmt: skip
    assert [view.id for view in app.refusals.open()] == ["x"]
    page = QuotePage(shell)
    shell.put(page)
    page.open(quote_id=quote_id)
    shell.settle()
    page.bar.send.setFocus()
    press(page.bar.send, Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    assert app.refusals.open() == []
    sent = app.store.read(lambda reader: reader.get("quote_revision", draft["id"]))
    assert sent is not None
    assert (sent["status"], sent["sent_at"]) == ("sent", "2026-11-12T08:00:00.000Z")
