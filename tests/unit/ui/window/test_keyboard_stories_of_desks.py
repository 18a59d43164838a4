"""Leads, cases, contracts, contacts, news, approvals, sums, calendar, settings by keys alone, from the first focus."""

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.keyboard_story import CTRL, Key, fill, go, here, key, rows, tab_to, tells_of
from tests.unit.ui.window.shell_for_tests import LAURA, focus, receive, type_text
from tests.unit.ui.window.window_for_tests import settle
from ui.presenters import day_route
from ui.presenters.news import load_log
from ui.window.main_window import MainWindow


@tells_of("leads", "lead_capture")
def test_one_lead_becomes_a_customer_and_one_is_put_aside(window: MainWindow) -> None:
    go(window, "go to leads", "leads")
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
    go(window, "go to leads", "leads")
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


@tells_of("cases", "contacts")
def test_a_case_and_a_contact_are_written_down_found_and_corrected(window: MainWindow) -> None:
    go(window, "go to cases", "cases")
    key(window, Key.Key_N)
    fill(window, "Account", "Alfreds Futterkiste")
    fill(window, "Subject", "Crate was broken")
    key(window, Key.Key_S, held=CTRL)
    go(window, "go to cases", "cases")
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


@tells_of("contracts")
def test_a_contract_grows_from_a_template_to_the_field_to_sign_in(window: MainWindow) -> None:
    go(window, "go to contracts", "contracts")
    key(window, Key.Key_N)
    fill(window, "Account", "Alfreds Futterkiste")
    tab_to("Begin from a template: Supply", Key.Key_Backtab)
    key(window, Key.Key_Space)
    key(window, Key.Key_S, held=CTRL)
    (contract,) = rows(window, "contract")
    assert (contract["account_id"], contract["kind"]) == ("acc-1", "supply")
    go(window, "go to contracts", "contracts")
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


@tells_of("approvals")
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
    go(window, "go to approvals", "approvals")
    fill(window, "A word to Laura Callahan", "For this year")
    key(window, Key.Key_Return, held=CTRL)
    key(window, Key.Key_R, held=CTRL)  # without a word it stays
    type_text("12 is the most")
    key(window, Key.Key_R, held=CTRL)
    became = {row["status"]: row["decision_note"] for row in rows(window, "quote_revision") if row["id"] in asked}
    assert became == {"approved": "For this year", "returned": "12 is the most"}


@tells_of("news", "outcomes")
def test_what_changed_is_opened_and_won_and_lost_is_asked_for_other_days(window: MainWindow) -> None:
    app = window.app
    for kind in ("task", "account", "contact"):  # what is heard first is no news yet
        receive(app.store, {kind: [{"id": f"new-{kind}", "name": "New"} if kind != "task" else {"id": "new-task"}]})
        settle(window, lambda: load_log(app.store).seq >= app.store.sync_state().cursor_seq)
    (sent,) = (row["id"] for row in rows(window, "quote_revision") if row["status"] == "sent")
    app.outcomes.order(sent)
    settle(window)
    go(window, "go to what changed", "news")
    key(window, Key.Key_Down, Key.Key_Return)
    assert "new-account" in here(window)[1].values()
    go(window, "go to won and lost", "outcomes")
    tab_to("Lost", Key.Key_Backtab)
    key(window, Key.Key_Right)
    tab_to("Won and lost")
    key(window, Key.Key_Return)
    assert here(window)[0] == "quote"


@tells_of("plan")
def test_a_calendar_is_taken_and_the_plan_carried_out(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "team.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261120T170000Z\nSUMMARY:Market\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: {})
    go(window, "go to day plan", "plan")
    key(window, Key.Key_I)
    tab_to("Close")
    key(window, Key.Key_Space, Key.Key_Right)
    assert "Market" in {row["subject"] for row in rows(window, "visit")}
    key(window, Key.Key_4, held=CTRL)
    key(window, Key.Key_Return)
    assert here(window)[0] == "note"


@tells_of("settings", "sync_history")
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
    go(window, "go to sync history", "sync_history")
    tab_to("File for support", Key.Key_Backtab)
    key(window, Key.Key_Space, Key.Key_Escape)
    tab_to("File for support", Key.Key_Backtab)
    key(window, Key.Key_Space, Key.Key_Space)
    assert file.exists()
