"""Deciding a conflict by keys on a real store; closing decides nothing."""

import json
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.window import i18n
from ui.window.theme import metrics
from ui.window.views.conflict_list import case_lines, case_title
from ui.window.views.conflict_words import case_words
from ui.window.views.conflicts_page import ConflictsPage
from ui.window.views.outbox_page import OutboxPage
from ui.window.widgets.button import Button

Key = Qt.Key


def conflict(number: str, field: str, before: object, mine: object, theirs: object) -> dict[str, object]:
    return {
        "id": f"conflict-{number}", "entity": "account", "record_id": "acc-1", "field": field,
        "before": json.dumps({field: before}), "mine": json.dumps({field: mine}), "theirs": json.dumps({field: theirs}),
        "rule": "ask", "mine_at": "2026-11-18T15:52:00.000Z", "theirs_at": "2026-11-18T16:20:00.000Z",
        "mine_by": ME, "theirs_by": LAURA, "status": "open",
    }  # fmt: skip


def open_page(shell: TestShell) -> ConflictsPage:
    account = shell.app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert account is not None
    receive(
        shell.app.store,
        {
            "account": [account | {"payment_terms_days": 30, "name": "Alfreds Futterkiste GmbH"}],
            "conflict": [
                conflict("1", "payment_terms_days", 14, 21, 30),
                conflict("2", "name", "Alfreds Futterkiste", "Alfreds", "Alfreds Futterkiste GmbH"),
            ],
        },
    )
    page = ConflictsPage(shell)
    shell.put(page)
    page.open(conflict_id="conflict-1")
    shell.settle()
    return page


def account(shell: TestShell) -> dict[str, object]:
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert row is not None
    return row


def test_keys_decide_field_by_field(shell: TestShell) -> None:
    page = open_page(shell)
    assert page.rows.rowCount() == 1
    assert not page.save_button.isEnabled()
    press(page, Key.Key_1)
    press(page, Key.Key_2)
    shots(shell, "conflicts")
    page.save_button.click()
    shell.settle()
    assert account(shell)["payment_terms_days"] == 21
    assert account(shell)["name"] == "Alfreds Futterkiste GmbH"
    states = {view.id: view.status for view in shell.app.conflicts.all()}
    assert states == {"conflict-1": "mine", "conflict-2": "theirs"}
    assert page.rows.rowCount() == 2
    shots(shell, "conflicts-decided")


def test_one_of_two_can_be_decided_alone(shell: TestShell) -> None:
    page = open_page(shell)
    page.case_view.cards[0].mine.radio.click()
    page.save_button.click()
    shell.settle()
    states = {view.id: view.status for view in shell.app.conflicts.all()}
    assert states == {"conflict-1": "mine", "conflict-2": "open"}
    assert account(shell)["name"] == "Alfreds Futterkiste GmbH"


def test_the_two_answers_stand_at_the_edges_at_every_width(shell: TestShell) -> None:
    page = open_page(shell)
    for width in (1440, 960):
        shell.resize_to(width, 800)
        shell.settle()
        foot = page.later_button.parentWidget()
        assert foot is not None
        assert page.later_button.x() < 40
        assert foot.width() - page.save_button.geometry().right() < 40, width


def test_closing_and_deciding_later_decide_nothing(shell: TestShell) -> None:
    page = open_page(shell)
    press(page, Key.Key_1)
    assert page.may_leave()
    page.later_button.click()
    shell.settle()
    assert [view.status for view in shell.app.conflicts.all()] == ["open", "open"]
    assert account(shell)["payment_terms_days"] == 30
    assert page.contents.cases[0].put_off


def test_a_decision_can_be_turned_round(shell: TestShell) -> None:
    page = open_page(shell)
    press(page, Key.Key_2)
    page.save_button.click()
    shell.settle()
    at = next(n for n, case in enumerate(page.contents.cases) if not case.open)
    page.list.setCurrentIndex(page.rows.index(at, 0))
    shell.settle()
    page.case_view.cards[0].mine.radio.click()
    page.save_button.click()
    shell.settle()
    assert account(shell)["payment_terms_days"] == 21


