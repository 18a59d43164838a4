"""Proxy and certificate authority in the settings, by keyboard, kept in the profile at once."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from crm_desktop import settings
from tests.unit.ui.window.shell_for_tests import ME, TestShell, focus, press, receive, shots, type_text
from ui.window import i18n
from ui.window.views.record_form_page import RecordFormPage
from ui.window.views.settings_page import SettingsPage
from ui.window.widgets.button import Button

Key = Qt.Key


@pytest.fixture
def page(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> SettingsPage:
    made = SettingsPage(shell)
    made.connection.changed.disconnect()
    made.connection.changed.connect(lambda changes: _keep(shell, made, changes))
    shell.put(made)
    made.open()
    shell.settle()
    return made


def _keep(shell: TestShell, page: SettingsPage, changes: dict[str, str]) -> None:
    shell.app.change_settings(**changes)
    page.connection.show_settings(shell.app.settings)


def test_an_address_is_typed_checked_and_kept(shell: TestShell, page: SettingsPage) -> None:
    way = page.connection
    assert way.ways.value() == "machine"
    next(pill for pill in way.ways.findChildren(QPushButton) if pill.isChecked()).setFocus()
    press(focus(), Key.Key_Right)
    assert settings.load(shell.app.folder).proxy == "direct"
    press(focus(), Key.Key_Right)
    assert focus() is way.address
    type_text("proxy\n")
    assert "no proxy address" in way.address.accessibleDescription()
    i18n.set_language("de")
    page.retranslate()
    assert "Proxy-Adresse" in way.address.accessibleDescription()
    way.address.clear()
    type_text("proxy.example.com:8080\n")
    assert settings.load(shell.app.folder).proxy == "http://proxy.example.com:8080"
    shots(shell, "settings-connection")


def test_a_file_is_named_and_taken_out_again(shell: TestShell, page: SettingsPage, tmp_path: Path) -> None:
    way = page.connection
    assert not way.remove_link.isVisible()
    way.take_file(tmp_path / "company.pem")
    assert settings.load(shell.app.folder).ca_file == str(tmp_path / "company.pem")
    way.remove_link.setFocus()
    press(way.remove_link, Key.Key_Space)
    assert settings.load(shell.app.folder).ca_file == ""


def test_who_keeps_the_company_writes_its_clauses(shell: TestShell, page: SettingsPage) -> None:
    shots(shell, "settings-company")
    change = next(part for part in page.findChildren(Button) if part.accessibleName() == "Change the company")
    change.setFocus()
    press(change, Key.Key_Space)
    name, where = shell.visited[-1]
    assert (name, where["entity"]) == ("record", "company")
    page.hide()
    form = RecordFormPage(shell)
    shell.put(form)
    form.open(**where)
    shell.settle()
    assert form.delete_button.isHidden()
    form.body.fields.editors["contract_clauses_en"][1].widget.setFocus()
    type_text("# Delivery\nFree.")
    press(focus(), Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    (company,) = shell.app.store.read(lambda reader: reader.where("company"))
    assert company["contract_clauses_en"] == "# Delivery\nFree."
    assert shell.visited[-1][0] == "settings"


def test_others_cannot_change_the_company(shell: TestShell, page: SettingsPage) -> None:
    receive(shell.app.store, {"user": [{"id": ME, "name": "Anne Dodsworth", "role": "rep"}]})
    shell.settle()
    assert not [part for part in page.findChildren(Button) if part.accessibleName() == "Change the company"]
