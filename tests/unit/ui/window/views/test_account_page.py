"""The account page on a real store."""

from typing import Any, Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.unit.ui.window.shell_for_tests import ME, TestShell, press, receive
from ui.presenters.account import TABS, TimelineItem
from ui.window import i18n
from ui.window.delegates import TEXT_ROLE, TIMELINE_ROLE, TimelineEntry
from ui.window.views.account_page import AccountPage
from ui.window.views.account_words import entry_title


def opened(shell: TestShell, account_id: str = "acc-1") -> AccountPage:
    page = AccountPage(shell)
    shell.put(page)
    shell.activateWindow()
    page.open(account_id=account_id)
    shell.settle()
    return page


def said(page: Any) -> str:
    return " | ".join(label.accessibleName() or label.text() for label in page.findChildren(QLabel))


def entries(page: AccountPage) -> list[TimelineEntry]:
    found = [page.timeline.index(row).data(TIMELINE_ROLE) for row in range(page.timeline.rowCount())]
    return [entry for entry in found if isinstance(entry, TimelineEntry)]


def test_the_head_says_who_it_is_and_the_figures_add_up(shell: TestShell) -> None:
    page = opened(shell)
    words = said(page.head)
    assert "Alfreds Futterkiste" in words
    assert "Obere Str. 57, 12209 Berlin" in words
    assert "€933.50" in words  # 503.50 + 430.00, the net of the one order
    assert "every 90 days" in words


def test_a_name_without_end_gets_dots_and_a_short_one_all_its_room(shell: TestShell) -> None:
    page = opened(shell)
    name = page.head._name
    assert name.width() == name.sizeHint().width()
    shell.app.records.update("account", "acc-1", {"name": "Donau" * 40})
    shell.settle()
    QTest.qWait(1)
    assert name.width() < name.sizeHint().width()
    assert page.head.mapFromGlobal(name.mapToGlobal(name.rect().topRight())).x() < page.head.width()
    assert page.head.complete.geometry().right() < page.head.width() <= page.width()
    assert name.toolTip() == "Donau" * 40


def test_the_timeline_has_tabs_with_counts(shell: TestShell) -> None:
    page = opened(shell)
    names = [page.tabs.tabText(at) for at in range(page.tabs.count())]
    assert names == ["All 3", "Visits 2", "Orders 1", "Files"]  # an open task is no event yet
    page.tabs.setCurrentIndex(2)
    assert [entry.title for entry in entries(page)] == ["Order 11011"]
    assert entries(page)[0].amount == "€933.50"


def test_enter_opens_what_the_entry_tells_of(shell: TestShell) -> None:
    page = opened(shell)
    page.tabs.setCurrentIndex(2)
    page.list.setFocus()
    row = next(at for at in range(page.timeline.rowCount()) if page.timeline.item(at) is not None)
    page.list.setCurrentIndex(page.timeline.index(row))
    press(page.list, Qt.Key.Key_Return)
    assert shell.visited == [("order", {"order_id": "ord-1"})]
    assert "Order 11011" in str(page.timeline.index(row).data(TEXT_ROLE))


def test_keys_begin_a_note_a_quote_and_the_form(shell: TestShell) -> None:
    page = opened(shell)
    page.list.setFocus()
    for key in (Qt.Key.Key_V, Qt.Key.Key_Q, Qt.Key.Key_E):
        press(page.list, key)
    assert shell.visited == [
        ("note", {"account_id": "acc-1"}),
        ("quote", {"account_id": "acc-1"}),
        ("record", {"entity": "account", "record_id": "acc-1"}),
    ]


def test_an_open_decision_is_a_banner_with_decide(shell: TestShell) -> None:
    page = opened(shell)
    assert page.conflict.isHidden()
    conflict = {
        "id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "payment_terms_days",
        "before": '{"payment_terms_days": 14}', "mine": '{"payment_terms_days": 21}',
        "theirs": '{"payment_terms_days": 30}', "owner_id": ME, "status": "open",
    }  # fmt: skip
    receive(shell.app.store, {"conflict": [conflict]})
    shell.settle()
    assert page.conflict.isVisible()
    assert "Payment terms" in page.conflict.banner.accessibleName()
    page.conflict.banner.buttons[0].click()
    assert shell.visited == [("conflicts", {"conflict_id": "cf-1"})]