def test_no_conflict_says_so(shell: TestShell) -> None:
    page = ConflictsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert page.empty.isVisible()


@pytest.mark.parametrize("language", ["en", "de"])
def test_keys_work_as_soon_as_the_page_is_there(shell: TestShell, language: i18n.Language) -> None:
    i18n.set_language(language)
    page = open_page(shell)
    page.setFocus()  # as the window does when it opens a page
    assert page.focusWidget() is page.list
    for key in (Key.Key_1, Key.Key_2):
        focused = page.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
    QTest.keyClick(page.focusWidget(), Key.Key_Up)
    assert page.focusWidget() is page.case_view.cards[0].mine.radio
    assert [cards.mine.radio.isChecked() for cards in page.case_view.cards] == [True, False]
    page.save_button.click()
    shell.settle()
    states = {view.id: view.status for view in shell.app.conflicts.all()}
    assert states == {"conflict-1": "mine", "conflict-2": "theirs"}


def test_what_a_rule_decided_is_listed_beside_and_taken_back(shell: TestShell) -> None:
    settled = conflict("3", "industry", "", "Food", "Drinks") | {"rule": "newest", "status": "settled"}
    receive(shell.app.store, {"conflict": [settled]})
    page = open_page(shell)
    assert page.rows.rowCount() == 2
    shots(shell, "conflicts-settled-beside")
    shown = [label.accessibleName() for label in page.case_view.findChildren(QLabel)]
    assert "Merged without asking" in shown
    link = next(b for b in page.case_view.findChildren(Button) if b.accessibleName() == "Show")
    link.click()
    shell.settle()
    case = page.list.case()
    assert case is not None
    assert case.settled
    assert page.case_view.cards[0].theirs.radio.isChecked()
    page.case_view.cards[0].mine.radio.click()
    shots(shell, "conflicts-settled")
    page.save_button.click()
    shell.settle()
    assert account(shell)["industry"] == "Food"
    assert shell.app.conflicts.settled() == []


def test_a_change_of_a_deleted_record_and_a_deletion_that_was_only_asked_for(shell: TestShell) -> None:
    gone = conflict("4", "name", "Max", "Moritz", "") | {
        "entity": "contact", "record_id": "con-gone", "theirs": "{}", "rule": "gone",
    }  # fmt: skip
    asked = conflict("5", "", None, None, None) | {
        "record_id": "acc-3", "before": "{}", "mine": '{"deleted": true}', "theirs": "{}", "rule": "delete_request",
    }  # fmt: skip
    receive(shell.app.store, {"conflict": [gone, asked]})
    page = ConflictsPage(shell)
    shell.put(page)
    for conflict_id, words in (("conflict-4", "Moritz"), ("conflict-5", "Delete it after all")):
        page.open(conflict_id=conflict_id)
        shell.settle()
        (cards,) = page.case_view.cards
        assert words in cards.mine.radio.accessibleName()
        shots(shell, conflict_id)
        page.case_view.cards[0].mine.radio.click()
        page.save_button.click()
        shell.settle()
    assert shell.errors == []
    sent = [[(op.k, op.e) for op in txn.ops] for txn in shell.app.store.pending(100)]
    assert sent == [
        [("transition", "conflict"), ("restore", "contact"), ("patch", "contact")],
        [("transition", "conflict"), ("delete", "account")],
    ]


def test_somebody_elses_value_is_not_called_yours(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {"conflict": [conflict("6", "name", "A", "B", "C") | {"mine_by": LAURA, "theirs_by": ME, "owner_id": ME}]},
    )
    page = ConflictsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    shown = [label.accessibleName() for label in page.case_view.findChildren(QLabel)]
    assert "Yours" not in shown
    assert "Laura Callahan" in shown


