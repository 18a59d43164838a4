"""A quote above the ceiling, from the editor to the decision and back, by real keys on a real store."""

from decimal import Decimal
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from crm_desktop.errors import KnownError
from crm_desktop.services.quotes import NewLine
from crm_desktop.store.intents import transition, update
from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, focus, press, receive, shots, type_text
from ui.presenters.approvals import count_approvals
from ui.window.models.quote_lines import DISCOUNT
from ui.window.views.approvals_page import ApprovalsPage
from ui.window.views.quote_page import QuotePage

CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


@pytest.fixture
def rep(shell: TestShell) -> TestShell:
    """Anne is a representative with a ceiling of 10 %."""
    receive(shell.app.store, {
        "user": [{"id": ME, "name": "Anne Dodsworth", "role": "rep", "email": "anne@northwind.example"}],
        "discount_ceiling": [{"id": "c1", "role": "rep", "percent": "10"}],
    })  # fmt: skip
    return shell


def quote(shell: TestShell, discount: str = "15") -> tuple[str, str]:
    """Quote and revision with two lines, the first one at this discount."""
    lines = [NewLine("p-chai", Decimal(60), Decimal(discount)), NewLine("p-tofu", Decimal(30))]
    quote_id = shell.app.quotes.new_quote("acc-1", "con-1", lines=lines)
    view = shell.app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    return quote_id, view.revision["id"]


def status(shell: TestShell, revision_id: str) -> str:
    found = shell.app.store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert found is not None
    return str(found["status"])


def said(shell: TestShell) -> str:
    shown = [label.accessibleName() or label.text() for label in shell.findChildren(QLabel) if label.isVisible()]
    return " ".join(" ".join(shown).split())


def editor(shell: TestShell, quote_id: str) -> QuotePage:
    page = QuotePage(shell)
    shell.put(page)
    page.open(quote_id=quote_id)
    shell.settle()
    return page


def test_the_editor_names_the_line_and_asks(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep)
    page = editor(rep, quote_id)
    assert not page.bar.send.isVisible()
    assert page.bar.ask.isVisible()
    assert "Line 1 goes beyond your ceiling of 10 %" in said(rep)
    assert "1 Chai 15 %" in said(rep)
    page.table.go_to(page.editor.lines.shown[0].key, DISCOUNT)
    rep.settle()
    assert "your ceiling is 10 %" in said(rep)
    shots(rep, "quote-above-ceiling")
    page.bar.ask.setFocus()
    press(focus(), Key.Key_Space)
    press(focus(), Key.Key_Return)  # without a reason it stays open
    assert page.actions_panel.ask_form.isVisible()
    assert "Write why" in said(rep)
    type_text("They buy for the whole year")
    shots(rep, "quote-ask")
    press(page.actions_panel.ask_form.reason, Key.Key_Return)
    rep.settle()
    assert status(rep, revision_id) == "waiting_approval"
    assert not page.actions_panel.ask_form.isVisible()
    assert "Waits for approval, asked by Anne Dodsworth" in said(rep)
    assert not page.bar.ask.isVisible()
    assert not page.bar.decide.isVisible()
    shots(rep, "quote-waiting")


def test_lowering_to_the_ceiling_makes_it_sendable(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep)
    page = editor(rep, quote_id)
    page.warning.banner.buttons[1].click()
    rep.settle()
    assert page.bar.send.isVisible()
    page.bar.send.click()
    rep.settle()
    assert rep.errors == []
    assert status(rep, revision_id) == "sent"


def test_esc_closes_the_form_and_nothing_is_asked(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep)
    page = editor(rep, quote_id)
    page.bar.ask.click()
    type_text("x")
    press(focus(), Key.Key_Escape)
    rep.settle()
    assert not page.actions_panel.ask_form.isVisible()
    assert status(rep, revision_id) == "draft"