def test_a_deletion_that_was_asked_for_is_no_field(shell: TestShell) -> None:
    asked = {
        "id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "deleted", "before": "{}", "theirs": "{}",
        "mine": '{"deleted": true}', "rule": "delete_request", "mine_by": ME, "status": "open",
    }  # fmt: skip
    receive(shell.app.store, {"conflict": [asked]})
    page = opened(shell)
    assert page.conflict.banner.accessibleName() == "Deletion"
    assert "You wanted to delete it" in page.conflict.banner.accessibleDescription()


def test_the_next_step_is_done_with_a_way_back(shell: TestShell) -> None:
    page = opened(shell, "acc-1")
    shell.app.records.update("visit", "vis-2", {"status": "cancelled"})
    shell.settle()
    done = next(button for button in page.side.findChildren(type(page.note_button)) if button.text() == "Done")
    done.click()
    shell.settle()
    assert shell.toasts == ["Done: Send the 2027 price list to Maria"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    task = shell.app.store.read(lambda reader: reader.get("task", "task-1"))
    assert task is not None
    assert task["status"] == "open"


def test_the_question_leads_to_its_field(shell: TestShell) -> None:
    page = opened(shell, "acc-3")
    page.head.answer.click()
    (visit,) = shell.visited
    assert visit == ("record", {"entity": "account", "record_id": "acc-3", "focus": "channel"})


def test_a_missing_account_is_said(shell: TestShell) -> None:
    opened(shell, "nobody")
    assert [getattr(error, "code", "") for error in shell.errors] == ["account_not_here"]


def test_a_narrow_window_keeps_the_side_column_as_a_tab(shell: TestShell) -> None:
    shell.resize_to(960, 600)
    page = opened(shell)
    assert page.tabs.tabText(page.tabs.count() - 1) == "Details"
    page.tabs.setCurrentIndex(page.tabs.count() - 1)
    assert page.side_area.isVisible()
    assert not page.list.isVisible()
    shell.resize_to(1440, 900)
    shell.settle()
    assert page.side_area.isVisible()
    assert page.list.isVisible()


def test_german_words(shell: TestShell) -> None:
    page = opened(shell)
    i18n.set_language("de")
    page.retranslate()
    assert page.tabs.tabText(1) == "Besuche 2"
    assert "alle 90 Tage" in said(page.head)


def test_a_long_history_is_laid_out_once_and_each_entry_made_once(
    shell: TestShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(
        shell.app.store,
        {"activity": [{"id": f"call-{n:03}", "account_id": "acc-1", "subject": f"Call {n}", "body": "Pumps. " * 60,
                       "happened_at": f"2026-{n % 11 + 1:02}-{n % 28 + 1:02}T09:00:00.000Z"} for n in range(500)]},
    )  # fmt: skip
    shell.settle()  # what the page is told of it would have it read twice
    made: list[str] = []

    def titled(item: TimelineItem) -> str:
        made.append(item.entry.id)
        return entry_title(item)

    monkeypatch.setattr("ui.window.models.timeline_model.entry_title", titled)
    page = AccountPage(shell)
    laid_out: list[int] = []
    page.timeline.modelReset.connect(lambda: laid_out.append(page.timeline.rowCount()))
    shell.put(page)
    page.open(account_id="acc-1")
    shell.settle()
    rows = page.timeline.rowCount()
    assert rows > 200
    assert laid_out == [rows]
    assert 0 < len(made) <= rows
    for width in (900, 1100, 1000):
        page.resize(width, page.height())
        page.list.doItemsLayout()
    assert len(made) <= rows
    shell.app.records.update("activity", "call-307", {"subject": "Call again"})
    page.refresh(frozenset({"activity"}), frozenset({("activity", "call-307")}))
    shell.settle()
    titles = [getattr(page.timeline.data(page.timeline.index(row), TIMELINE_ROLE), "title", "") for row in range(rows)]
    assert "Call: Call again" in titles


@pytest.mark.parametrize("spoken", ["de", "en"])
def test_all_tabs_stand_side_by_side_in_a_window_of_1280(shell: TestShell, spoken: Literal["de", "en"]) -> None:
    i18n.set_language(spoken)
    shell.resize_to(1280, 800)
    page = opened(shell)
    page.tabs.show_counts(dict.fromkeys(TABS[1:], 23), 12, narrow=False)
    shell.settle()
    tabs = page.tabs
    assert tabs.count() == len(TABS) + 1
    assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
    assert tabs.tabToolTip(1).endswith(" 23")
    assert tabs.accessibleTabName(1) == tabs.tabToolTip(1)
    page.tabs.show_counts({"visit": 2}, 0, narrow=False)
    shell.settle()
    assert tabs.tabText(1).endswith(" 2")
    assert tabs.tabToolTip(1) == ""