@pytest.mark.parametrize(("rule", "status"), [
    ("gone", "open"), ("delete_request", "open"), ("newest", "settled"), ("ask", "mine"), ("ask", "theirs"),
    ("gone", "mine"), ("delete_request", "mine"),
])  # fmt: skip
def test_what_happened_to_a_colleague_is_not_told_as_if_it_were_ones_own(
    shell: TestShell, rule: str, status: str
) -> None:
    entry = conflict("6", "name", "A", "B", "C") | {"mine_by": LAURA, "theirs_by": "", "rule": rule, "status": status}
    receive(shell.app.store, {"conflict": [entry]})
    pages: list[ConflictsPage | OutboxPage] = [ConflictsPage(shell), OutboxPage(shell)]
    for page in pages:
        shell.put(page)
        page.open()
        shell.settle()
        shown = [label.accessibleName() for label in page.findChildren(QLabel) if label.isVisible()]
        spoken = [str(page.rows.index(row, 0).data()) for row in range(page.rows.rowCount())]
        own = [
            text for text in (*shown, *spoken) if re.search(r"\b(You|Yours?)\b(?! can)|\byou\b (wanted|changed)", text)
        ]
        assert own == []
        page.hide()


def test_a_case_of_several_kinds_tells_each(shell: TestShell) -> None:
    asked = {"before": "{}", "mine": '{"deleted": true}', "theirs": "{}", "rule": "delete_request"}
    page = open_page(shell)
    receive(shell.app.store, {"conflict": [conflict("0", "", None, None, None) | asked]})
    shell.settle()
    case = page.list.case()
    assert case is not None
    assert case_words(case) == "Deletion, Payment terms (days), Name"
    shown = " ".join(label.accessibleName() for label in page.case_view.findChildren(QLabel))
    assert "You wanted to delete it" in shown
    assert "changed 2 fields" in shown


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [1440, 960])
def test_the_list_shows_every_name_whole(shell: TestShell, width: int, language: i18n.Language) -> None:
    i18n.set_language(language)
    shell.resize_to(width, 700)
    page = open_page(shell)
    long = "Vereinigte Genossenschaftsmolkerei Schleswig-Holstein und Hamburg eG"
    short = shell.app.store.read(lambda reader: reader.get("account", "acc-2"))
    assert short is not None
    receive(
        shell.app.store,
        {
            "account": [short | {"name": long}, {"id": "acc-4", "name": "Bär"}],
            "conflict": [
                conflict("3", "name", "a", "b", "c") | {"record_id": "acc-2"},
                conflict("4", "name", "a", "b", "c") | {"record_id": "acc-4"},
            ],
        },
    )
    shell.settle()
    room = page.list.viewport().width() - 56
    now = shell.app.clock.now()
    seen = {}
    for row in range(page.rows.rowCount()):
        case = page.rows.row(row)
        lines = case_lines(case, room, now)
        seen[" ".join(lines.name)] = lines
        measure = metrics(13, 600)
        assert all(measure.horizontalAdvance(line) <= room for line in lines.name[:1]), lines.name
        height = page.list.visualRect(page.rows.index(row, 0)).height()
        assert height == 66 + 20 * (lines.count - 2)
        tooltip = page.rows.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert case_words(case) in tooltip
    assert set(seen) == {"Alfreds Futterkiste GmbH", long, "Bär"}
    assert seen["Bär"].day_line == 0, "a short name has the day beside it"
    assert metrics(13, 600).horizontalAdvance(seen["Alfreds Futterkiste GmbH"].name[-1]) <= room
    shots(shell, f"conflicts-names-{language}-{width}")


def test_every_open_decision_is_listed_however_many_there_are(shell: TestShell) -> None:
    many = [conflict(f"{n:04}", "name", "a", "b", "c") | {"record_id": f"many-{n:04}"} for n in range(300)]
    newer = [
        conflict(f"9{n:03}", "industry", "a", "b", "c") | {"status": "settled", "rule": "newest"} for n in range(250)
    ]
    receive(
        shell.app.store,
        {"account": [{"id": f"many-{n:04}", "name": f"Customer {n}"} for n in range(300)], "conflict": many + newer},
    )
    page = ConflictsPage(shell)
    shell.put(page)
    page.open(conflict_id="conflict-0000")
    shell.settle()
    assert sum(case.open for case in page.contents.cases) == 300
    assert "300 open" in [label.accessibleName() for label in page.bar.findChildren(QLabel)]
    case = page.list.case()
    assert case is not None
    assert case.holds("conflict-0000"), "the oldest of them can be decided"


