"""Every page of a record says as of when it is and how it stands, from where the lists have it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.every_page import window_with_everything
from tests.unit.ui.window.shell_for_tests import focus, press, receive, type_text
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.presenters.last_run import LastRun
from ui.window import i18n
from ui.window.main_window import MainWindow
from ui.window.models.quote_lines import PRODUCT
from ui.window.views.quote_page import QuotePage
from ui.window.views.record_form_page import RecordFormPage
from ui.window.views.record_list_page import RecordListPage
from ui.window.views.record_standing import RecordStanding

RECORDS: dict[str, dict[str, Any]] = {
    "contact": {"id": "con-1"},
    "lead": {"id": "lead-1", "name": "Ute Voss"},
    "contract": {"id": "ctr-1", "name": "Frame 2026", "account_id": "acc-1"},
    "case": {"id": "case-1", "subject": "Broken boxes", "account_id": "acc-1"},
    "task": {"id": "task-1"},
}


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_with_everything(tmp_path / "profile")
    made.resize(1440, 900)
    yield made
    shut(made)


def standing_on(window: MainWindow, page: str, **where: Any) -> RecordStanding:
    window.navigate(page, **where)
    settle(window)
    (shown,) = [found for found in window.pages[page].findChildren(RecordStanding) if found.isVisible()]
    return shown


def test_every_page_of_a_record_has_the_day_of_the_lists(window: MainWindow) -> None:
    for entity in ("lead", "contract", "case"):
        receive(window.app.store, {entity: [RECORDS[entity]]})
    window.navigate("accounts")
    settle(window)
    lists = window.pages["accounts"]
    assert isinstance(lists, RecordListPage)
    said = lists.head.as_of.plain_text()
    assert said.startswith("as of today ")
    places: list[tuple[str, dict[str, Any]]] = [
        ("account", {"account_id": "acc-1"}),
        ("quote", {"quote_id": window.property("sent")}),
        ("order", {"order_id": "ord-1"}),
        ("note", {"visit_id": "vis-1"}),
        *(("record", {"entity": entity, "record_id": row["id"]}) for entity, row in RECORDS.items()),
    ]
    for page, where in places:
        shown = standing_on(window, page, **where)
        assert shown.as_of.plain_text() == said, where
        assert shown.as_of.isVisible(), where
        assert shown.badge.accessibleName().endswith(said), where


def test_the_day_follows_a_sync_while_the_page_is_open(window: MainWindow) -> None:
    shown = standing_on(window, "record", entity="contact", record_id="con-1")
    window.status_bridge.remember(LastRun(datetime(2026, 11, 18, 6, 12, tzinfo=UTC), True))
    assert shown.as_of.plain_text().startswith("as of yesterday ")
    window.status_bridge.remember(None)
    assert shown.as_of.plain_text() == ""
    assert shown.badge.accessibleName() == "Synced, the server has the same contents"


def test_a_narrow_window_keeps_the_state_and_says_the_day_with_it(window: MainWindow) -> None:
    window.resize(960, 600)
    name = {"id": "acc-2", "name": "Königlich Essen und Trinken, Hotels und Gaststätten zu Brandenburg"}
    receive(window.app.store, {"account": [name]})
    shown = standing_on(window, "account", account_id="acc-2")
    assert shown.badge.isVisible()
    assert not shown.as_of.isVisible()
    assert "as of today" in shown.badge.toolTip()
    window.resize(1440, 900)
    settle(window)
    assert shown.as_of.isVisible()


def test_the_day_goes_before_the_word_of_a_button(window: MainWindow) -> None:
    i18n.set_language("de")
    window.resize(960, 600)
    long = {"id": "con-1", "account_id": "acc-1", "name": "Maria Anders-Hohenstein"}
    receive(window.app.store, {"contact": [long]})
    shown = standing_on(window, "record", entity="contact", record_id="con-1")
    page = window.pages["record"]
    assert isinstance(page, RecordFormPage)
    assert not shown.as_of.isVisible()
    assert page.delete_button.text().strip() == "Löschen"


def state_of(shown: RecordStanding) -> str:
    return shown.badge.accessibleName().split(",")[0]


def test_a_quote_says_how_it_stands_with_its_lines(window: MainWindow) -> None:
    assert state_of(standing_on(window, "quote", quote_id=window.property("quote"))) == "On this laptop only"
    quote = {"id": "quo-9", "number": "D7F-00099", "account_id": "acc-1"}
    revision = {"id": "rev-9", "quote_id": "quo-9", "revision": 1, "status": "draft", "price_list_id": "list-48",
                "currency": "EUR", "quote_date": "2026-11-19"}  # fmt: skip
    receive(window.app.store, {"quote": [quote], "quote_revision": [revision]})
    shown = standing_on(window, "quote", quote_id="quo-9")
    assert state_of(shown) == "Synced"
    page = window.pages["quote"]
    assert isinstance(page, QuotePage)
    page.table.go_to("", PRODUCT)
    type_text("chai")
    press(focus(), Qt.Key.Key_Return)
    type_text("6")
    press(focus(), Qt.Key.Key_Return)
    settle(window)
    assert state_of(shown) == "Waiting"
    receive(
        window.app.store,
        {"conflict": [{"id": "cf-9", "entity": "quote", "record_id": "quo-9", "field": "chance_percent",
                       "before": "{}", "mine": "{}", "theirs": "{}", "rule": "ask", "status": "open"}]},
    )  # fmt: skip
    settle(window)
    assert state_of(shown) == "Conflict"
