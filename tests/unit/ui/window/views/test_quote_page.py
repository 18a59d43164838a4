"""A quote written by keyboard on a real store: lines, prices, undo, sending, the paper."""

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, shots, type_text
from tests.unit.ui.window.views.test_attachments_panel import drop
from ui.window.i18n import Language, set_language
from ui.window.models.quote_lines import DISCOUNT, PRODUCT, QUANTITY, TOTAL
from ui.window.views.file_intake import png
from ui.window.views.quote_page import QuotePage
from ui.window.widgets.button import Button

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def new_quote(shell: TestShell) -> QuotePage:
    page = QuotePage(shell)
    shell.put(page)
    page.open(account_id="acc-1")
    shell.settle()
    page.table.setFocus()
    QApplication.processEvents()
    return page


def add(page: QuotePage, product: str, quantity: str, discount: str = "") -> None:
    page.table.go_to("", PRODUCT)
    type_text(product)
    press(focus(), Key.Key_Return)
    assert page.table.currentIndex().column() == QUANTITY
    type_text(quantity)
    if discount:
        press(focus(), Key.Key_Tab)
        assert page.table.currentIndex().column() == DISCOUNT
        type_text(discount)
    press(focus(), Key.Key_Return)


def lines_of(shell: TestShell, page: QuotePage) -> list[tuple[str, str, str]]:
    view = shell.app.store.read(lambda reader: reader.quote(page.editor.quote_id))
    assert view is not None
    return [(line["name"], line["quantity"], line["discount_percent"]) for line in view.lines]


def cell(page: QuotePage, row: int, column: int) -> str:
    return str(page.lines.data(page.lines.index(row, column)))


def test_five_lines_without_a_mouse(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60", "2")
    add(page, "14", "30", "3")
    add(page, "queso", "20", "3")
    add(page, "sirop", "24", "12")
    add(page, "vegie", "8")
    shell.settle()
    assert shell.errors == []
    assert lines_of(shell, page) == [
        ("Chai", "60.000", "2.0000"),
        ("Tofu", "30.000", "3.0000"),
        ("Queso Cabrales", "20.000", "3.0000"),
        ("Sirop d'érable", "24.000", "12.0000"),
        ("Vegie-spread", "8.000", "0.0000"),
    ]
    # 18.00, scale 17.10, contract 8 %: 15.73, own 2 %: 15.42 (the figures of the design)
    assert cell(page, 0, TOTAL) == "925.20"
    assert page.table.currentIndex().row() == page.lines.empty_row
    page.table.go_to(page.lines.line(0).key, DISCOUNT)  # type: ignore[union-attr]
    press(page.table, Key.Key_F2)
    said = " ".join(label.accessibleName() for label in page.price.findChildren(QLabel))
    assert "Why €15.42?" in said
    assert "Scale from 50" in said
    assert "Contract 2026, beverages" in said
    assert page.warning.isVisible()  # Sirop: cost 20.10 at 25.08 is below 22 %
    shots(shell, "quote")


def test_a_discontinued_product_is_not_offered(shell: TestShell) -> None:
    page = new_quote(shell)
    type_text("gumbo")
    press(focus(), Key.Key_Return)
    shell.settle()
    assert lines_of(shell, page) == []


def test_bad_figures_change_nothing(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    key = page.lines.line(0).key  # type: ignore[union-attr]
    for column, text in ((QUANTITY, "0"), (QUANTITY, "abc"), (DISCOUNT, "101")):
        page.table.go_to(key, column)
        type_text(text)
        press(focus(), Key.Key_Return)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "60.000", "0.0000")]
    assert len(shell.toasts) == 3


def test_move_duplicate_delete_and_undo(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60", "2")
    add(page, "tofu", "30")
    shell.settle()
    tofu = page.lines.line(1).key  # type: ignore[union-attr]
    page.table.go_to(tofu, QUANTITY)
    press(page.table, Key.Key_Up, ALT)
    shell.settle()
    assert [line[0] for line in lines_of(shell, page)] == ["Tofu", "Chai"]
    press(page.table, Key.Key_D, CTRL)
    shell.settle()
    assert [line[0] for line in lines_of(shell, page)] == ["Tofu", "Tofu", "Chai"]
    page.table.go_to(page.lines.line(2).key, QUANTITY)  # type: ignore[union-attr]
    press(page.table, Key.Key_Delete)
    shell.settle()
    assert [line[0] for line in lines_of(shell, page)] == ["Tofu", "Tofu"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert lines_of(shell, page) == [
        ("Tofu", "30.000", "0.0000"),
        ("Tofu", "30.000", "0.0000"),
        ("Chai", "60.000", "2.0000"),
    ]
    page.table.go_to(page.lines.line(2).key, QUANTITY)  # type: ignore[union-attr]
    type_text("10")
    press(focus(), Key.Key_Return)
    shell.settle()
    assert lines_of(shell, page)[2][1] == "10.000"
    page.table.setFocus()
    press(page.table, Key.Key_Z, CTRL)
    shell.settle()
    assert lines_of(shell, page)[2][1] == "60.000"


@pytest.mark.parametrize(("language", "typed"), [("de", "1.000"), ("en", "1,000")])
def test_a_thousand_stays_one_however_it_is_written(shell: TestShell, language: Language, typed: str) -> None:
    set_language(language)
    page = new_quote(shell)
    add(page, "chai", typed)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "1000.000", "0.0000")]
    page.table.go_to(page.lines.line(0).key, QUANTITY)  # type: ignore[union-attr]
    press(page.table, Key.Key_Return)  # opened and left again, as on the way to another cell
    press(focus(), Key.Key_Return)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "1000.000", "0.0000")]