def test_the_page_counts_what_the_strip_counts(shell: TestShell) -> None:
    page = open_page(shell)
    assert page.rows.rowCount() == 1
    assert shell.app.store.read(lambda reader: reader.counts())["conflicts"] == 2
    assert "2 open" in [label.accessibleName() for label in page.bar.findChildren(QLabel)]


def choose(page: ConflictsPage, conflict_id: str, side: str) -> None:
    """Mark a side of an entry, whose case becomes the current one."""
    page._go_to(conflict_id)
    card = next(card for card in page.case_view.cards if card.view.id == conflict_id)
    (card.mine if side == "mine" else card.theirs).radio.click()


def test_marks_of_another_case_stay_when_one_is_saved(shell: TestShell) -> None:
    page = open_page(shell)
    receive(shell.app.store, {"conflict": [conflict("3", "name", "a", "b", "c") | {"record_id": "acc-2"}]})
    shell.settle()
    choose(page, "conflict-3", "mine")
    choose(page, "conflict-1", "theirs")
    page.save_button.click()
    shell.settle()
    choose(page, "conflict-2", "theirs")  # somewhere else meanwhile
    page._go_to("conflict-3")
    assert page.case_view.cards[0].mine.radio.isChecked()


def test_a_mark_ends_where_it_was_decided_elsewhere(shell: TestShell) -> None:
    page = open_page(shell)
    choose(page, "conflict-1", "mine")
    decided = conflict("1", "payment_terms_days", 14, 21, 30) | {"status": "theirs"}
    receive(shell.app.store, {"conflict": [decided]})
    shell.settle()
    page._go_to("conflict-1")
    assert page.case_view.cards[0].theirs.radio.isChecked(), "what was taken, not what was about to be"
    assert not page.save_button.isVisible()


def test_saving_twice_decides_once_and_one_that_fails_keeps_no_other_from_it(shell: TestShell) -> None:
    page = open_page(shell)
    choose(page, "conflict-1", "theirs")
    choose(page, "conflict-2", "theirs")
    shell.app.conflicts.resolve("conflict-1", "theirs")  # the page has not heard of it yet
    page.save_button.click()
    page.save()
    shell.settle()
    assert {view.id: view.status for view in shell.app.conflicts.all()} == {
        "conflict-1": "theirs", "conflict-2": "theirs",
    }  # fmt: skip
    assert len(shell.errors) == 1
    assert shell.app.conflicts.open() == []


def test_what_the_record_holds_by_now_is_told_anew(shell: TestShell) -> None:
    page = open_page(shell)
    shell.app.records.update("account", "acc-1", {"payment_terms_days": 45})
    shell.settle()
    shown = [label.accessibleName() for label in page.case_view.findChildren(QLabel)]
    assert "By now it holds: 45" in shown


def test_a_part_of_a_quote_is_named_and_opened_by_its_quote(shell: TestShell) -> None:
    quote_id = shell.app.quotes.new_quote("acc-1", "con-1")
    view = shell.app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    of_revision = {"entity": "quote_revision", "record_id": view.revision["id"]}
    receive(
        shell.app.store,
        {"conflict": [conflict("1", "terms", "30", "14", "60") | of_revision,
                      conflict("2", "subject", "a", "b", "c") | {"entity": "visit", "record_id": "vis-2"}]},
    )  # fmt: skip
    page = ConflictsPage(shell)
    shell.put(page)
    page.open(conflict_id="conflict-1")
    shell.settle()
    assert {case_title(case) for case in page.contents.cases} == {view.quote["number"], "Alfreds Futterkiste"}
    next(b for b in page.case_view.findChildren(Button) if b.accessibleName() == "Open revision").click()
    shell.settle()
    assert shell.visited == [("quote", {"quote_id": quote_id})]


def test_what_a_rule_decides_meanwhile_stands_beside_at_once(shell: TestShell) -> None:
    page = open_page(shell)
    settled = conflict("0", "industry", "", "Food", "Drinks") | {"rule": "newest", "status": "settled"}
    receive(shell.app.store, {"conflict": [settled]})
    shell.settle()
    shown = [label.accessibleName() for label in page.case_view.findChildren(QLabel)]
    assert "Merged without asking" in shown
