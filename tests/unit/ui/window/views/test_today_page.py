"""Today and the order page on a real store."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from sync.runner import SyncRunner
from sync.status import Counts, SyncStatus
from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, focus, press, receive, shots, type_text
from ui.presenters.list_columns import SPECS
from ui.presenters.today import BIRTHDAYS_SHOWN, DUE_SHOWN, QUOTES_SHOWN, load_today
from ui.window.views.list_pages import AccountsPage
from ui.window.views.note_page import NotePage
from ui.window.views.order_page import OrderPage
from ui.window.views.today_page import TodayPage
from ui.window.widgets.button import Button


def open_today(shell: TestShell) -> TodayPage:
    page = TodayPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def said(widget: QWidget) -> str:
    return "\n".join(label.accessibleName() for label in widget.findChildren(QLabel) if label.isVisible())


def test_the_day_with_its_briefing(shell: TestShell) -> None:
    shell.app.quotes.new_quote("acc-1")
    quote = shell.app.store.read(lambda reader: reader.where("quote"))[0]
    shell.app.records.update("quote", quote["id"], {"follow_up_on": "2026-11-16"})
    receive(
        shell.app.store,
        {"activity": [{"id": "act-1", "account_id": "acc-2", "kind": "call", "subject": "Delivery date moved",
                       "created_at": "2026-11-19T07:10:00.000Z", "created_by": LAURA}]},
    )  # fmt: skip
    page = open_today(shell)
    text = said(page)
    assert "Thursday, 19 November" in text
    assert "2 visits · 2 tasks due · 1 quote past its follow-up date" in text
    assert "Promised on 21 August 2026: Sample box of Chai" in text
    assert "Maria Anders · Obere Str. 57, 12209 Berlin · Quarterly review" in text
    assert "Activity: Delivery date moved" in text
    assert quote["number"] in text
    assert "Plan the fair" not in text
    shots(shell, "today")


def test_a_task_is_ticked_off_and_comes_back(shell: TestShell) -> None:
    page = open_today(shell)
    boxes = page.findChildren(QCheckBox)
    assert [box.text() for box in boxes] == ["Send the 2027 price list to Maria", "Ask for the new VAT number"]
    press(boxes[0], Qt.Key.Key_Space)
    shell.settle()
    assert next(task["id"] for task in shell.app.tasks.due()) == "task-2"
    assert len(page.findChildren(QCheckBox)) == 1
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert len(page.findChildren(QCheckBox)) == 2


def test_an_unfinished_note_is_offered(shell: TestShell) -> None:
    note = NotePage(shell)
    shell.put(note)
    note.open(account_id="acc-2")
    shell.settle()
    note.text.setFocus()
    assert focus() is note.text
    type_text("half")
    note.editor.write_draft()
    shell.settle()
    note.hide()
    page = open_today(shell)
    assert page.unfinished.isVisible()
    page.unfinished.buttons[0].click()
    assert shell.visited[-1] == ("note", {"visit_id": note.editor.visit_id})


def test_an_empty_day_says_so(shell: TestShell) -> None:
    receive(
        shell.app.store, {}, gone=[("visit", f"vis-{n}") for n in (2, 3, 4)] + [("task", "task-1"), ("task", "task-2")]
    )
    page = open_today(shell)
    assert "No visit is planned for today." in said(page)
    assert "Nothing is due." in said(page)
    shots(shell, "today-empty")


def test_an_order_is_read_with_its_totals(shell: TestShell) -> None:
    page = OrderPage(shell)
    shell.put(page)
    page.open(order_id="ord-1")
    shell.settle()
    text = said(page)
    assert "Order 11011" in text
    assert "€933.50" in text
    assert "€998.85" in text
    assert page.model.rowCount() == 2
    shots(shell, "order")
    page.open(order_id="nowhere")
    shell.settle()
    assert page.missing.isVisible()


def reminders(shell: TestShell) -> None:
    """A customer who waits, a case, a contract to decide on, a birthday, an expired quote, an approved one."""
    receive(
        shell.app.store,
        {
            "visit_rhythm": [{"id": "rh-b", "customer_class": "B", "days": 30}],
            "account": [{"id": "acc-late", "name": "Toms Spezialitäten", "customer_class": "B", "owner_id": ME},
                        {"id": "acc-other", "name": "Not mine", "customer_class": "B", "owner_id": LAURA}],
            "visit": [{"id": f"v-{account}", "account_id": account, "owner_id": ME, "status": "done",
                       "starts_at": "2026-09-10T08:00:00.000Z"} for account in ("acc-late", "acc-other")],
            "case": [{"id": "case-1", "account_id": "acc-1", "owner_id": ME, "kind": "complaint", "status": "new",
                      "subject": "Two jars broken", "due_on": "2026-11-19"},
                     {"id": "case-2", "account_id": "acc-1", "owner_id": ME, "status": "new", "subject": "Later",
                      "due_on": "2026-11-25"}],
            "contract": [{"id": "ctr-1", "account_id": "acc-2", "owner_id": ME, "name": "Frame 2026",
                          "status": "active", "ends_on": "2026-12-31", "notice_days": 30, "remind_days": 14},
                         {"id": "ctr-2", "account_id": "acc-2", "owner_id": ME, "name": "Far away",
                          "status": "active", "ends_on": "2027-12-31", "notice_days": 30, "remind_days": 14}],
            "contact": [{"id": "con-1", "account_id": "acc-1", "name": "Maria Anders", "preferred": True,
                         "birthday": "1970-11-22"},
                        {"id": "con-2", "account_id": "acc-2", "name": "Philip Cramer", "birthday": "1980-11-28"}],
            "quote": [{"id": f"q-{n}", "number": f"D7F-0009{n}", "account_id": "acc-1", "owner_id": ME}
                      for n in (1, 2, 3)],
            "quote_revision": [
                {"id": "r-1", "quote_id": "q-1", "revision": 1, "status": "sent", "valid_until": "2026-11-18"},
                {"id": "r-2", "quote_id": "q-2", "revision": 1, "status": "approved", "valid_until": "2026-12-18",
                 "decided_at": "2026-11-18T10:00:00.000Z", "decided_by": LAURA},
                {"id": "r-3", "quote_id": "q-3", "revision": 1, "status": "lost", "valid_until": "2026-01-18"},
            ],
        },
    )  # fmt: skip


def named(page: QWidget, begins: str) -> QWidget:
    return next(
        part for part in page.findChildren(QWidget) if part.accessibleName().startswith(begins) and part.isVisible()
    )


def test_a_company_with_hundreds_of_birthdays_stays_one_page(shell: TestShell) -> None:
    born = {"account_id": "acc-1", "birthday": "1970-11-20"}
    receive(shell.app.store, {"contact": [{"id": f"b-{n}", "name": f"Guest {n:03d}", **born} for n in range(100)]})
    page = open_today(shell)
    told = [button.text() for button in page.findChildren(Button) if button.text().startswith("Birthday: Guest")]
    assert len(told) == BIRTHDAYS_SHOWN
    assert f"{100 - BIRTHDAYS_SHOWN} more contacts have a birthday this week" in said(page)


def test_reminders_of_the_day(shell: TestShell) -> None:
    reminders(shell)
    page = open_today(shell)
    text = said(page)
    assert "1 case due" in text
    assert "Complaint: Two jars broken, answer due today" in text
    assert "notice by 1 Dec" in text
    assert "Far away" not in text
    assert "Toms Spezialitäten" in text
    assert "40 days over" in text
    assert "Not mine" not in text
    assert "Birthday: Maria Anders" in [button.text() for button in page.findChildren(Button)]
    assert "Philip Cramer" not in [button.text() for button in page.findChildren(Button)]
    assert "valid until 18 November 2026" in text
    assert "approved 18 November 2026, may be sent" in text
    assert "D7F-00093" not in text
    assert "Quote D7F-00092 approved" in text
    shots(shell, "today-reminders")


def test_each_count_is_that_of_the_list_it_leads_to(shell: TestShell) -> None:
    reminders(shell)
    page = open_today(shell)
    contents = page._contents
    assert contents is not None
    counts = {"Tasks due": 2, "Cases due": 1, "Contracts to decide on": 1, "Waiting for a visit": 1,
              "Quotes to follow up": 2}  # fmt: skip
    for title, count in counts.items():
        press(named(page, f"Whole list: {title}"), Qt.Key.Key_Space)
        name, where = shell.visited[-1]
        query = ListQuery(SPECS[name].entity, where["filters"], where["sort"])
        assert shell.app.store.read(partial(Reader.count, query=query)) == count, title
        assert where["titles"] == {("user", ME): "Anne Dodsworth"}
    press(named(page, "Open calendar"), Qt.Key.Key_Space)
    query = ListQuery("visit", shell.visited[-1][1]["filters"])
    assert shell.app.store.read(lambda reader: reader.count(query)) == len(contents.visits) + len(contents.later)


def test_the_list_shows_the_conditions_it_was_counted_by(shell: TestShell) -> None:
    reminders(shell)
    page = open_today(shell)
    press(named(page, "Whole list: Waiting for a visit"), Qt.Key.Key_Space)
    name, where = shell.visited[-1]
    page.hide()
    accounts = AccountsPage(shell)
    assert name == accounts.name
    shell.put(accounts)
    accounts.open(**where)
    shell.settle()
    assert accounts.model.rowCount() == 1
    text = " ".join(button.text() for button in accounts.findChildren(QPushButton) if button.isVisible())
    assert "Owner: Anne Dodsworth" in text
    assert "Visit due: before 19 November 2026" in text


def test_a_visit_is_planned_from_the_waiting_list_and_taken_back(shell: TestShell) -> None:
    reminders(shell)
    page = open_today(shell)
    press(named(page, "Plan Fri 20: Toms Spezialitäten"), Qt.Key.Key_Space)
    shell.settle()
    visits = shell.app.store.read(lambda reader: reader.where("visit", account_id="acc-late", status="planned"))
    assert len(visits) == 1
    assert "Waiting for a visit" not in said(page)
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert "Waiting for a visit" in said(page)


def test_the_departure_check_names_gaps_and_leads_to_them(shell: TestShell) -> None:
    page = open_today(shell)
    text = said(page)
    assert "2 of 3 accounts complete" in text
    assert "Price list EUR Trade v48" in text
    assert "Never synced yet" in text
    press(named(page, "Kaffeehaus Müller & Sohn, no address"), Qt.Key.Key_Return)
    assert shell.visited[-1] == ("record", {"entity": "account", "record_id": "acc-3", "focus": "address"})
    shell.app.store.log_session({
        "started_at": "2026-11-19T07:41:02.000Z", "ended_at": "2026-11-19T07:41:02.000Z", "pushed": 0, "pulled": 1,
        "evicted": 0, "deleted": 0, "conflicts": 0, "bytes_out": 1, "bytes_in": 1, "requests": 1, "error_code": None,
        "digest_ok": True,
    })  # fmt: skip
    shell.app.records.create("address", {"account_id": "acc-3", "city": "Leipzig"})
    shell.settle()
    text = said(page)
    assert "3 of 3 accounts complete" in text
    assert "Synced within a day" in text


def test_packing_without_a_network_says_that_it_waits(shell: TestShell) -> None:
    file = {"id": "att-1", "account_id": "acc-1", "name": "plan.pdf", "size": 6_200_000, "sha256": "ab" * 32}
    receive(shell.app.store, {"attachment": [file]})
    shell.app.settings = shell.app.settings.changed(server_url="http://127.0.0.1:9")
    page = open_today(shell)
    assert "1 file not on this laptop" in said(page)
    assert "6.2\u00a0MB" in said(page)
    press(page, Qt.Key.Key_K)
    shell.settle()
    assert shell.toasts == ["There is no network. 1 file is fetched as soon as there is one"]
    [wanted] = shell.app.store.read(lambda reader: reader.files("account", "acc-1"))
    assert wanted.place == "wanted"


def test_packing_is_stopped_and_what_is_missing_stays_on_the_server(shell: TestShell) -> None:
    app = shell.app
    files = [
        {"id": "att-1", "account_id": "acc-1", "name": "plan.pdf", "size": 6_200_000, "sha256": "ab" * 32},
        {"id": "att-2", "account_id": "acc-1", "name": "film.mp4", "size": 9_000_000, "sha256": "cd" * 32},
    ]
    receive(app.store, {"attachment": files})
    app.runner = SyncRunner(app.store, app.connect, Counts, lambda _status: None)
    app.runner._status = SyncStatus(state="syncing")
    try:
        page = open_today(shell)
        press(page, Qt.Key.Key_K)
        for _ in range(3000):
            if app.attachments.get("att-1").place == "wanted":
                break
            QTest.qWait(5)
        assert app.attachments.get("att-1").place == "wanted"
        stop = named(page, "Stop")
        stop.setFocus()
        press(stop, Qt.Key.Key_Space)
        shell.settle()
    finally:
        app.runner = None
    assert shell.toasts == ["Stopped. 2 files stay on the server until you pack again or open them"]
    assert [app.attachments.get(file).place for file in ("att-1", "att-2")] == ["away", "away"]
    assert page.side.departure.pack_button.text().strip().startswith("Pack")


def test_packing_without_a_server_says_what_to_do(shell: TestShell) -> None:
    page = open_today(shell)
    press(named(page, "Pack when online"), Qt.Key.Key_Space)
    shell.settle()
    assert [getattr(error, "code", "") for error in shell.errors] == ["not_enrolled"]
    assert page.side.departure.pack_button.isEnabled()


def test_keys_of_the_day(shell: TestShell) -> None:
    page = open_today(shell)
    for key in (Qt.Key.Key_P, Qt.Key.Key_B, Qt.Key.Key_V, Qt.Key.Key_T):
        press(page, key)
    assert shell.visited == [
        ("plan", {}),
        ("briefing", {"account_id": "acc-1", "visit_id": "vis-2"}),
        ("note", {"visit_id": "vis-2"}),
        ("record", {"entity": "task"}),
    ]


def test_a_page_shows_the_first_of_many_and_counts_them_all(shell: TestShell) -> None:
    many = range(DUE_SHOWN + 5)
    receive(
        shell.app.store,
        {
            "task": [{"id": f"t-{n:02d}", "subject": f"Call {n:02d}", "owner_id": ME, "status": "open",
                      "due_on": "2026-11-17"} for n in many],
            "quote": [{"id": f"q-{n:02d}", "number": f"D7F-{n:05d}", "account_id": "acc-1", "owner_id": ME}
                      for n in many],
            "quote_revision": [{"id": f"r-{n:02d}", "quote_id": f"q-{n:02d}", "revision": 1, "status": "sent",
                                "valid_until": "2026-11-18"} for n in many],
        },
    )  # fmt: skip
    page = open_today(shell)
    text = said(page)
    assert f"{len(many) + 2} tasks due · {len(many)} quotes past their follow-up date" in text
    boxes = [box for box in page.findChildren(QCheckBox) if box.isVisible()]
    assert len(boxes) == DUE_SHOWN
    assert sum(f"D7F-{n:05d} ·" in text for n in many) == QUOTES_SHOWN


def test_before_the_day_is_read_its_name_stands_there_and_nothing_half(shell: TestShell) -> None:
    page = TodayPage(shell)
    shell.put(page)
    page.open()
    assert page.title.plain_text() == "Thursday, 19 November"
    assert not page.calendar_link.isVisible()
    assert not page.side.isVisible()
    shell.settle()
    assert page.calendar_link.isVisible()
    assert page.side.isVisible()
    assert not page.skeleton.isVisible()


def test_what_lasts_the_day_stands_above_the_hours_and_is_not_what_comes_next(shell: TestShell) -> None:
    def day(number: int) -> dict[str, object]:
        return {"id": f"day-{number}", "owner_id": ME, "status": "planned", "subject": f"Fair {number}",
                "starts_at": f"2026-11-{number}T00:00:00.000Z", "duration_min": 24 * 60, "zone": "UTC"}  # fmt: skip

    receive(shell.app.store, {"visit": [day(19), day(20)]})
    page = open_today(shell)
    text = said(page)
    assert text.index("Whole day\nWithout an account\nFair 19") < text.index("09:00")
    assert "Fri 20\nWhole day\n" in text
    shots(shell, "today-whole-day")
    press(page, Qt.Key.Key_B)
    assert shell.visited[-1] == ("briefing", {"account_id": "acc-1", "visit_id": "vis-2"})
    receive(shell.app.store, {}, gone=[("visit", "vis-2"), ("visit", "vis-3")])
    shell.settle()
    press(page, Qt.Key.Key_V)
    assert shell.visited[-1] == ("note", {"visit_id": "day-19"})


def test_no_way_leads_from_what_lasts_the_day_to_the_first_hour(shell: TestShell) -> None:
    fair = {"id": "fair", "account_id": "acc-2", "owner_id": ME, "status": "planned", "zone": "UTC",
            "starts_at": "2026-11-19T00:00:00.000Z", "duration_min": 24 * 60}  # fmt: skip
    places = [
        {"id": f"at-{account}", "account_id": account, "city": "Berlin", "kind": "visit", "latitude": latitude,
         "longitude": "13.410000"}
        for account, latitude in (("acc-1", "52.520000"), ("acc-2", "52.400000"))
    ]  # fmt: skip
    receive(shell.app.store, {"visit": [fair], "address": places})
    contents = load_today(shell.app.store, ME, shell.app.clock.now())
    assert [found.visit["id"] for found in contents.visits] == ["fair", "vis-2", "vis-3"]
    assert [way is None for way in contents.ways] == [True, False]
