"""What needs somebody, in the outbox: very much of it, while it is read again, and pressed twice."""

import json

from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, receive, type_text
from tests.unit.ui.window.views.test_conflicts_page import conflict
from tests.unit.ui.window.views.test_outbox_page import button, open_outbox, refused_visit
from ui.window import i18n
from ui.window.views.record_form_page import RecordFormPage
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button


def refuse(shell: TestShell, *numbers: int) -> None:
    """Changes of a customer that were refused."""
    payload = {"ops": [{"k": "patch", "op_id": "o", "e": "account", "id": "acc-2",
                        "set": {"name": {"base_ver": 1, "old": "Königlich Essen", "new": "König"}}}]}  # fmt: skip
    receive(
        shell.app.store,
        {"quarantine": [{"id": f"q-{number}", "txn_id": f"t-{number}", "reason": "no_permission",
                         "payload": json.dumps(payload), "user_id": ME, "status": "open"} for number in numbers]},
    )  # fmt: skip


def test_of_hundreds_a_page_is_shown_and_all_are_counted(shell: TestShell) -> None:
    many = [conflict(f"{n:03}", "name", "a", "b", "c") | {"record_id": f"many-{n:03}"} for n in range(50)]
    receive(
        shell.app.store,
        {"account": [{"id": f"many-{n:03}", "name": f"Customer {n}"} for n in range(50)], "conflict": many},
    )
    page = open_outbox(shell)
    for shown in (20, 40, 50):
        assert len(page.needs.findChildren(Banner)) == shown
        assert "50" in [label.accessibleName() for label in page.needs.findChildren(QLabel)]
        assert page.needs.more.isVisible() == (shown < 50)
        page.needs.more.click()
        shell.settle()


def test_a_reason_half_typed_survives_what_arrives_meanwhile(shell: TestShell) -> None:
    refuse(shell, 1)
    page = open_outbox(shell)
    word = page.needs.findChildren(QLineEdit)[0]
    word.setFocus()
    type_text("Wrong ")
    page.refresh(frozenset({"sync_status"}), frozenset())  # a run begins
    shell.settle()
    type_text("customer")
    refuse(shell, 2)
    shell.settle()
    type_text(" again")
    assert len(page.needs.findChildren(Banner)) == 2
    assert QApplication.focusWidget() is word
    assert word.text() == "Wrong customer again"
    i18n.set_language("de")
    page.retranslate()
    shell.settle()
    assert [field.text() for field in page.needs.findChildren(QLineEdit)] == ["Wrong customer again", ""]


def test_handing_over_pressed_twice_hands_over_once(shell: TestShell) -> None:
    refuse(shell, 1)
    page = open_outbox(shell)
    page.needs.findChildren(QLineEdit)[0].setText("who is that?")
    hands = button(page, "Hand to inside sales")
    hands.click()
    hands.click()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("quarantine", "q-1"))
    assert row is not None
    assert row["note"] == "who is that?"
    assert len(shell.toasts) == 1


def test_a_decision_names_what_its_values_point_to_and_hides_what_may_not_be_seen(shell: TestShell) -> None:
    owner = conflict("1", "owner_id", ME, LAURA, ME) | {"record_id": "acc-2"}
    unseen = conflict("2", "name", "a", "b", "c") | {"theirs": "{}", "record_id": "elsewhere"}
    receive(shell.app.store, {"conflict": [owner, unseen]})
    page = open_outbox(shell)
    shown = [label.accessibleName() for label in page.needs.findChildren(QLabel)]
    assert any("you Laura Callahan, Laura Callahan Anne Dodsworth" in text for text in shown)
    assert any("Another value, which you may not see" in text for text in shown)
    assert "Two values for a" in shown


