"""Leads, cases, contracts, contacts, news, approvals, sums, calendar, settings by keys alone, from the first focus."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.every_page import window_with_everything
from tests.unit.ui.window.shell_for_tests import LAURA, focus, press, receive, type_text
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.presenters import day_route
from ui.presenters.news import load_log
from ui.window.main_window import MainWindow
from ui.window.views.reference_field import ReferenceField

Key, Modifier = Qt.Key, Qt.KeyboardModifier
CTRL = Modifier.ControlModifier


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_with_everything(tmp_path / "profile")
    made.navigate("today")
    settle(made)
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    yield made
    shut(made)


def key(window: MainWindow, *keys: Qt.Key, held: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
    """Keys to whatever has the focus; what they bring about leaves the focus on the page, or on what covers it."""
    for one in keys:
        press(focus(), one, held)
        settle(window)
        page = window.stack.currentWidget()
        searching = window.overlay is not None and window.overlay.isVisible()
        if page is not None and page.isVisible() and not searching:
            assert page is focus() or page.isAncestorOf(focus()), f"{one.name}: the keys left {here(window)[0]}"


def here(window: MainWindow) -> tuple[str, dict[str, Any]]:
    place = window.history.here()
    return (place.page, place.where) if place is not None else ("", {})


def rows(window: MainWindow, entity: str) -> list[dict[str, Any]]:
    return [dict(row) for row in window.app.store.read(lambda reader: reader.where(entity))]


def go(window: MainWindow, words: str, page: str) -> None:
    """By the palette: its key, some words, Enter."""
    press(focus(), Key.Key_K, CTRL)
    settle(window)
    type_text(f"> go to {words}")
    settle(window)
    key(window, Key.Key_Return)
    assert here(window)[0] == page


def tab_to(name: str, step: Qt.Key = Key.Key_Tab) -> None:
    """Tab until what has the focus is called so."""
    met: dict[str, None] = {}
    for _ in range(60):
        found = focus().accessibleName()
        if found == name:
            return
        met[found] = None
        press(focus(), step)
    raise AssertionError(f"Tab never comes to “{name}”, only to {list(met)}")


def fill(window: MainWindow, name: str, text: str) -> None:
    tab_to(name)
    type_text(text)
    field = focus()
    settle(window, (lambda: not field.unresolved()) if isinstance(field, ReferenceField) else None)


def test_one_lead_becomes_a_customer_and_one_is_put_aside(window: MainWindow) -> None:
    go(window, "leads", "leads")
    key(window, Key.Key_N)
    for name in ("Ursel Neumann", "Paul Weber"):
        type_text(f"{name}\n")
        settle(window)
    key(window, Key.Key_Escape, Key.Key_R, Key.Key_Return)
    lead = here(window)[1]["record_id"]
    fill(window, "Begin an opportunity called", "Fair stock")
    tab_to("Qualify as a new customer")
    key(window, Key.Key_Space)
    assert here(window)[0] == "account"
    go(window, "leads", "leads")
    key(window, Key.Key_Return)
    tab_to("Not a customer because")
    key(window, Key.Key_Return)  # without a word it stays
    type_text("Only wanted the pen")
    key(window, Key.Key_Return)
    assert here(window)[0] == "leads"
    assert {row["id"] == lead: row["status"] for row in rows(window, "lead")} == {
        True: "qualified",
        False: "disqualified",
    }
    assert [row["name"] for row in rows(window, "opportunity")] == ["Fair stock"]


def test_a_case_and_a_contact_are_written_down_found_and_corrected(window: MainWindow) -> None:
    go(window, "cases", "cases")
    key(window, Key.Key_N)
    fill(window, "Account", "Alfreds Futterkiste")
    fill(window, "Subject", "Crate was broken")
    key(window, Key.Key_S, held=CTRL)
    go(window, "cases", "cases")
    key(window, Key.Key_Return)
    tab_to("Status")
    key(window, Key.Key_End)
    key(window, Key.Key_S, held=CTRL)
    (case,) = rows(window, "case")
    assert (case["subject"], case["account_id"], case["status"]) == ("Crate was broken", "acc-1", "closed")
    key(window, Key.Key_3, held=CTRL)
    key(window, Key.Key_N)
    fill(window, "Account", "Königlich Essen")
    fill(window, "Name", "Berta Rosen")
    key(window, Key.Key_S, held=CTRL)
    key(window, Key.Key_3, held=CTRL)
    key(window, Key.Key_Slash)
    type_text("berta")
    key(window, Key.Key_Return, Key.Key_Return)
    tab_to("Name")
    key(window, Key.Key_A, held=CTRL)
    type_text("Berta Rose")
    key(window, Key.Key_S, held=CTRL)
    assert "Berta Rose" in {row["name"] for row in rows(window, "contact") if row["account_id"] == "acc-2"}


def test_a_contract_grows_from_a_template_to_the_field_to_sign_in(window: MainWindow) -> None:
    go(window, "contracts", "contracts")
    key(window, Key.Key_N)
    fill(window, "Account", "Alfreds Futterkiste")
    tab_to("Begin from a template: Supply", Key.Key_Backtab)
    key(window, Key.Key_Space)
    key(window, Key.Key_S, held=CTRL)
    (contract,) = rows(window, "contract")
    assert (contract["account_id"], contract["kind"]) == ("acc-1", "supply")
    go(window, "contracts", "contracts")
    key(window, Key.Key_Return)
    tab_to("Preview PDF", Key.Key_Backtab)
    key(window, Key.Key_Space)
    assert focus().accessibleName() == "Close"
    key(window, Key.Key_Escape)
    tab_to("Sign")
    key(window, Key.Key_Space)
    fill(window, "Name of who signs", "Maria Anders")  # what follows is drawn by hand
    key(window, Key.Key_Escape)
    assert focus().accessibleName() == "Preview PDF"


def test_requests_are_approved_and_returned_one_after_the_other(window: MainWindow) -> None:
    app, asked = window.app, []
    receive(app.store, {
        "user": [{"id": LAURA, "name": "Laura Callahan", "role": "rep"}],
        "discount_ceiling": [{"id": "c1", "role": "rep", "percent": "10"}],
    })  # fmt: skip
    for discount in (15, 20):
        quote = app.quotes.new_quote("acc-1", "con-1", lines=[NewLine("p-chai", Decimal(60), Decimal(discount))])
        asked += [row["id"] for row in rows(window, "quote_revision") if row["quote_id"] == quote]
        app.approvals.ask(asked[-1], "A year's need")
        app.records.update("quote_revision", asked[-1], {"requested_by": LAURA})
    settle(window)
    go(window, "approvals", "approvals")
    fill(window, "A word to Laura Callahan", "For this year")
    key(window, Key.Key_Return, held=CTRL)
    key(window, Key.Key_R, held=CTRL)  # without a word it stays
    type_text("12 is the most")
    key(window, Key.Key_R, held=CTRL)
    became = {row["status"]: row["decision_note"] for row in rows(window, "quote_revision") if row["id"] in asked}
    assert became == {"approved": "For this year", "returned": "12 is the most"}


def test_what_changed_is_opened_and_won_and_lost_is_asked_for_other_days(window: MainWindow) -> None:
    app = window.app
    for kind in ("task", "account", "contact"):  # what is heard first is no news yet
        receive(app.store, {kind: [{"id": f"new-{kind}", "name": "New"} if kind != "task" else {"id": "new-task"}]})
        settle(window, lambda: load_log(app.store).seq >= app.store.sync_state().cursor_seq)
    (sent,) = (row["id"] for row in rows(window, "quote_revision") if row["status"] == "sent")
    app.outcomes.order(sent)
    settle(window)
    go(window, "what changed", "news")
    key(window, Key.Key_Down, Key.Key_Return)
    assert "new-account" in here(window)[1].values()
    go(window, "won and lost", "outcomes")
    tab_to("Lost", Key.Key_Backtab)
    key(window, Key.Key_Right)
    tab_to("Won and lost")
    key(window, Key.Key_Return)
    assert here(window)[0] == "quote"


def test_a_calendar_is_taken_and_the_plan_carried_out(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "team.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261120T170000Z\nSUMMARY:Market\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: {})
    go(window, "day plan", "plan")
    key(window, Key.Key_I)
    tab_to("Close")
    key(window, Key.Key_Space, Key.Key_Right)
    assert "Market" in {row["subject"] for row in rows(window, "visit")}
    key(window, Key.Key_4, held=CTRL)
    key(window, Key.Key_Return)
    assert here(window)[0] == "note"


def test_the_settings_reach_the_text_size_the_proxy_and_the_support(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "support.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    key(window, Key.Key_Comma, held=CTRL)
    tab_to("100\u00a0%")
    key(window, Key.Key_Left)
    tab_to("As this machine")
    key(window, Key.Key_Left)
    type_text("http://proxy.example:3128\n")
    settle(window)
    assert (window.app.settings.text_size_percent, window.app.settings.proxy) == (90, "http://proxy.example:3128")
    go(window, "sync history", "sync_history")
    tab_to("File for support", Key.Key_Backtab)
    key(window, Key.Key_Space, Key.Key_Escape)
    tab_to("File for support", Key.Key_Backtab)
    key(window, Key.Key_Space, Key.Key_Space)
    assert file.exists()
