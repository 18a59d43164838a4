"""The file for support: told before it is written, by keyboard."""

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, shots
from ui.window.views.settings_page import SettingsPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.widgets.side_row import FactRow

Key = Qt.Key


@pytest.mark.parametrize("kind", [SettingsPage, SyncHistoryPage])
def test_it_is_told_then_saved(
    shell: TestShell, kind: type[SettingsPage] | type[SyncHistoryPage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "support.zip"
    monkeypatch.setattr("ui.window.views.support_panel.QFileDialog.getSaveFileName", lambda *_: (str(target), ""))
    page = kind(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert not page.support.isVisible()
    page.support_button.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert page.support.isVisible()
    assert not target.exists()
    shots(shell, f"support-{kind.name}")
    rows = page.support.findChildren(FactRow)
    assert focus() is page.support.save_button
    press(focus(), Key.Key_Space)
    shell.settle()
    with zipfile.ZipFile(target) as archive:
        assert len(archive.namelist()) == len(rows)
    assert shell.toasts == ["Saved: support.zip"]
    assert not page.support.isVisible()


def test_escape_closes_it(shell: TestShell) -> None:
    page = SettingsPage(shell)
    shell.put(page)
    page.open()
    page.support_button.click()
    shell.settle()
    press(focus(), Key.Key_Escape)
    assert not page.support.isVisible()