def asked_by_a_rep(shell: TestShell) -> tuple[str, str]:
    """Anne decides; Laura, a representative here, has asked."""
    quote_id, revision_id = quote(shell)
    view = shell.app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    receive(shell.app.store, {
        "user": [{"id": LAURA, "name": "Laura Callahan", "role": "rep"}],
        "discount_ceiling": [{"id": "c1", "role": "rep", "percent": "10"}],
    })  # fmt: skip
    shell.app.approvals.ask(revision_id, "They buy for the whole year")
    shell.app.records.update("quote_revision", revision_id, {"requested_by": LAURA})
    return quote_id, revision_id


def decide(shell: TestShell) -> ApprovalsPage:
    page = ApprovalsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def test_inside_sales_approves_by_keyboard(shell: TestShell) -> None:
    _, revision_id = asked_by_a_rep(shell)
    page = decide(shell)
    for words in ("Alfreds Futterkiste", "Laura Callahan", "ceiling 10 %", "60 × Chai", "They buy for the whole year",
                  "1 other line is within the ceiling", "Margin 18 %"):  # fmt: skip
        assert words in said(shell), words
    shots(shell, "approvals")
    (card,) = page.cards
    assert card.word is not None
    card.word.setFocus()
    type_text("For this year")
    press(card.word, Key.Key_Return, CTRL)
    shell.settle()
    assert shell.errors == []
    found = shell.app.store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert found is not None
    assert (found["status"], found["decision_note"], found["decided_by"]) == ("approved", "For this year", ME)
    assert not page.cards
    assert "Nothing waits for approval" in said(shell)


def test_a_line_without_a_unit_ends_with_its_name(shell: TestShell) -> None:
    _, revision_id = quote(shell)
    line = shell.app.store.read(lambda reader: reader.where("quote_line", revision_id=revision_id))[0]
    shell.app.records.update("quote_line", line["id"], {"unit": ""})
    shell.app.approvals.ask(revision_id, "A year")
    page = ApprovalsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert f"60 × {line['name']} " in said(shell)


def test_a_return_needs_a_word_and_a_refresh_keeps_it(shell: TestShell) -> None:
    _, revision_id = asked_by_a_rep(shell)
    page = decide(shell)
    page.cards[0].send_back.click()
    assert "Say what has to be changed" in said(shell)
    assert status(shell, revision_id) == "waiting_approval"
    type_text("12 is the most")
    shell.app.records.update("quote", page.cards[0].approval.quote_id, {"number": "Q-2"})
    shell.settle()
    assert "Q-2" in said(shell)
    word = page.cards[0].word
    assert word is not None
    assert word.text() == "12 is the most"
    assert QApplication.focusWidget() is word
    press(word, Key.Key_R, CTRL)
    shell.settle()
    assert status(shell, revision_id) == "returned"


def test_the_author_reads_the_word_edits_again_and_sends_what_was_approved(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep)
    rep.app.approvals.ask(revision_id, "They buy for the whole year")
    receive_decision(rep, revision_id, "returned", "12 is the most")
    page = editor(rep, quote_id)
    assert "Returned by Laura Callahan" in said(rep)
    assert "12 is the most" in said(rep)
    page.bar.edit_again.click()
    rep.settle()
    assert page.editor.editable
    rep.app.approvals.ask(revision_id, "Please")
    receive_decision(rep, revision_id, "approved", "")
    rep.settle()
    page.editor.reload()
    rep.settle()
    assert "Approved by Laura Callahan" in said(rep)
    page.bar.send.click()
    rep.settle()
    assert rep.errors == []
    assert status(rep, revision_id) == "sent"


def receive_decision(shell: TestShell, revision_id: str, to: str, word: str) -> None:
    """What a decision on another laptop comes to here."""
    from crm_desktop.store.intents import patch, text, transition

    shell.app.store.commit([
        patch("quote_revision", revision_id, {"decided_by": LAURA, "decided_at": shell.app.clock.now()}),
        text("quote_revision", revision_id, "decision_note", word),
        transition("quote_revision", revision_id, to),
    ])  # fmt: skip


def test_own_requests_of_a_representative(rep: TestShell) -> None:
    _, revision_id = quote(rep)
    rep.app.approvals.ask(revision_id, "They buy for the whole year")
    page = decide(rep)
    (card,) = page.cards
    assert card.word is None
    assert "Margin" not in said(rep)
    shots(rep, "approvals-own")
    page.cards[0].open_button.click()
    assert rep.visited[-1][0] == "quote"


