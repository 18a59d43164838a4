"""The outbox and the sync history on a real store: plain words, diffs, taking back, refusals."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from crm_desktop.model.columns import format_instant
from crm_desktop.services.quotes import NewLine
from sync.runner import SyncRunner
from sync.status import Counts, SyncStatus
from tests.unit.ui.window.shell_for_tests import ME, TestShell, press, receive, shots
from ui.window.views.outbox_page import OutboxPage
from ui.window.views.record_form_page import RecordFormPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.widgets.button import Button


def open_outbox(shell: TestShell) -> OutboxPage:
    page = OutboxPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def log_runs(shell: TestShell) -> None:
    now = shell.app.clock.now()
    for back, code in ((30, None), (15, "offline"), (2, None)):
        start = now - timedelta(minutes=back)
        shell.app.store.log_session(
            {
                "started_at": format_instant(start), "ended_at": format_instant(start + timedelta(seconds=1.4)),
                "pushed": 3, "pulled": 128, "evicted": 0, "deleted": 1, "conflicts": 1, "bytes_out": 1200,
                "bytes_in": 30000, "requests": 3, "error_code": code, "digest_ok": code is None,
            }
        )  # fmt: skip


def test_diffs_are_shown_old_and_new_and_a_change_is_taken_back(shell: TestShell) -> None:
    app = shell.app
    app.records.update("account", "acc-1", {"payment_terms_days": 30, "industry": "Food"})
    app.notes.start_visit("acc-2", subject="First visit", note="Hello")
    app.records.update("task", "task-1", {"status": "done"})
    log_runs(shell)
    page = open_outbox(shell)
    rows = [page.rows.row(at) for at in range(page.rows.rowCount())]
    assert [row.title for row in rows] == [
        "Send the 2027 price list to Maria",
        "Königlich Essen",
        "Alfreds Futterkiste",
    ]
    diffs = {diff.label: (diff.old, diff.new) for diff in rows[2].diffs}
    assert diffs["Payment terms (days)"] == ("14", "30")
    assert diffs["Industry"] == ("", "Food")
    page.list.setFocus()
    press(page.list, Qt.Key.Key_Down)
    press(page.list, Qt.Key.Key_Down)
    assert page.delegate.opened == rows[2].id
    shots(shell, "outbox")
    page.back_button.click()
    shell.settle()
    account = app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert account is not None
    assert account["payment_terms_days"] == 14
    assert page.rows.rowCount() == 2
    assert shell.toasts == ["Alfreds Futterkiste: the change was taken back"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    again = app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert again is not None
    assert (again["payment_terms_days"], again["industry"]) == (30, "Food")
    assert page.rows.rowCount() == 3


def titles(page: OutboxPage) -> list[str]:
    return [page.rows.row(at).title for at in range(page.rows.rowCount())]


def test_what_belongs_to_one_quote_is_one_line_that_opens_to_its_parts(shell: TestShell) -> None:
    app = shell.app
    app.records.update("task", "task-1", {"status": "done"})
    quote_id = app.quotes.new_quote("acc-1", "con-1", lines=[NewLine("p-chai", Decimal(60))])
    view = app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    line_id = app.quotes.add_line(view.revision["id"], "p-chai", Decimal(12))
    app.quotes.change_line(line_id, Decimal(24), Decimal(0))
    app.records.create("contact", {"account_id": "acc-2", "name": "Nina Neu"})
    page = open_outbox(shell)
    number = view.quote["number"]
    assert titles(page) == ["Nina Neu", number, "Send the 2027 price list to Maria"]
    assert page.rows.row(1).second == "Quote created, 3 changes"
    page.list.setFocus()
    press(page.list, Qt.Key.Key_Down)
    press(page.list, Qt.Key.Key_Right)
    assert titles(page)[1:5] == [number, "Chai", "Chai", number]
    assert page.rows.row(1).spoken.endswith("opened")
    assert "Quantity" in [diff.label for diff in page.rows.row(2).diffs]
    shots(shell, "outbox-parts")
    press(page.list, Qt.Key.Key_Down)
    press(page.list, Qt.Key.Key_Delete)  # one part alone
    shell.settle()
    assert page.rows.row(1).second == "Quote created, 2 changes"
    line = app.store.read(lambda reader: reader.get("quote_line", line_id))
    assert line is not None
    assert line["quantity"] == "12.000"
    press(page.list, Qt.Key.Key_Left)
    assert page.rows.rowCount() == 3
    assert page.delegate.opened == f"quote {quote_id}"
    before = len(app.outbox.entries())
    QTest.mouseClick(page.back_button, Qt.MouseButton.LeftButton)
    shell.settle()
    assert shell.toasts[-1] == f"{number}: 2 changes were taken back"
    assert app.store.read(lambda reader: reader.get("quote", quote_id)) is None
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert titles(page)[0] == number
    assert app.store.read(lambda reader: len(reader.where("quote_line", quote_id=quote_id))) == 2
    assert len([entry for entry in app.outbox.entries() if entry.state == "waiting"]) == before
    at = page.list.visualRect(page.rows.index(0, 0))
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=at.topLeft() + QPoint(10, 16))
    assert page.rows.rowCount() > 3


def test_of_very_many_the_newest_are_listed_and_all_are_counted(shell: TestShell) -> None:
    app = shell.app
    for number in range(203):
        app.records.create("account", {"name": f"Customer {number}"})
    page = open_outbox(shell)
    texts = [label.accessibleName() for label in page.findChildren(QLabel) if label.isVisible()]
    assert "203 changes wait" in texts
    assert "3 older changes wait too, and go out first." in texts
    assert titles(page)[0] == "Customer 202", "the last one can be taken back"
    app.outbox.take_back(*[entry.client_seq for entry in app.outbox.entries()[-3:]])
    shell.settle()
    assert not page.waiting.older.isVisible()


def test_fields_beyond_the_room_of_a_line_are_counted(shell: TestShell) -> None:
    names = ["name", "industry", "website", "vat_id", "notes", "external_id"]
    numbers = ["employees", "credit_limit", "payment_terms_days", "visit_rhythm_days"]
    values: dict[str, Any] = dict.fromkeys(names, "x") | dict.fromkeys(numbers, "7")
    choices = {"customer_class": "A", "key_account": True, "tags": ["bio"], "owner_id": ME}
    shell.app.records.create("account", values | choices)
    page = open_outbox(shell)
    row = page.rows.row(0)
    assert len(row.diffs) > 12
    assert f"{len(row.diffs) - 12} more field" in row.spoken or "one more field" in row.spoken
    shots(shell, "outbox-many-fields")


def test_what_is_on_its_way_cannot_be_taken_back(shell: TestShell) -> None:
    app = shell.app
    app.records.update("account", "acc-1", {"industry": "Food"})
    app.store.mark_attempted([entry.client_seq for entry in app.outbox.entries()])
    page = open_outbox(shell)
    assert not page.back_button.isEnabled()


@pytest.mark.parametrize(
    ("state", "said"),
    [("offline", "waits for network"), ("syncing", "sent, not confirmed yet"), ("refused", "waits for network")],
)
def test_an_attempt_that_met_no_network_waits_for_it(shell: TestShell, state: Any, said: str) -> None:
    app = shell.app
    app.records.update("account", "acc-1", {"industry": "Food"})
    app.store.mark_attempted([entry.client_seq for entry in app.outbox.entries()])
    runner = SyncRunner(app.store, app.connect, Counts, lambda _status: None)
    runner._status = SyncStatus(state=state)
    app.runner = runner
    try:
        page = open_outbox(shell)
        assert [page.rows.row(at).state for at in range(page.rows.rowCount())] == [said]
    finally:
        app.runner = None


def test_a_refusal_says_why_and_needs_a_reason_to_be_discarded(shell: TestShell) -> None:
    payload = {"ops": [{"k": "patch", "op_id": "o", "e": "account", "id": "acc-2",
                        "set": {"name": {"base_ver": 1, "old": "Königlich Essen", "new": "König"}}}]}  # fmt: skip
    receive(
        shell.app.store,
        {"quarantine": [{"id": "q-1", "txn_id": "t-1", "reason": "no_permission", "payload": json.dumps(payload),
                         "user_id": ME, "status": "open"}]},
    )  # fmt: skip
    page = open_outbox(shell)
    shots(shell, "outbox-refused")
    assert page.needs.isVisible()
    texts = [label.accessibleName() for label in page.needs.findChildren(QLabel)]
    assert "Account Königlich Essen was not accepted" in texts
    discard = next(b for b in page.needs.findChildren(Button) if b.accessibleName() == "Discard")
    discard.click()
    shell.settle()
    assert shell.app.refusals.open()
    page.needs.findChildren(QLineEdit)[0].setText("Wrong customer")
    discard.click()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("quarantine", "q-1"))
    assert row is not None
    assert (row["status"], row["note"]) == ("discarded", "Wrong customer")
    assert page.empty.isVisible() or page.rows.rowCount()


def refused_visit(shell: TestShell) -> None:
    """A visit that was refused for its owner, and a change on it, refused with it."""
    visit = {"account_id": "acc-2", "subject": "First", "owner_id": "nobody"}
    made = {"txn_id": "t-1", "client_seq": 1, "at": "2026-01-01T00:00:00.000Z",
            "ops": [{"k": "create", "op_id": "o1", "e": "visit", "id": "vis-new", "v": visit}]}  # fmt: skip
    changed = {"txn_id": "t-2", "client_seq": 2, "at": "2026-01-01T00:00:01.000Z",
               "ops": [{"k": "patch", "op_id": "o2", "e": "visit", "id": "vis-new",
                        "set": {"next_step": {"base_ver": 0, "old": "", "new": "Call"}}}]}  # fmt: skip
    receive(
        shell.app.store,
        {"quarantine": [
            {"id": f"q-{n}", "txn_id": f"t-{n}", "reason": reason, "payload": json.dumps(payload), "user_id": ME,
             "status": "open"}
            for n, reason, payload in ((1, "dangling", made), (2, "unknown_row", changed))
        ]},
    )  # fmt: skip


def button(page: OutboxPage, name: str) -> Button:
    return next(b for b in page.needs.findChildren(Button) if b.accessibleName() == name)


def test_a_refused_action_is_changed_in_the_form_and_sent_with_what_builds_on_it(shell: TestShell) -> None:
    refused_visit(shell)
    page = open_outbox(shell)
    texts = [label.accessibleName() for label in page.needs.findChildren(QLabel)]
    assert any("1 more change builds on it" in text for text in texts)
    assert sum("was not accepted" in text for text in texts) == 1
    shots(shell, "outbox-refused-group")
    button(page, "Change").click()
    shell.settle()
    name, where = shell.visited[-1]
    assert (name, where["entity"], where["record_id"], where["refused"]) == ("record", "visit", None, "q-1")
    page.hide()
    form = RecordFormPage(shell)
    shell.put(form)
    form.open(**where)
    shell.settle()
    assert form.body.fields.editors["subject"][1].value() == "First"
    shots(shell, "record-refused")
    form.body.fields.editors["owner_id"][1].set_value(ME, "Anne Dodsworth")
    form.body.fields.editors["subject"][1].set_value("First visit", "")
    form.save_button.click()
    shell.settle()
    assert shell.errors == []
    assert shell.visited[-1][0] == "outbox"
    first, second = shell.app.store.pending(10)
    assert (first.resolves, second.resolves) == ("t-1", "t-2")
    row = shell.app.store.read(lambda reader: reader.get("visit", "vis-new"))
    assert row is not None
    assert (row["subject"], row["owner_id"], row["next_step"]) == ("First visit", ME, "Call")
    assert shell.app.refusals.open() == []


def test_a_refused_action_is_handed_to_inside_sales(shell: TestShell) -> None:
    refused_visit(shell)
    page = open_outbox(shell)
    page.needs.findChildren(QLineEdit)[0].setText("who is that?")
    button(page, "Hand to inside sales").click()
    shell.settle()
    rows = shell.app.store.read(lambda reader: reader.where("quarantine"))
    assert [(row["note"], row["handed_at"] is not None) for row in rows] == [("who is that?", True)] * 2
    texts = [label.accessibleName() for label in page.needs.findChildren(QLabel)]
    assert any("It lies with inside sales." in text for text in texts)
    assert not button(page, "Hand to inside sales").isVisible()


def test_export_writes_every_action(shell: TestShell, tmp_path: Path) -> None:
    shell.app.records.update("account", "acc-1", {"industry": "Food"})
    page = open_outbox(shell)
    target = tmp_path / "outbox.jsonl"
    page.export_to(target)
    shell.settle()
    assert len(target.read_text().splitlines()) == 1
    assert shell.app.outbox.discard(shell.app.records.update("account", "acc-2", {"industry": "Tea"}).client_seq or 0)
    page.export_to(target)
    shell.settle()
    assert len(target.read_text().splitlines()) == 1, "what was taken back is no work any more"


def test_nothing_waits_is_said(shell: TestShell) -> None:
    page = open_outbox(shell)
    assert page.empty.isVisible()
    assert not page.list.isVisible()
    shots(shell, "outbox-empty")


def test_runs_say_how_they_ended(shell: TestShell) -> None:
    log_runs(shell)
    page = SyncHistoryPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    said = [str(page.model.data(page.model.index(at, 8))) for at in range(3)]
    assert said[0] == "Everything was exchanged."
    assert said[1].startswith("The network was lost.")
    # Each is read whole, the moment at the table's edge too: a hint counts the padding of 8 on both sides and 2 more.
    room = [place[1] for place in page.table.column_places()]
    assert all(page.table.sizeHintForColumn(at) - 18 <= room[at] for at in range(8))
    page.table.setFocus()
    press(page.table, Qt.Key.Key_Down)
    assert "network was lost" in page.told.accessibleDescription()
    shots(shell, "sync-history")


def test_an_action_set_aside_on_this_laptop_is_handed_to_inside_sales_too(shell: TestShell) -> None:
    shell.app.records.update("account", "acc-1", {"website": "set aside"})
    waiting = shell.app.store.pending(10)[-1]
    shell.app.store.quarantine_locally(waiting.client_seq, "malformed", "It could not be read.")
    shell.app.store.release()
    page = open_outbox(shell)
    page.needs.findChildren(QLineEdit)[0].setText("please look")
    link = button(page, "Hand to inside sales")
    assert link.isVisible()
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    shell.settle()
    assert shell.errors == []
    (row,) = shell.app.store.read(lambda reader: reader.where("quarantine", reason="malformed"))
    assert (row["note"], row["user_id"], row["handed_at"] is not None) == ("please look", ME, True)
    assert "set aside" in row["payload"]
    texts = [label.accessibleName() for label in page.needs.findChildren(QLabel)]
    assert any("It lies with inside sales." in text for text in texts)
