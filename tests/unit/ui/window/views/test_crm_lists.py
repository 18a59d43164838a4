"""Lists of leads, opportunities, contracts and cases: what is urgent stands on top, R narrows to what waits."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit.ui.window.shell_for_tests import ME, TestShell, focus, press, receive
from ui.presenters.list_columns import Look
from ui.window import i18n
from ui.window.delegates import CELL_ROLE, TEXT_ROLE
from ui.window.views.list_pages import CasesPage, ContractsPage, LeadsPage, PipelinePage, VisitsPage
from ui.window.views.record_list_page import RecordListPage


def opened(shell: TestShell, kind: type[RecordListPage]) -> RecordListPage:
    page = kind(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def titles(page: RecordListPage) -> list[str]:
    for _ in range(2000):
        found = [page.model.index(row, 0).data(TEXT_ROLE) for row in range(page.model.rowCount())]
        if None not in found:
            return [str(text) for text in found]
        QTest.qWait(1)
    raise AssertionError("rows did not come")


def test_the_open_case_that_is_due_first_stands_on_top(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {
            "case": [
                {
                    "id": "c-1",
                    "subject": "Answered long ago",
                    "owner_id": ME,
                    "due_on": "2026-01-01",
                    "status": "closed",
                },
                {"id": "c-2", "subject": "Due next week", "owner_id": ME, "due_on": "2026-11-26", "status": "new"},
                {"id": "c-3", "subject": "Overdue", "owner_id": ME, "due_on": "2026-11-17", "status": "in_progress"},
            ]
        },
    )
    page = opened(shell, CasesPage)
    assert titles(page) == ["Overdue", "Due next week", "Answered long ago"]
    due = next(at for at, column in enumerate(page.columns) if column.key == "due_on")
    assert [page.model.index(row, due).data(CELL_ROLE).tone for row in range(3)] == ["bad", "t1", "t1"]
    press(page.table, Qt.Key.Key_R)
    shell.settle()
    assert titles(page) == ["Overdue"]
    press(page.table, Qt.Key.Key_N)
    assert shell.visited == [("record", {"entity": "case"})]


def test_an_empty_list_hands_its_keys_to_the_step_it_offers(shell: TestShell) -> None:
    page = opened(shell, ContractsPage)
    assert focus() is page.body.empty.buttons[0]
    page.head.finder.setFocus()
    page.open()
    shell.settle()
    assert focus() is page.body.empty.buttons[0]
    press(focus(), Qt.Key.Key_Space)
    assert shell.visited == [("record", {"entity": "contract"})]


@pytest.mark.parametrize("kind", [LeadsPage, CasesPage], ids=["leads", "cases"])
def test_a_share_and_the_words_of_a_choice_are_whole(shell: TestShell, kind: type[RecordListPage]) -> None:
    i18n.set_language("de")
    lead = {"id": "l-1", "name": "Juha Laine", "company": "Laine", "email": "a@b.example", "phone": "+358 9 5550166"}
    lead |= {"city": "Oulu", "source": "Northern Food Fair", "interest": "Honey", "job_title": "Owner", "owner_id": ME}
    case = {"id": "c-1", "subject": "Three boxes of Chang", "kind": "complaint", "status": "in_progress"}
    receive(shell.app.store, {"lead": [lead | {"status": "working"}], "case": [case | {"owner_id": ME}]})
    page = opened(shell, kind)
    titles(page)
    header = page.table.horizontalHeader()
    for width in (1440, 1280, 960):
        shell.resize_to(width, 800)
        shell.settle()
        measured = []
        for at, item in enumerate(page.columns):
            whole = item.key in ("kind", "priority") or item.look is Look.COMPLETE
            if whole and not page.table.isColumnHidden(at):
                needed = page.table.sizeHintForIndex(page.model.index(0, at)).width()
                assert header.sectionSize(at) >= needed, (width, item.key)
                measured.append(item.key)
        assert measured, width
    i18n.set_language("en")


def test_a_term_of_next_year_says_so(shell: TestShell) -> None:
    base = {"owner_id": ME, "status": "active", "notice_days": 60}
    days = {"k-1": "2027-02-02", "k-2": "2027-07-07"}
    receive(
        shell.app.store, {"contract": [base | {"id": key, "name": key, "ends_on": day} for key, day in days.items()]}
    )
    page = opened(shell, ContractsPage)
    titles(page)
    ends = next(at for at, column in enumerate(page.columns) if column.key == "ends_on")
    assert [page.model.index(row, ends).data(CELL_ROLE).text for row in range(2)] == ["2 Feb", "7 Jul 2027"]


def test_contracts_to_decide_on_are_one_key_away(shell: TestShell) -> None:
    base = {"owner_id": ME, "status": "active", "notice_days": 60, "remind_days": 30}
    receive(
        shell.app.store,
        {
            "contract": [
                base | {"id": "k-1", "name": "Later", "ends_on": "2028-01-31"},
                base | {"id": "k-2", "name": "Soon", "ends_on": "2027-01-31"},
                base | {"id": "k-3", "name": "Over", "ends_on": "2020-01-31", "status": "ended"},
            ]
        },
    )
    page = opened(shell, ContractsPage)
    assert titles(page) == ["Soon", "Later", "Over"]
    assert isinstance(page, ContractsPage)
    QTest.mouseClick(page.preset_button, Qt.MouseButton.LeftButton)
    shell.settle()
    assert titles(page) == ["Soon"]


def test_undecided_leads_and_next_purchases(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {
            "lead": [
                {"id": "l-1", "email": "who@example.com", "owner_id": ME, "status": "new"},
                {"id": "l-2", "name": "Ute Voss", "company": "Nord AG", "owner_id": ME, "status": "qualified"},
            ],
            "opportunity": [
                {"id": "o-1", "name": "No word", "owner_id": ME, "stage": "lost"},
                {"id": "o-2", "name": "In spring", "owner_id": ME, "stage": "won", "next_purchase_on": "2027-03-01"},
            ],
        },
    )
    leads = opened(shell, LeadsPage)
    assert sorted(titles(leads)) == ["Ute Voss", "who@example.com"]
    complete = next(at for at, column in enumerate(leads.columns) if column.key == "complete")
    assert sorted(leads.model.index(row, complete).data(TEXT_ROLE) for row in range(2)) == ["17\u00a0%", "33\u00a0%"]
    press(leads.table, Qt.Key.Key_R)
    shell.settle()
    assert titles(leads) == ["who@example.com"]
    press(leads.table, Qt.Key.Key_N)
    assert shell.visited[-1] == ("lead_capture", {})
    leads.hide()
    pipeline = opened(shell, PipelinePage)
    press(pipeline.table, Qt.Key.Key_R)
    shell.settle()
    assert titles(pipeline) == ["In spring"]
    press(pipeline.table, Qt.Key.Key_B)
    assert shell.visited[-1] == ("board", {})


def test_a_visit_of_a_whole_day_shows_its_day_without_an_hour(shell: TestShell) -> None:
    fair = {"id": "v-fair", "subject": "Trade fair", "status": "planned", "owner_id": ME, "duration_min": 1440,
            "starts_at": "2026-11-19T23:00:00.000Z", "zone": "Europe/Berlin"}  # fmt: skip
    short = fair | {"id": "v-short", "subject": "Late call", "duration_min": 60}
    receive(shell.app.store, {"visit": [fair, short]})
    page = opened(shell, VisitsPage)
    by_title = {title: row for row, title in enumerate(titles(page))}
    cells = {name: page.model.index(by_title[name], 2) for name in ("Trade fair", "Late call")}
    assert cells["Trade fair"].data(CELL_ROLE).text == "Tomorrow"
    assert cells["Trade fair"].data(Qt.ItemDataRole.ToolTipRole).endswith("November 2026, whole day")
    assert ":" in cells["Late call"].data(CELL_ROLE).text
