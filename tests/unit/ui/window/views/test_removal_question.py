"""A server that wants to take very much away: the sync history says so, and a person may allow it, asked twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.errors import SessionError
from crm_desktop.model.columns import format_instant
from sync.mending import mass_removal
from sync.session_report import SessionReport
from tests.unit.ui.window.shell_for_tests import ME, TestShell, receive, shots
from ui.window.views.sync_history_page import SyncHistoryPage

MANY = [f"many-{n}" for n in range(80)]


@pytest.fixture
def page(shell: TestShell) -> SyncHistoryPage:
    receive(shell.app.store, {"tag": [{"id": i, "name": i} for i in MANY]})
    log_run(shell, "mass_removal")
    page = SyncHistoryPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def log_run(shell: TestShell, code: str) -> None:
    now = format_instant(shell.app.clock.now() - timedelta(minutes=1))
    shell.app.store.log_session({"started_at": now, "ended_at": now, "pushed": 2, "pulled": 0, "error_code": code})


def doubted(shell: TestShell) -> int:
    """How many records a page would take away that the store asks about."""
    gone: list[dict[str, Any]] = [{"gone": [["tag", i] for i in MANY], "evict": []}]
    page = {"commits": gone, "more": False, "scopes": None, "digest": {"catalogue": "0", f"user:{ME}": "0"}}
    return len(shell.app.store.mending.removals(page))


def press(page: SyncHistoryPage, words: str) -> None:
    button = next(button for button in page.told.buttons if button.words == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(page: SyncHistoryPage) -> list[str]:
    return [button.words for button in page.told.buttons]


def test_it_is_allowed_once_and_by_two_clicks(
    shell: TestShell, page: SyncHistoryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    monkeypatch.setattr(page, "sync_now", lambda: runs.append(1))
    page.refresh(frozenset({"sync_log"}), frozenset())
    shell.settle()
    assert "Nothing was taken" in page.told.accessibleDescription()
    shots(shell, "removal-offered")
    assert (words(page), doubted(shell)) == (["Let them go"], len(MANY))
    press(page, "Let them go")
    assert page.told.accessibleName() == "Really let the server take them away?"
    assert page.told.buttons[1].hasFocus(), "a key pressed in haste keeps them"
    press(page, "Keep them")
    assert (words(page), runs, doubted(shell)) == (["Let them go"], [], len(MANY))
    press(page, "Let them go")
    press(page, "Yes, let them go")
    assert (runs, doubted(shell)) == ([1], 0)
    assert doubted(shell) == len(MANY), "allowed for one reading"


def test_a_later_run_has_answered_it(shell: TestShell, page: SyncHistoryPage) -> None:
    assert words(page) == ["Let them go"]
    log_run(shell, "")
    shell.settle()
    page.table.setCurrentIndex(page.model.index(0, 0))
    assert words(page) == []
    page.table.setCurrentIndex(page.model.index(1, 0))
    assert "Nothing was taken" in page.told.accessibleDescription()
    assert words(page) == []


def test_an_answer_of_the_courier_is_read_again(
    shell: TestShell, page: SyncHistoryPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file still fits once it is allowed: no other has to be fetched."""
    errors: list[SessionError | None] = [mass_removal(80), None]
    read: list[bytes] = []

    def read_answer(_store: object, data: bytes) -> SessionReport:
        read.append(data)
        report = SessionReport()
        report.error = errors.pop(0)
        return report

    monkeypatch.setattr("sync.courier.read_answer", read_answer)
    (tmp_path / "back.crm").write_bytes(b"answer")
    page.courier.read_from(tmp_path / "back.crm")
    shell.settle()
    assert "80 records" in page.told.accessibleDescription()
    press(page, "Let them go")
    press(page, "Yes, let them go")
    shell.settle()
    assert read == [b"answer", b"answer"]
    assert words(page) == []


def test_a_run_that_begins_takes_no_question_away(shell: TestShell, page: SyncHistoryPage) -> None:
    press(page, "Let them go")
    page.refresh(frozenset({"sync_status"}), frozenset())
    shell.settle()
    assert words(page) == ["Yes, let them go", "Keep them"]
    assert page.told.buttons[1].hasFocus()
