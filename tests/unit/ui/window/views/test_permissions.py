"""Costs on the screen and in files: inside sales sees them, a rep has no such field anywhere."""

from pathlib import Path

import pytest

from crm_desktop.store.lists import ListQuery
from tests.unit.ui.window.shell_for_tests import ME, TestShell, receive
from ui.presenters.list_columns import Column, ListSpec, Look
from ui.window.views.filter_editor import FilterEditor
from ui.window.views.list_files import ListFiles
from ui.window.views.preview_pane import PreviewPane
from ui.window.views.record_form_page import RecordFormPage
from ui.window.widgets.label import Label

PRODUCTS = ListSpec("products", "product", (Column("title", Look.TITLE),), "record", "record_id", "name")
COSTS = {"cost", "margin_floor_percent"}


def become(shell: TestShell, role: str) -> None:
    """The role of the user as the server tells it."""
    receive(shell.app.store, {"user": [{"id": ME, "name": "Anne Dodsworth", "role": role}]})


def form(shell: TestShell) -> RecordFormPage:
    page = RecordFormPage(shell)
    shell.put(page)
    page.open(entity="product", record_id="p-chai")
    shell.settle()
    return page


def offered(editor: FilterEditor) -> set[str]:
    return {str(editor.fields.itemData(at)) for at in range(editor.fields.count())}


def test_inside_sales_sees_cost_in_the_form(shell: TestShell) -> None:
    page = form(shell)
    assert page.body.fields.editors.keys() >= COSTS
    assert page.body.fields.editors["cost"][1].value() == "11.0000"


def test_a_rep_has_no_cost_in_the_form_and_a_new_role_shows_at_once(shell: TestShell) -> None:
    become(shell, "rep")
    page = form(shell)
    assert not COSTS & page.body.fields.editors.keys()
    become(shell, "inside_sales")
    shell.settle()
    assert page.body.fields.editors.keys() >= COSTS


def test_what_a_rep_changes_of_a_product_stays_on_the_page_and_is_not_saved(shell: TestShell) -> None:
    become(shell, "rep")
    page = form(shell)
    page.body.fields.editors["category"][1].set_value("Tea")
    page.save()
    shell.settle()
    assert not shell.app.store.pending(10)
    assert page.body.fields.editors["category"][1].value() == "Tea"
    assert [getattr(error, "code", "") for error in shell.errors] == ["kept_by_desk"]
    shell.errors.clear()


def test_filters_offer_what_the_role_may_see(shell: TestShell) -> None:
    editor = FilterEditor(shell, "product")
    assert offered(editor) >= COSTS
    become(shell, "rep")
    editor.open_for(None)
    assert not COSTS & offered(editor)
    editor.deleteLater()


@pytest.mark.parametrize(("role", "seen"), [("inside_sales", True), ("rep", False)])
def test_the_preview_shows_what_the_role_may_see(shell: TestShell, role: str, seen: bool) -> None:
    become(shell, role)
    pane = PreviewPane(shell)
    pane.read(PRODUCTS, "p-chai")
    shell.settle()
    assert ("Cost" in {label.plain_text() for label in pane.findChildren(Label)}) is seen
    pane.deleteLater()


@pytest.mark.parametrize(("role", "seen"), [("inside_sales", True), ("rep", False)])
def test_the_export_holds_what_the_role_may_see(shell: TestShell, tmp_path: Path, role: str, seen: bool) -> None:
    become(shell, role)
    target = tmp_path / "products.csv"
    ListFiles(shell, PRODUCTS).write_export(ListQuery("product"), target)
    shell.settle()
    text = target.read_text(encoding="utf-8-sig")
    assert ("Cost" in text.splitlines()[0]) is seen
    assert ("11.0000" in text) is seen


@pytest.mark.parametrize(
    ("role", "category", "cost"), [("inside_sales", "Tea", "12.5000"), ("rep", "Beverages", "11.0000")]
)
def test_the_import_takes_what_the_role_may_write(
    shell: TestShell, tmp_path: Path, role: str, category: str, cost: str
) -> None:
    become(shell, role)
    table = tmp_path / "products.csv"
    table.write_text("Number,Name,Cost,Category\n1,Chai,12.50,Tea\n", encoding="utf-8")
    files = ListFiles(shell, PRODUCTS)
    files.report.setParent(shell)
    files.read_import(table)
    shell.settle()
    files.report.banner.buttons[0].click()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("product", "p-chai"))
    assert row is not None
    assert (row["category"], row["cost"]) == (category, cost)
    told = " ".join(label.plain_text() for label in files.report.findChildren(Label))
    assert ("Cost" in told) is (role == "rep")  # the column of nobody is named