def test_what_was_refused_can_be_read_whole_before_it_is_given_up(shell: TestShell) -> None:
    note = "Tofu sells well in the new branch. " * 8
    fields = {"name": "König", "industry": "Food", "website": "x.example", "vat_id": "DE123", "notes": note.strip()}
    patch = {name: {"base_ver": 1, "old": "", "new": value} for name, value in fields.items()}
    ops: list[dict[str, object]] = [
        {"k": "patch", "op_id": "o1", "e": "account", "id": "acc-2", "set": patch},
        {"k": "set_remove", "op_id": "o2", "e": "account", "id": "acc-2", "f": "tags", "v": ["bio"]},
        {"k": "delete", "op_id": "o3", "e": "account", "id": "acc-3"},
    ]
    receive(
        shell.app.store,
        {"quarantine": [{"id": f"q-{at}", "txn_id": f"t-{at}", "reason": "no_permission", "user_id": ME,
                         "status": "open", "payload": json.dumps({"ops": [op]})} for at, op in enumerate(ops)]},
    )  # fmt: skip
    page = open_outbox(shell)

    def said() -> str:
        return " ".join(label.accessibleName() for label in page.needs.findChildren(QLabel))

    assert "one more field" in said()
    assert "Tags: without bio" in said()
    assert "It was to be deleted." in said()
    assert note.strip() not in said()
    assert len([b for b in page.needs.findChildren(Button) if b.words == "Show everything" and b.isVisible()]) == 1
    next(b for b in page.needs.findChildren(Button) if b.words == "Show everything" and b.isVisible()).click()
    assert note.strip() in said()
    assert "VAT" in said()
    page.refresh(frozenset({"sync_status"}), frozenset())
    shell.settle()
    assert note.strip() in said(), "it stays open"


def test_what_builds_on_a_refused_change_can_be_read_too(shell: TestShell) -> None:
    refused_visit(shell)
    page = open_outbox(shell)
    button(page, "Show everything").click()
    assert any("Next step: Call" in label.accessibleName() for label in page.needs.findChildren(QLabel))


def test_a_colleague_is_not_told_as_if_it_were_oneself_who_may_not(shell: TestShell) -> None:
    payload = json.dumps({"ops": [{"k": "delete", "op_id": "o", "e": "account", "id": "acc-2"}]})
    receive(
        shell.app.store,
        {"quarantine": [{"id": "q-1", "txn_id": "t-1", "reason": "no_permission", "payload": payload,
                         "user_id": LAURA, "status": "open", "handed_at": "2026-11-18T10:00:00.000Z"}]},
    )  # fmt: skip
    page = open_outbox(shell)
    said = " ".join(label.accessibleName() for label in page.needs.findChildren(QLabel))
    assert "Written by Laura Callahan." in said
    assert "The author’s role may not change this." in said
    assert "Your role" not in said


def test_what_was_typed_into_a_refused_change_survives_that_it_was_settled_elsewhere(shell: TestShell) -> None:
    refuse(shell, 1)
    form = RecordFormPage(shell)
    shell.put(form)
    form.open(entity="account", record_id="acc-2", refused="q-1")
    shell.settle()
    name = form.findChild(QLineEdit, "field_name")
    assert name is not None
    name.setFocus()
    name.selectAll()
    type_text("Königlich Essen GmbH")
    row = shell.app.store.read(lambda reader: reader.get("quarantine", "q-1"))
    assert row is not None
    receive(shell.app.store, {"quarantine": [row | {"status": "resolved"}]})
    assert form.may_leave()
    shell.settle()
    assert len(shell.errors) == 1
    assert shell.undo is not None
    shell.undo()
    page, where = shell.visited[-1]
    assert page == "record"
    form.open(**where)
    shell.settle()
    again = form.findChild(QLineEdit, "field_name")
    assert again is not None
    assert again.text() == "Königlich Essen GmbH"
    form.save()
    shell.settle()
    account = shell.app.store.read(lambda reader: reader.get("account", "acc-2"))
    assert account is not None
    assert account["name"] == "Königlich Essen GmbH"
