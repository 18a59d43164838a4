"""Leads at a trade fair, by real keys: a line and Enter, a sheet, pasted cards; who is known is said meanwhile."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.unit.ui.window.shell_for_tests import ME, TestShell, press, shots, type_text
from ui.window.delegates import TEXT_ROLE
from ui.window.views.lead_capture_page import LeadCapturePage

CARDS = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Ute Voss\nORG:Nord AG\nEMAIL:ute@nord.example\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:3.0\nURL:http://nobody.example\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:3.0\nFN:Maria Anders\nORG:Alfreds Futterkiste\nEND:VCARD\n"
)


def opened(shell: TestShell, **where: Any) -> LeadCapturePage:
    page = LeadCapturePage(shell)
    shell.put(page)
    page.open(**where)
    shell.settle()
    return page


def leads(shell: TestShell) -> list[dict[str, Any]]:
    return shell.app.store.read(lambda reader: reader.where("lead"))


def wait_for_hint(shell: TestShell, page: LeadCapturePage, *, shown: bool = True) -> None:
    """The lookup comes after a pause of typing."""
    for _ in range(400):
        shell.settle()
        if page.hint.isVisible() == shown:
            return
        QTest.qWait(10)
    raise AssertionError("no hint" if shown else "the hint stays")


def test_a_line_and_enter_saves_a_lead_and_is_ready_for_the_next(shell: TestShell) -> None:
    page = opened(shell)
    page.source.setFocus()
    type_text("Anuga 2026")
    page.line.begin()
    type_text("Ute Voss")
    press(page.line.fields["name"], Qt.Key.Key_Tab)
    type_text("Nord AG\n")
    assert page.line.values() == {}
    assert page.line.fields["name"].hasFocus()
    type_text("only a name\n")
    shell.settle()
    assert [(row["name"], row["company"], row["source"], row["owner_id"], row["status"]) for row in leads(shell)] == [
        ("Ute Voss", "Nord AG", "Anuga 2026", ME, "new"),
        ("only a name", "", "Anuga 2026", ME, "new"),
    ]
    assert page.count.plain_text() == "2 leads today"
    assert page.model.index(0, 0).data(TEXT_ROLE) == "only a name"
    assert len(shell.app.store.pending(100)) == 2
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert [row["name"] for row in leads(shell)] == ["Ute Voss"]


def test_a_line_that_names_nobody_says_so_and_saves_nothing(shell: TestShell) -> None:
    page = opened(shell)
    page.line.fields["interest"].setFocus()
    type_text("Chai\n")
    shell.settle()
    assert leads(shell) == []
    assert page.line.fields["interest"].text() == "Chai"


def test_who_is_known_is_said_while_typing_and_taken_by_a_click(shell: TestShell) -> None:
    page = opened(shell)
    page.line.fields["company"].setFocus()
    type_text("Alfred Futerkiste")
    wait_for_hint(shell, page)
    assert page.hint.accessibleName() == "Looks like Alfreds Futterkiste in Berlin"
    shots(shell, "lead-capture-hint")
    QTest.mouseClick(page.hint.buttons[0], Qt.MouseButton.LeftButton)
    assert page.hint.isHidden()
    type_text("\n")
    shell.settle()
    (lead,) = leads(shell)
    assert (lead["company"], lead["account_id"]) == ("Alfred Futerkiste", "acc-1")
    page.line.fields["company"].setFocus()
    type_text("Somebody quite new")
    QTest.qWait(300)
    wait_for_hint(shell, page, shown=False)


def test_a_sheet_is_typed_line_by_line_and_saved_as_one_action(shell: TestShell) -> None:
    page = opened(shell)
    press(page, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert page.mode == "sheet"
    for number in range(10):  # more lines than the sheet begins with
        type_text(f"Lead {number}")
        press(page.focusWidget() or page, Qt.Key.Key_Return)
    shots(shell, "lead-sheet")
    press(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert len(leads(shell)) == 10
    assert len(shell.app.store.pending(100)) == 1
    assert page.sheet.values() == []


def test_pasted_cards_are_shown_before_they_are_saved(shell: TestShell) -> None:
    page = opened(shell, mode="paste")
    page.paste.text.setPlainText(CARDS)
    for _ in range(400):
        shell.settle()
        if page.paste.preview is not None:
            break
        QTest.qWait(10)
    shots(shell, "lead-paste")
    assert page.paste.preview is not None
    assert [lead.values["name"] for lead in page.paste.preview.leads] == ["Ute Voss", "Maria Anders"]
    assert "Card 2, line 7" in page.paste.problems.plain_text()
    known = page.paste.model.index(1, 5).data(TEXT_ROLE)
    assert known == "Maria Anders, Alfreds Futterkiste"
    assert leads(shell) == []
    QTest.mouseClick(page.save_button, Qt.MouseButton.LeftButton)
    shell.settle()
    assert sorted(row["name"] for row in leads(shell)) == ["Maria Anders", "Ute Voss"]
    assert len(shell.app.store.pending(100)) == 1
    assert page.paste.text.toPlainText() == ""


def test_what_was_typed_is_saved_when_one_leaves(shell: TestShell) -> None:
    page = opened(shell)
    type_text("Half typed")
    assert page.may_leave()
    shell.settle()
    assert [row["name"] for row in leads(shell)] == ["Half typed"]


def wait_for_all_compared(shell: TestShell, page: LeadCapturePage) -> None:
    for _ in range(1000):
        shell.settle()
        if page.paste.preview is not None and page.paste.preview.whole:
            return
        QTest.qWait(10)
    raise AssertionError("the paste was never compared to its end")


def test_another_paste_takes_the_place_of_one_that_is_being_compared(shell: TestShell) -> None:
    page = opened(shell, mode="paste")
    page.paste.text.setPlainText("\n".join(f"visitor{number}@fair.example" for number in range(401)))
    for _ in range(400):
        QTest.qWait(5)
        if page.paste.preview is not None:
            break
    page.paste.text.setPlainText(CARDS)
    QTest.qWait(300)
    wait_for_all_compared(shell, page)
    assert page.paste.model.rowCount() == 2
    assert "compared" not in page.paste.problems.plain_text()


def test_the_list_of_a_whole_fair_is_taken_in_one_go(shell: TestShell) -> None:
    page = opened(shell, mode="paste")
    said: list[str] = []
    page.paste.model.dataChanged.connect(lambda: said.append(page.paste.problems.plain_text()))
    lines = ["company,email", *(f"Messegast {number},visitor{number}@fair.example" for number in range(400))]
    page.paste.text.setPlainText("\n".join([*lines, "Alfred Futerkiste,visitor400@fair.example"]))
    wait_for_all_compared(shell, page)
    assert said[0].startswith("100 of 401 compared")
    assert "All 401 compared: one of them looks like somebody you know (line 402)." in page.paste.problems.plain_text()
    known = [page.paste.model.index(row, 5).data(TEXT_ROLE) for row in range(401)]
    assert [row for row, name in enumerate(known) if name] == [400], "the last of them is known"
    assert "Alfreds Futterkiste" in known[400]
    shots(shell, "lead-paste-fair")
    press(page.paste.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert shell.errors == []
    assert len(leads(shell)) == 401
    assert shell.toasts == ["401 leads saved on this laptop"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert leads(shell) == []


def test_every_field_has_a_name_for_the_screen_reader(shell: TestShell) -> None:
    page = opened(shell, mode="sheet")
    names = [field.accessibleName() for field in page.sheet.findChildren(QLineEdit)]
    assert len(set(names)) == len(names) == 40
    assert "Company, line 3" in names


def test_the_newest_keystroke_wins_and_none_waits_for_a_lookup(shell: TestShell) -> None:
    page = opened(shell)
    looked: list[int] = []
    page.hint.looked.connect(lambda: looked.append(len(page.hint.found)))
    page.line.fields["company"].setFocus()
    for letter in "Alfreds Futterkiste Koenigli":
        type_text(letter)  # one key after the other, no pause for a lookup between them
    page.line.fields["company"].selectAll()
    type_text("Koeniglich Essen")
    assert page.line.fields["company"].text() == "Koeniglich Essen"
    wait_for_hint(shell, page)
    assert page.hint.accessibleName() == "Looks like Königlich Essen in Brandenburg"
    assert [count for count in looked if count] == [1]  # nothing of the name before ever came


def test_who_stands_twice_in_one_paste_is_said(shell: TestShell) -> None:
    page = opened(shell, mode="paste")
    lines = ["name;company;email", "Ute Voß;Nord AG;ute@nord.example", "Jan Kurz;Nord AG;jan@nord.example"]
    lines += [f"Besucher {number};Messe {number};b{number}@fair{number}.example" for number in range(110)]
    page.paste.text.setPlainText("\n".join([*lines, "Voss, Ute;Nord;", "Jan Kurz;Süd GmbH;"]))
    wait_for_all_compared(shell, page)
    said = [str(page.paste.model.index(row, 5).data(TEXT_ROLE)) for row in range(114)]
    assert [row for row, text in enumerate(said) if text] == [112], "a namesake at another company is somebody else"
    assert said[112] == "In line 2 already: Ute Voß"
    assert "One of them stands here twice (line 114)." in page.paste.problems.plain_text()
    shots(shell, "lead-paste-twice")
    press(page.paste.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert len(leads(shell)) == 114, "a warning keeps nobody out"


def test_who_stands_twice_is_said_in_a_short_paste_too(shell: TestShell) -> None:
    page = opened(shell, mode="paste")
    page.paste.text.setPlainText("Maria Anders\nUte Voss\nMarie Anders")
    wait_for_all_compared(shell, page)
    assert (
        page.paste.model.index(2, 5).data(TEXT_ROLE)
        == "Maria Anders, Alfreds Futterkiste; In line 1 already: Maria Anders"
    )
    assert "One of them stands here twice (line 3)." in page.paste.problems.plain_text()
    table = page.paste.table
    for width, hidden in ((1440, []), (960, ["E-mail", "Phone", "Interested in"])):
        shell.resize_to(width, 600)
        shell.settle()
        headings = [page.paste.model.headerData(at, Qt.Orientation.Horizontal) for at in range(6)]
        gone = [headings[at] for at in range(6) if table.isColumnHidden(at)]
        assert gone == hidden, width
        last = table.horizontalHeader().sectionViewportPosition(5) + table.columnWidth(5)
        assert last <= table.viewport().width(), "who is known is in sight"
        assert table.mapTo(shell, table.rect().topRight()).x() < width
