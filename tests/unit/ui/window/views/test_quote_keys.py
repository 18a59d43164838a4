"""What is typed counts, whatever key comes next: the paper says it, dates take it."""

from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt

from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, type_text
from tests.unit.ui.window.views.test_quote_page import CTRL, add, lines_of, new_quote
from ui.window.i18n import Language, set_language
from ui.window.models.quote_lines import QUANTITY

Key = Qt.Key


def test_the_paper_is_of_what_is_typed_and_escape_closes_it(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    line = page.lines.line(0)
    assert line is not None
    page.table.go_to(line.key, QUANTITY)
    type_text("70")
    press(focus(), Key.Key_P, CTRL)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "70.000", "0.0000")]
    assert page.paper.isVisible()
    assert focus() is page.paper.save_button
    press(focus(), Key.Key_Escape)
    assert not page.paper.isVisible()
    assert focus() is page.table
    page.preview()
    shell.settle()
    assert page.papers.paper is not None


@pytest.mark.parametrize(("language", "keys"), [("en", "25dec"), ("de", "2512")])
def test_dates_are_typed(shell: TestShell, language: Language, keys: str) -> None:
    set_language(language)
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    valid = page.terms.valid_until
    valid.setFocus(Qt.FocusReason.TabFocusReason)
    valid.setDate(QDate(2026, 11, 22))
    type_text(keys)
    assert valid.date() == QDate(2026, 12, 25)
    press(valid, Key.Key_Up)
    typed = valid.date()
    assert typed != QDate(2026, 12, 25)
    page.table.setFocus()
    shell.settle()
    revision = shell.app.store.read(lambda reader: reader.get("quote_revision", page.editor.revision_id))
    assert revision is not None
    assert revision["valid_until"] == date(typed.year(), typed.month(), typed.day()).isoformat()
    set_language("en")


def test_a_follow_up_begins_a_week_ahead(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    page.terms.has_follow_up.setFocus()
    press(focus(), Key.Key_Space)
    press(focus(), Key.Key_Tab)
    shell.settle()
    assert page.terms.follow_up.date() == QDate.currentDate().addDays(7)
    quote = shell.app.store.read(lambda reader: reader.get("quote", page.editor.quote_id))
    assert quote is not None
    assert quote["follow_up_on"] == page.terms.follow_up.date().toString(Qt.DateFormat.ISODate)