def test_the_discount_that_reaches_the_floor_is_one_click(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "sirop", "24", "12")
    shell.settle()
    page.warning.banner.buttons[0].click()
    shell.settle()
    assert not page.warning.isVisible()
    assert Decimal(lines_of(shell, page)[0][2]) == Decimal("9.5")


def test_sending_freezes_and_a_new_revision_is_a_draft(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60", "2")
    shell.settle()
    page.bar.send.click()
    shell.settle()
    assert shell.errors == []
    assert page.lines.empty_row == -1
    assert page.paper.isVisible()
    shots(shell, "quote-paper")
    page.paper.close_preview()
    page.table.setFocus()
    press(page.table, Key.Key_Delete)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "60.000", "2.0000")]
    assert not page.bar.send.isVisible()
    page.bar.revise.click()
    shell.settle()
    assert page.editor.editable
    assert page.header.revision.text() == "Revision 2"
    assert lines_of(shell, page) == [("Chai", "60.000", "2.0000")]
    shots(shell, "quote-revision-2")


def test_a_figure_of_millions_is_not_shortened(shell: TestShell) -> None:
    page = new_quote(shell)
    header = page.table.horizontalHeader()
    add(page, "chai", "9876543")
    shell.settle()
    assert cell(page, 0, TOTAL) == "155,358,021.39"
    assert header.sectionSize(TOTAL) >= page.table.sizeHintForIndex(page.lines.index(0, TOTAL)).width()


def test_actions_keep_their_words_as_long_as_there_is_room(shell: TestShell) -> None:
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    page.bar.send.click()
    shell.settle()
    quiet = (page.bar.preview, page.bar.mail, page.bar.sign, page.bar.revise)
    set_language("de")
    page.retranslate()
    shell.resize_to(1440, 900)
    shell.settle()
    assert page.bar.revise.words == "Neue Fassung"
    assert all(button.words in button.text() for button in quiet)
    shell.resize_to(960, 600)
    shell.settle()
    brief = [button for button in quiet if not button.text()]
    assert brief
    shown = [button for button in page.bar.findChildren(Button) if button.isVisible()]
    assert all(button.width() >= button.sizeHint().width() for button in shown), "one was cut for a moment"
    assert all(button.toolTip() == button.words == button.accessibleName() for button in brief)
    set_language("en")


def test_the_preview_and_the_file_are_the_same_bytes(shell: TestShell, tmp_path: Path) -> None:
    page = new_quote(shell)
    add(page, "chai", "60", "2")
    shell.settle()
    page.bar.preview.click()
    shell.settle()
    assert page.paper.isVisible()
    papers = page.papers
    assert papers.paper is not None
    target = tmp_path / "quote.pdf"
    papers.after_save = lambda path: None  # type: ignore[method-assign]  # no program is started in a test
    papers.save(target)
    shell.settle()
    assert target.read_bytes() == papers.paper.pdf
    assert target.read_bytes().startswith(b"%PDF")


def test_texts_and_follow_up_are_saved_on_leaving(shell: TestShell) -> None:
    page = new_quote(shell)
    page.terms.intro.setFocus()
    type_text("Lieferung wöchentlich")
    page.terms.has_follow_up.click()
    page.may_leave()
    shell.settle()
    view = shell.app.store.read(lambda reader: reader.quote(page.editor.quote_id))
    assert view is not None
    assert view.revision is not None
    assert view.revision["intro"] == "Lieferung wöchentlich"
    assert view.quote["follow_up_on"]


@pytest.mark.parametrize(
    ("text", "first"), [("sirop", "Sirop d'érable"), ("sirop erable", "Sirop d'érable"), ("1", "Chai")]
)
def test_products_are_found_by_number_and_folded_name(shell: TestShell, text: str, first: str) -> None:
    page = new_quote(shell)
    assert page.editor.offers(text)[0].name == first


def test_files_of_the_quote_stand_beside_it_and_go_with_an_undo(shell: TestShell, tmp_path: Path) -> None:
    page = new_quote(shell)
    add(page, "chai", "60")
    shell.settle()
    drawing, terms = tmp_path / "Regal.png", tmp_path / "Lieferbedingungen.pdf"
    drawing.write_bytes(png(QImage(64, 48, QImage.Format.Format_RGB32)))
    terms.write_bytes(b"%PDF-1.7" * 500)
    drop(page, drawing, terms)
    shell.settle()
    files = page.side.files
    assert sorted(row.line.name for row in files.rows.values()) == ["Lieferbedingungen.pdf", "Regal.png"]
    kept = shell.app.store.read(lambda reader: reader.files("quote", page.editor.quote_id))
    assert {file.parent for file in kept} == {("quote", page.editor.quote_id)}
    shots(shell, "quote-files")
    first = next(row for row in files.rows.values() if row.line.name == "Regal.png")
    first.remove_button.setFocus()
    press(first.remove_button, Key.Key_Space)
    shell.settle()
    assert [row.line.name for row in files.rows.values()] == ["Lieferbedingungen.pdf"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert len(files.rows) == 2
    other = shell.app.quotes.new_quote("acc-2")
    page.open(quote_id=other)
    shell.settle()
    assert not files.rows