def test_who_asked_reads_that_somebody_else_approves(shell: TestShell) -> None:
    """Anne decides about others; what she asked for herself has no button to approve, and says why."""
    receive(shell.app.store, {
        "discount_ceiling": [{"id": "c2", "role": "inside_sales", "percent": "10"}],
    })  # fmt: skip
    quote_id, revision_id = quote(shell)
    shell.app.approvals.ask(revision_id, "They buy for the whole year")
    page = decide(shell)
    (card,) = page.cards
    assert card.word is None
    assert "a colleague in inside sales approves it" in said(shell)
    assert shell.app.store.read(lambda reader: count_approvals(reader, ME)) == 0
    shots(shell, "approvals-not-your-own")
    (card,) = page.cards  # made anew by each language
    press(card.open_button, Key.Key_Space)
    assert shell.visited[-1][0] == "quote"
    opened = editor(shell, quote_id)
    assert not opened.bar.decide.isVisible()
    with pytest.raises(KnownError) as told:
        shell.app.approvals.approve(revision_id)
    assert told.value.code == "own_approval"
    assert status(shell, revision_id) == "waiting_approval"


def test_a_paper_overtaken_by_new_prices_stands_when_its_author_says_so(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep, "5")
    rep.app.quotes.send(revision_id)
    rep.app.records.update("quote_revision", revision_id, {"needs_review": True})
    page = editor(rep, quote_id)
    assert "Prices had changed just before this quote went out" in said(rep)
    shots(rep, "quote-overtaken")
    (button,) = page.warning.banner.buttons
    press(button, Key.Key_Space)
    rep.settle()
    assert rep.errors == []
    assert "Prices had changed" not in said(rep)
    found = rep.app.store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert found is not None
    assert (found["status"], found["needs_review"]) == ("sent", False)


def test_the_navigation_counts_what_waits_for_who_decides_and_what_is_his_own(shell: TestShell) -> None:
    count = partial(shell.app.store.read, lambda reader: count_approvals(reader, ME))
    assert count() == 0
    _, revision_id = asked_by_a_rep(shell)
    assert count() == 1
    assert shell.app.store.read(lambda reader: count_approvals(reader, LAURA)) == 1
    shell.app.approvals.approve(revision_id)
    assert count() == 0
    assert shell.app.store.read(lambda reader: count_approvals(reader, LAURA)) == 1
    shell.app.quotes.send(revision_id)
    assert shell.app.store.read(lambda reader: count_approvals(reader, LAURA)) == 0


def test_a_return_with_a_word_takes_nothing_away_from_what_is_being_typed(rep: TestShell) -> None:
    quote_id, revision_id = quote(rep)
    rep.app.approvals.ask(revision_id, "he buys for three shops")
    page = editor(rep, quote_id)
    page.terms.chance.setFocus()
    page.terms.chance.selectAll()
    type_text("60")
    press(focus(), Key.Key_Tab)
    assert focus() is page.terms.reason
    type_text("asked for a del")
    # Inside sales decides meanwhile: the word comes with a sync.
    row = rep.app.store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert row is not None
    told = {
        "decided_by": LAURA,
        "decided_at": "2026-11-19T09:05:00.000Z",
        "decision_note": "Two per cent less, please.",
    }
    rep.app.store.commit([update("quote_revision", revision_id, told),
                          transition("quote_revision", revision_id, "returned")])  # fmt: skip
    rep.settle()
    assert "Returned by Laura Callahan" in said(rep)
    assert "Two per cent less, please." in said(rep)
    assert focus() is page.terms.reason
    assert page.terms.reason.text() == "asked for a del"
    type_text("ivery date")
    shots(rep, "quote-returned-while-typing")
    press(focus(), Key.Key_Tab)
    rep.settle()
    kept = rep.app.store.read(lambda reader: reader.get("quote", quote_id))
    assert kept is not None
    assert kept["chance_reason"] == "asked for a delivery date"
    assert kept["chance_percent"] == 60
    assert rep.errors == []
