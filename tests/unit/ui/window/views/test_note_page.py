"""Writing a visit note with real keys: nothing typed is lost, nothing of a colleague is overwritten."""

import threading
from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.services.notes import local_zone
from tests.unit.ui.window.shell_for_tests import ME, FixedClock, TestShell, focus, press, receive, shots, type_text
from ui.presenters.note_drafts import DRAFT_KEY
from ui.presenters.note_editor import DRAFT_MS
from ui.window.i18n import tr
from ui.window.views.account_side import Opens
from ui.window.views.note_page import NotePage
from ui.window.widgets.label import Label

TODAY = date(2026, 11, 22)
CTRL = Qt.KeyboardModifier.ControlModifier


def open_note(shell: TestShell, **where: str) -> NotePage:
    page = NotePage(shell)
    shell.put(page)
    page.open(**where)
    shell.settle()
    return page


def note_of(shell: TestShell, visit_id: str) -> str:
    row = shell.app.store.read(lambda reader: reader.get("visit", visit_id))
    return row["note"] if row else "(no visit)"


def test_ctrl_s_makes_what_is_typed_one_operation(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    type_text("Größe geklärt, Müller ist zufrieden.")
    press(focus(), Qt.Key.Key_S, CTRL)
    shell.settle()
    assert note_of(shell, page.editor.visit_id) == "Größe geklärt, Müller ist zufrieden."
    waiting = shell.app.outbox.entries()
    assert [change.kind for change in waiting[-1].changes] == ["create"]
    assert "Saved on this laptop" in page.phase.text.plain_text()
    assert shell.app.store.load_draft(DRAFT_KEY) is None


def test_a_draft_is_durable_while_typing_goes_on(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    type_text("a")
    waited = 0
    while waited < DRAFT_MS + 300 and shell.app.store.load_draft(DRAFT_KEY) is None:
        type_text("b")  # every key would restart a timer that waits for a pause
        QTest.qWait(40)
        waited += 40
    draft = shell.app.store.load_draft(DRAFT_KEY)
    assert draft is not None
    assert draft["values"]["note"].startswith("ab")  # with what was typed while it waited
    assert note_of(shell, page.editor.visit_id) == "(no visit)"


def test_a_draft_left_by_a_crash_comes_back(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    type_text("half a sent")
    page.editor.write_draft()
    shell.settle()
    page.editor._idle_timer.stop()
    page.editor._draft_timer.stop()  # the process ends here; a new page is what starts again
    again = open_note(shell, account_id="acc-1")
    assert again.text.text() == "half a sent"
    assert again.notices.restored.isVisible()
    type_text("ence")  # at the place where it broke off
    again.may_leave()
    shell.settle()
    assert note_of(shell, again.editor.visit_id) == "half a sentence"


def test_a_draft_of_another_visit_is_saved_before_the_next_opens(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-2")
    type_text("first visit")
    page.editor.write_draft()
    shell.settle()
    again = open_note(shell, account_id="acc-2")
    assert again.text.text() == ""
    assert note_of(shell, "vis-2") == "first visit"


def test_leaving_saves_and_an_untouched_note_makes_nothing(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    assert page.may_leave()
    shell.settle()
    assert shell.app.outbox.entries() == []
    type_text("x")
    page.may_leave()
    shell.settle()
    assert note_of(shell, page.editor.visit_id) == "x"


def test_a_note_that_is_only_looked_at_leaves_no_draft(shell: TestShell) -> None:
    for where in ({"account_id": "acc-1"}, {"account_id": "acc-2"}, {"visit_id": "vis-1"}, {"account_id": "acc-1"}):
        page = open_note(shell, **where)
        assert page.editor.phase == "clean"
        QTest.qWait(DRAFT_MS + 50)
        shell.settle()
        assert shell.app.store.load_draft(DRAFT_KEY) is None


def test_template_outcome_and_follow_up_go_out_together(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    page.sheet.templates._pills["price"].click()
    assert "What price is expected and why?" in page.text.text()
    assert page.sheet.details.subject.text() == "Price talk"
    type_text("At most 15 euros.")
    page.sheet.outcomes._pills["quote_wanted"].click()
    press(focus(), Qt.Key.Key_Period, CTRL)
    assert page.sheet.follow_up.subject.hasFocus()
    type_text("Call Maria about the quote")
    press(page.sheet.follow_up.subject, Qt.Key.Key_Return)
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("visit", page.editor.visit_id))
    assert row is not None
    assert (row["subject"], row["outcome"], row["account_id"]) == ("Price talk", "quote_wanted", "acc-1")
    assert "At most 15 euros." in row["note"]
    tasks = shell.app.store.read(lambda reader: reader.where("task", visit_id=page.editor.visit_id))
    assert [(task["subject"], task["status"], task["owner_id"]) for task in tasks] == [
        ("Call Maria about the quote", "open", ME)
    ]
    entries = shell.app.outbox.entries()
    assert {change.entity for change in entries[-1].changes} == {"visit", "task"}
    shots(shell, "note")


def test_finish_marks_the_visit_done_and_goes_to_the_account(shell: TestShell) -> None:
    open_note(shell, visit_id="vis-2")
    type_text("Done.")
    press(focus(), Qt.Key.Key_Return, CTRL)
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("visit", "vis-2"))
    assert row is not None
    assert (row["status"], row["note"]) == ("done", "Done.")
    assert shell.visited[-1] == ("account", {"account_id": "acc-1"})


def test_an_incoming_change_offers_the_merge_and_overwrites_nothing(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-1")
    before = page.text.text()
    cursor = page.text.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    page.text.setTextCursor(cursor)
    type_text("\nMine below.")
    theirs = shell.app.store.read(lambda reader: reader.get("visit", "vis-1"))
    assert theirs is not None
    receive(shell.app.store, {"visit": [theirs | {"note": "Theirs above.\n" + before, "outcome": "order"}]})
    shell.settle()
    assert page.notices.incoming.isVisible()
    assert page.text.text() == before + "\nMine below."
    page.notices.incoming.buttons[0].click()
    shell.settle()
    assert page.text.text() == "Theirs above.\n" + before + "\nMine below."
    assert page.sheet.outcomes.value() == "order"
    page.save()
    shell.settle()
    assert note_of(shell, "vis-1") == "Theirs above.\n" + before + "\nMine below."
    assert not page.notices.incoming.isVisible()


def test_the_clock_does_not_matter_for_what_is_saved(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-2")
    started = page.values()["starts_at"]
    assert isinstance(shell.app.clock, FixedClock)
    shell.app.clock.move(timedelta(hours=3))
    type_text("later")
    page.save()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("visit", "vis-2"))
    assert row is not None
    assert row["starts_at"] == started


def hurried(shell: TestShell, **where: str) -> tuple[NotePage, threading.Event]:
    """A page whose store is slow: the reads wait until the event is set."""
    page, held = NotePage(shell), threading.Event()
    shell.put(page)
    for _ in range(3):
        shell.tasks.read(held.wait, lambda _: None)
    page.open(**where)
    return page, held


def test_what_is_typed_before_a_new_note_is_read_stays_with_its_follow_up(shell: TestShell) -> None:
    page, held = hurried(shell, account_id="acc-1")
    type_text("Quick ")
    page.add_follow_up("Call back", TODAY)
    type_text("words")
    page.save()
    held.set()
    shell.settle()
    type_text(" and more")
    assert page.text.text() == "Quick words and more"
    page.save()
    shell.settle()
    assert note_of(shell, page.editor.visit_id) == "Quick words and more"
    tasks = shell.app.store.read(lambda reader: reader.where("task", visit_id=page.editor.visit_id))
    assert [(task["subject"], task["account_id"]) for task in tasks] == [("Call back", "acc-1")]


def test_an_existing_note_takes_no_keys_before_it_is_read(shell: TestShell) -> None:
    before = note_of(shell, "vis-2")
    page, held = hurried(shell, visit_id="vis-2")
    type_text("lost?")
    assert page.text.text() == ""
    held.set()
    shell.settle()
    page.save()
    shell.settle()
    assert page.text.text() == note_of(shell, "vis-2") == before


def test_going_on_to_another_note_before_the_first_is_read_keeps_what_was_typed(shell: TestShell) -> None:
    page, held = hurried(shell, account_id="acc-1")
    type_text("for the first")
    page.may_leave()
    page.open(account_id="acc-2")
    held.set()
    shell.settle()
    assert page.text.text() == ""
    assert page.editor.account_id == "acc-2"
    notes = shell.app.store.read(lambda reader: reader.where("visit", account_id="acc-1"))
    assert "for the first" in [note["note"] for note in notes]


def test_a_visit_of_the_whole_day_says_so_instead_of_two_midnights(shell: TestShell) -> None:
    day = {"id": "day", "owner_id": ME, "status": "planned", "starts_at": "2026-11-19T00:00:00.000Z",
           "duration_min": 24 * 60, "zone": "UTC"}  # fmt: skip
    receive(shell.app.store, {"visit": [day]})
    page = open_note(shell, visit_id="day")
    assert page.sheet.when.plain_text() == "Today, whole day"
    page.sheet.details.duration.setValue(60)
    assert page.sheet.when.plain_text() == "Today 00:00 to 01:00"


def test_a_new_note_stands_on_this_laptop_with_its_first_save_and_follows_the_sync(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    assert not page.standing.isVisible()
    type_text("Said hello.")
    press(focus(), Qt.Key.Key_S, CTRL)
    shell.settle()
    assert page.standing.isVisible()
    assert page.standing.badge.accessibleName() == tr("state.local_long")
    assert "Visit note" in [label.plain_text() for label in page.crumbs.findChildren(Label)]
    row = shell.app.store.read(lambda reader: reader.get("visit", page.editor.visit_id))
    assert row is not None
    assert row["zone"] == local_zone()  # a place with its rules for summer, not the letters of today's hour


def test_the_sign_of_a_note_tells_that_its_change_waits(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-2")
    assert page.standing.badge.accessibleName() == tr("state.synced_long")
    type_text("More.")
    press(focus(), Qt.Key.Key_S, CTRL)
    shell.settle()
    assert page.standing.badge.accessibleName() == tr("state.waiting_long")


def save_text(shell: TestShell, page: NotePage, text: str) -> None:
    page.text.setFocus()
    press(page.text, Qt.Key.Key_A, CTRL)
    type_text(text)
    press(focus(), Qt.Key.Key_S, CTRL)
    shell.settle()


def people(page: NotePage) -> list[str]:
    """Whom the visit can have been with."""
    contact = page.sheet.details.contact
    return [contact.itemText(at) for at in range(contact.count())]


def version_lines(page: NotePage) -> list[Opens]:
    return [line for line in page.past.list.findChildren(Opens) if line.isVisible()]


def test_an_earlier_version_is_listed_compared_and_taken_back_by_keys(shell: TestShell) -> None:
    assert isinstance(shell.app.clock, FixedClock)
    first = "The shelf is rebuilt until the end of the month. They want forty boxes of Chai in spring."
    second = "Nothing agreed. The buyer was ill and the kitchen had no time for us today, come again."
    page = open_note(shell, account_id="acc-1")
    assert not page.past.list.isVisible()  # a note that never was anything else has none
    save_text(shell, page, first)
    shell.app.clock.move(timedelta(minutes=20))
    save_text(shell, page, second)
    (line,) = version_lines(page)
    assert line.accessibleName().startswith("Written today")
    assert "The shelf is rebuilt" in line.accessibleName()
    line.setFocus()
    press(line, Qt.Key.Key_Return)
    shell.settle()
    shots(shell, "note versions")
    assert page.past.pane.take_button.hasFocus()
    assert "forty boxes" in page.past.pane.compared.text()
    assert "The buyer was ill" in page.past.pane.compared.text()
    press(focus(), Qt.Key.Key_Escape)
    assert not page.past.pane.isVisible()
    assert page.text.text() == second
    (line,) = version_lines(page)  # the pictures change the language, which makes the lines anew
    line.setFocus()
    press(line, Qt.Key.Key_Return)
    shell.settle()
    press(focus(), Qt.Key.Key_Return)
    shell.settle()
    assert page.text.text() == note_of(shell, page.editor.visit_id) == first
    assert "The buyer was ill" in version_lines(page)[0].accessibleName()
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert note_of(shell, page.editor.visit_id) == second


def test_what_a_colleague_had_written_stays_a_version(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-1")
    theirs = page.text.text()
    assert len(theirs) > 40
    save_text(shell, page, "Mine instead.")
    (line,) = version_lines(page)
    assert line.accessibleName().startswith("Until today")
    again = open_note(shell, visit_id="vis-1")  # also after the page was left
    assert [version.text for version in again.past.list._versions] == [theirs]
    press(version_lines(again)[0], Qt.Key.Key_Return)
    shell.settle()
    type_text("typed meanwhile")  # nothing typed goes into a comparison
    assert again.text.text() == "Mine instead."
    assert again.past.pane.isVisible()
    again.open(visit_id="vis-2")  # another note opens with its own text
    shell.settle()
    assert not again.past.pane.isVisible()
    assert again.text.isVisible()


def test_lines_of_a_new_note_stand_as_far_apart_as_those_of_one_that_is_read(shell: TestShell) -> None:
    new = open_note(shell, account_id="acc-1")
    type_text("one\ntwo")
    spaced = {block.lineHeight() for block in (new.text.textCursor().blockFormat(),)}
    new.save()
    shell.settle()
    again = open_note(shell, visit_id=new.editor.visit_id)
    assert spaced == {again.text.document().firstBlock().blockFormat().lineHeight()}


def test_another_visit_is_shown_with_nothing_of_the_one_before(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-1")
    assert page.text.text()
    assert page.sheet.outcomes.value()
    assert "Maria Anders" in people(page)
    page.open(account_id="acc-3")
    assert page.text.text() == ""
    assert page.sheet.outcomes.value() is None
    shell.settle()
    assert page.text.text() == ""
    assert "Maria Anders" not in people(page)


def test_the_template_names_the_visit_until_somebody_gives_it_a_name(shell: TestShell) -> None:
    page = open_note(shell, account_id="acc-1")
    subject = page.sheet.details.subject
    page.sheet.templates._pills["price"].click()
    page.sheet.templates._pills["review"].click()
    assert subject.text() == tr("note.template.review")
    page.save()
    shell.settle()
    again = open_note(shell, visit_id=page.editor.visit_id)
    assert again.sheet.templates.value() == "review"
    again.sheet.details.subject.setText("Jubilee")
    again.sheet.templates._pills["price"].click()
    assert again.sheet.details.subject.text() == "Jubilee"


def test_a_case_begins_by_the_button_below_the_note(shell: TestShell) -> None:
    page = open_note(shell, visit_id="vis-2")
    QTest.mouseClick(page.sheet.case_button, Qt.MouseButton.LeftButton)
    shell.settle()
    assert [(name, where["entity"]) for name, where in shell.visited] == [("record", "case")]
