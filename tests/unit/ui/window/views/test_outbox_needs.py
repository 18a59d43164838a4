"""What needs somebody, in the outbox: very much of it, while it is read again, and pressed twice."""

import json

from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, receive, type_text
from tests.unit.ui.window.views.test_conflicts_page import conflict
from tests.unit.ui.window.views.test_outbox_page import button, open_outbox
from ui.window import i18n
from ui.window.widgets.banner import Banner


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
