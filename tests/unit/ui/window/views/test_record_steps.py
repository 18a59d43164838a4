"""Forms with steps of their own: leads become customers, contracts are renewed, cases begin with their day."""

from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from crm_desktop.errors import InvalidInput
from crm_desktop.store.intents import text
from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots, type_text
from ui.presenters.contract_paper import sign_contract
from ui.window.views.contract_steps import ContractSteps
from ui.window.views.contract_term import ContractTerm
from ui.window.views.lead_steps import LeadSteps
from ui.window.views.note_page import NotePage
from ui.window.views.record_form_page import RecordFormPage


def opened(shell: TestShell, **where: Any) -> RecordFormPage:
    page = RecordFormPage(shell)
    shell.put(page)
    page.open(**where)
    shell.settle()
    return page


def get(shell: TestShell, entity: str, record_id: str) -> dict[str, Any]:
    found = shell.app.store.read(lambda reader: reader.get(entity, record_id))
    assert found is not None
    return found


def wait_for_hint(shell: TestShell, page: RecordFormPage) -> None:
    for _ in range(400):
        shell.settle()
        if page.body.known.hint.isVisible():
            return
        QTest.qWait(10)
    raise AssertionError("no hint")


def click(widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


# -- leads --------------------------------------------------------------------------------------------------------


def lead(shell: TestShell, **values: object) -> LeadSteps:
    receive(shell.app.store, {"lead": [{"id": "lead-1", "owner_id": ME, "status": "new", "interest": "Chai"} | values]})
    page = opened(shell, entity="lead", record_id="lead-1")
    (steps,) = page.findChildren(LeadSteps)
    return steps


def test_a_lead_is_offered_the_customer_it_looks_like(shell: TestShell) -> None:
    steps = lead(shell, name="Anders Maria", company="Alfreds Futterkiste GmbH", email="maria@alfreds.example")
    assert steps.known.plain_text() == "Looks like Maria Anders in Alfreds Futterkiste"
    assert steps.qualify_known.text().strip() == "Qualify for Alfreds Futterkiste"
    shots(shell, "lead-steps")
    steps.opportunity.setFocus()
    type_text("Chai for the fair")
    click(steps.qualify_known)
    shell.settle()
    row = get(shell, "lead", "lead-1")
    assert (row["status"], row["account_id"], row["contact_id"]) == ("qualified", "acc-1", "con-1")
    assert shell.visited == [("account", {"account_id": "acc-1"})]
    (made,) = shell.app.store.read(lambda reader: reader.where("opportunity"))
    assert (made["name"], made["account_id"]) == ("Chai for the fair", "acc-1")
    assert len(shell.app.store.pending(10)) == 1
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert get(shell, "lead", "lead-1")["status"] == "new"
    assert shell.app.store.read(lambda reader: reader.where("opportunity")) == []
    assert len(shell.app.store.read(lambda reader: reader.where("contact", account_id="acc-1"))) == 1


def test_a_lead_that_has_a_customer_goes_to_that_one_whatever_it_looks_like(shell: TestShell) -> None:
    steps = lead(shell, name="Anders Maria", company="Alfreds Futterkiste GmbH", account_id="acc-2")
    name = get(shell, "account", "acc-2")["name"]
    assert steps.qualify_known.text().strip() == f"Qualify for {name}"
    assert steps.known.isHidden()
    assert steps.qualify_new.isHidden()
    click(steps.qualify_known)
    shell.settle()
    row = get(shell, "lead", "lead-1")
    assert (row["status"], row["account_id"]) == ("qualified", "acc-2")


def test_a_new_customer_is_made_of_a_lead_with_what_was_typed_just_now(shell: TestShell) -> None:
    steps = lead(shell, name="Ute Voss", company="Nord AG")
    page = shell.page
    assert isinstance(page, RecordFormPage)
    assert steps.qualify_known.isHidden()
    page.body.fields.editors["city"][1].widget.setFocus()
    type_text("Kiel")
    click(steps.qualify_new)
    shell.settle()
    (account,) = shell.app.store.read(lambda reader: reader.where("account", name="Nord AG"))
    (address,) = shell.app.store.read(lambda reader: reader.where("address", account_id=account["id"]))
    assert address["city"] == "Kiel"


def test_a_lead_is_put_aside_with_a_word(shell: TestShell) -> None:
    steps = lead(shell, name="Ute Voss")
    click(steps.aside)
    shell.settle()
    assert get(shell, "lead", "lead-1")["status"] == "new"
    assert steps.word.hasFocus()
    type_text("only wanted a pen\n")
    shell.settle()
    row = get(shell, "lead", "lead-1")
    assert row["status"] == "disqualified"
    assert row["interest"].endswith("only wanted a pen")
    assert shell.visited == [("leads", {})]


def test_a_qualified_lead_leads_to_its_account(shell: TestShell) -> None:
    steps = lead(shell, name="Ute Voss", status="qualified", account_id="acc-2")
    assert steps.became.isVisible()
    click(steps.became.buttons[0])
    assert shell.visited == [("account", {"account_id": "acc-2"})]


# -- who is known -------------------------------------------------------------------------------------------------


def test_a_new_account_that_is_known_is_taken_instead_and_can_be_begun_again(shell: TestShell) -> None:
    page = opened(shell, entity="account")
    page.body.fields.editors["name"][1].widget.setFocus()
    type_text("Kafeehaus Mueller und Sohn")
    wait_for_hint(shell, page)
    assert page.body.known.hint.accessibleName() == "Looks like Kaffeehaus Müller & Sohn"
    shots(shell, "known-account")
    click(page.body.known.hint.buttons[0])
    shell.settle()
    assert shell.visited == [("account", {"account_id": "acc-3"})]
    assert page.may_leave()
    shell.settle()
    assert len(shell.app.store.read(lambda reader: reader.where("account"))) == 3
    assert shell.undo is not None
    shell.undo()
    page_name, where = shell.visited[-1]
    assert (page_name, where["values"]["name"]) == ("record", "Kafeehaus Mueller und Sohn")


def test_a_known_address_is_said_in_the_form_of_a_contact(shell: TestShell) -> None:
    receive(shell.app.store, {"channel": [{"id": "ch-1", "contact_id": "con-1", "kind": "email",
                                           "value": "maria@alfreds.example"}]})  # fmt: skip
    page = opened(shell, entity="contact")
    click(page.body.child_rows["channel"].add_button)
    editors = page.body.child_rows["channel"].rows[0].editors
    editors["value"][1].widget.setFocus()
    type_text("Maria@Alfreds.example")
    wait_for_hint(shell, page)
    assert page.body.known.hint.accessibleName() == "Looks like Maria Anders in Alfreds Futterkiste"


# -- contracts, cases, opportunities ------------------------------------------------------------------------------


def test_a_contract_says_its_day_of_notice_and_is_renewed_in_one_step(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {"contract": [{"id": "con-a", "name": "Frame 2026", "account_id": "acc-1", "owner_id": ME, "status": "active",
                       "ends_on": "2027-01-31", "notice_days": 60, "remind_days": 30, "renews_months": 12}]},
    )  # fmt: skip
    page = opened(shell, entity="contract", record_id="con-a")
    (term,) = page.findChildren(ContractTerm)
    assert term.accessibleName() == "Notice can be given until 2 December 2026"
    assert term.property("banner") == "warn"
    assert [button.text().strip() for button in term.buttons] == ["Renew until 31 January 2028", "Notice was given"]
    shots(shell, "contract")
    click(term.buttons[0])
    shell.settle()
    assert get(shell, "contract", "con-a")["ends_on"] == "2028-01-31"
    assert term.property("banner") == "plain"
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert get(shell, "contract", "con-a")["ends_on"] == "2027-01-31"


def test_a_new_case_is_due_in_three_working_days_and_for_the_desk(shell: TestShell) -> None:
    page = opened(shell, entity="case", values={"account_id": "acc-1"})
    page.body.fields.editors["subject"][1].widget.setFocus()
    type_text("Broken boxes")
    shots(shell, "case")
    page.save()
    shell.settle()
    (row,) = shell.app.store.read(lambda reader: reader.where("case"))
    assert (row["subject"], row["account_id"], row["due_on"]) == ("Broken boxes", "acc-1", "2026-11-24")
    assert row["owner_id"] in (ME, LAURA)  # both are inside sales
    assert (row["status"], row["kind"]) == ("new", "complaint")


def test_the_form_closes_no_opportunity_as_lost_without_a_reason(shell: TestShell) -> None:
    receive(shell.app.store, {"opportunity": [{"id": "opp-1", "name": "Chai", "owner_id": ME, "stage": "quoted"}]})
    page = opened(shell, entity="opportunity", record_id="opp-1")
    stage = page.body.fields.editors["stage"][1].widget
    assert isinstance(stage, QComboBox)
    stage.setCurrentIndex(stage.findData("lost"))
    stage.activated.emit(stage.currentIndex())
    page.save()
    shell.settle()
    assert [getattr(error, "code", "") for error in shell.errors] == ["opportunity_lost_reason_missing"]
    assert get(shell, "opportunity", "opp-1")["stage"] == "quoted"
    assert stage.currentData() == "lost"  # what was chosen stays in the form


def test_a_stage_of_our_own_is_offered_and_one_nobody_knows_survives_a_save(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {
            "opportunity_stage": [{"id": "st-1", "code": "idea", "name": "Idea", "name_de": "Idee", "position": 1}],
            "opportunity": [{"id": "opp-1", "name": "Chai", "owner_id": ME, "stage": "of_yore"}],
        },
    )
    page = opened(shell, entity="opportunity", record_id="opp-1")
    stage = page.body.fields.editors["stage"][1].widget
    assert isinstance(stage, QComboBox)
    assert [stage.itemText(at) for at in range(stage.count())] == ["–", "Idea", "of_yore"]
    page.body.fields.editors["name"][1].widget.setFocus()
    type_text(" 2")
    page.save()
    shell.settle()
    assert (get(shell, "opportunity", "opp-1")["stage"], get(shell, "opportunity", "opp-1")["name"]) == (
        "of_yore",
        "Chai 2",
    )


def test_a_case_begins_in_a_visit_note_that_is_saved_first(shell: TestShell) -> None:
    page = NotePage(shell)
    shell.put(page)
    page.open(visit_id="vis-2")
    shell.settle()
    page.text.setFocus()
    type_text("Three boxes were broken. ")
    press(page.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    shell.settle()
    assert get(shell, "visit", "vis-2")["note"].startswith("Three boxes were broken.")
    wanted = {"account_id": "acc-1", "contact_id": "con-1", "visit_id": "vis-2"}
    assert shell.visited == [("record", {"entity": "case", "values": wanted, "focus": "subject"})]


# -- a contract on paper ------------------------------------------------------------------------------------------


def contract_steps(shell: TestShell, **values: object) -> ContractSteps:
    receive(
        shell.app.store,
        {"contract": [{"id": "ctr-1", "number": "C-001", "name": "Frame 2027", "kind": "frame", "account_id": "acc-1",
                       "contact_id": "con-1", "owner_id": ME, "status": "draft", "starts_on": "2026-12-01",
                       "ends_on": "2027-11-30", "notice_days": 90, "renews_months": 12, "amount": "24000",
                       "currency": "EUR", "price_commitment": "List prices hold for a year.", "note": "He pays late"}
                      | values]},
    )  # fmt: skip
    page = opened(shell, entity="contract", record_id="ctr-1")
    (steps,) = page.findChildren(ContractSteps)
    return steps


def draw(pad: QWidget) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(40, 60))
    for at in ((70, 40), (95, 100), (130, 50), (170, 95), (240, 70)):
        QTest.mouseMove(pad, QPoint(*at))
        QApplication.processEvents()
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(240, 70))


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def test_a_contract_is_signed_on_the_laptop_and_its_paper_kept_with_it(shell: TestShell) -> None:
    steps = contract_steps(shell)
    page = shell.page
    assert isinstance(page, RecordFormPage)
    page.body.fields.editors["price_commitment"][1].widget.setFocus()
    type_text("New: ")
    shots(shell, "contract-paper")
    steps.sign_button.setFocus()
    press(steps.sign_button, Qt.Key.Key_Space)
    shell.settle()
    view = steps.desk.view
    assert view is not None
    assert shell.errors == []
    assert len(view.pages) == 1
    assert view.sign_panel.name.text() == "Maria Anders"
    assert not view.sign_panel.done.isEnabled()
    draw(view.sign_panel.pad)
    shots_of(shell, view, "contract-signing")
    view.sign_panel.done.setFocus()
    press(view.sign_panel.done, Qt.Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    assert shell.toasts == ["Signed by Maria Anders"]
    row = get(shell, "contract", "ctr-1")
    assert (row["signed_by"], row["status"]) == ("Maria Anders", "active")
    (file,) = shell.app.attachments.of("contract", "ctr-1")
    assert file.name == "C-001-signed.pdf"
    pdf = shell.app.attachments.read(file.id)
    said = " ".join(text_of(pdf).split())
    assert "New: List prices hold for a year." in said
    assert "on 1 September 2027 at the latest" in said
    assert "Maria Anders, Alfreds Futterkiste, signed on the laptop" in said
    assert "He pays late" not in said
    assert b"/Subtype/Image" in pdf
    assert steps.desk.view is None
    assert not steps.sign_button.isVisible()
    assert steps.state.plain_text().startswith("Signed by Maria Anders on 19 November 2026")
    shots(shell, "contract-signed")
    with pytest.raises(InvalidInput) as told:
        shell.app.records.update("contract", "ctr-1", {"price_commitment": "Other words", "note": "a"})
    assert told.value.code == "contract_terms_signed"
    shell.app.records.update("contract", "ctr-1", {"status": "notice_given", "note": "They leave"})
    # What was signed is what is shown, whatever a program without that rule wrote.
    shell.app.store.commit([text("contract", "ctr-1", "price_commitment", "Other words")])
    shell.settle()
    steps.preview_button.setFocus()
    press(steps.preview_button, Qt.Key.Key_Space)
    shell.settle()
    view = steps.desk.view
    assert view is not None
    assert view.sign_panel.isHidden()
    assert view._paper.pdf == pdf
    shell.activateWindow()
    QTest.qWaitForWindowActive(shell)
    press(view.close_button, Qt.Key.Key_Escape)
    assert steps.desk.view is None


def test_the_terms_of_a_signed_contract_are_shown_and_begin_another(shell: TestShell) -> None:
    steps = contract_steps(shell, signed_by="Maria Anders", signed_at="2026-11-02T10:00:00.000Z", notice_days=90)
    page = shell.page
    assert isinstance(page, RecordFormPage)
    name, note = (page.body.fields.editors[one][1].widget for one in ("name", "note"))
    assert isinstance(name, QLineEdit)
    name.setFocus()
    type_text("x")
    assert (name.text(), name.accessibleDescription()) == ("Frame 2027", "Signed")
    assert not page.body.fields.editors["kind"][1].widget.isEnabled()
    assert note.isEnabled()
    shots(shell, "contract-terms-stand")
    steps.copy_button.setFocus()
    press(steps.copy_button, Qt.Key.Key_Space)
    shell.settle()
    assert page.data is not None
    assert page.data.record_id is None
    assert (page.data.row["name"], page.data.row["notice_days"], page.data.row["signed_at"]) == ("Frame 2027", 90, None)
    name = page.body.fields.editors["name"][1].widget
    assert isinstance(name, QLineEdit)
    assert not name.isReadOnly()


def test_a_contract_to_which_notice_was_given_is_not_signed(shell: TestShell) -> None:
    steps = contract_steps(shell, status="notice_given")
    assert not steps.sign_button.isVisible()
    with pytest.raises(InvalidInput) as told:
        sign_contract(shell.app, "ctr-1", "Maria", b"png", "en")
    assert told.value.code == "contract_ended"


def test_a_new_contract_begins_from_a_template_in_the_language_of_the_customer(shell: TestShell) -> None:
    receive(shell.app.store, {"account": [{"id": "acc-de", "name": "Adler", "language": "de"}]})
    page = opened(shell, entity="contract", values={"account_id": "acc-de"})
    (steps,) = page.findChildren(ContractSteps)
    page.body.fields.editors["number"][1].widget.setFocus()
    type_text("C-7")
    shots(shell, "contract-templates")
    steps.templates["supply"].setFocus()
    press(steps.templates["supply"], Qt.Key.Key_Space)
    shell.settle()
    steps.templates["frame"].setFocus()
    press(steps.templates["frame"], Qt.Key.Key_Space)
    shell.settle()
    page.save()
    shell.settle()
    (row,) = shell.app.store.read(lambda reader: reader.where("contract"))
    assert (row["number"], row["account_id"], row["kind"], row["name"], row["status"]) == (
        "C-7", "acc-de", "frame", "Rahmenvertrag 2026", "draft",
    )  # fmt: skip
    assert (row["starts_on"], row["ends_on"], row["notice_days"]) == ("2026-11-19", "2027-11-18", 90)
    assert row["price_commitment"].startswith("Die Preise der am Tag")


def shots_of(shell: TestShell, view: QWidget, name: str) -> None:
    """The shell draws what covers it."""
    before, shell.page = shell.page, view  # type: ignore[assignment]
    shots(shell, name)
    shell.page = before
