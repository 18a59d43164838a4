"""What the footer of a page prints is true: each key on it does something there."""

from decimal import Decimal
from itertools import starmap
from operator import ne
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from crm_desktop.services.quotes import NewLine
from sync.status import SyncStatus
from tests.unit.ui.window.every_page import places
from tests.unit.ui.window.keyboard_story import ALT, CTRL, Key, Modifier, here, rows
from tests.unit.ui.window.shell_for_tests import LAURA, ME, focus, press, receive, type_text
from tests.unit.ui.window.window_for_tests import settle
from ui.presenters import day_route
from ui.presenters.news import load_log
from ui.window.main_window import MainWindow
from ui.window.views import briefing_page
from ui.window.views.record_list_page import RecordListPage
from ui.window.widgets.key_hints import KeyCap, KeyHints

HELD = {"Ctrl": CTRL, "Alt": ALT, "⇧": Modifier.ShiftModifier}
KEYS = {"←": Key.Key_Left, "→": Key.Key_Right, "↑": Key.Key_Up, "↓": Key.Key_Down, "Enter": Key.Key_Return,
        "Space": Key.Key_Space, "Tab": Key.Key_Tab, "Del": Key.Key_Delete, "Esc": Key.Key_Escape,
        "/": Key.Key_Slash, ".": Key.Key_Period}  # fmt: skip
# What has to be typed before a key has anything to do.
FIRST = {
    ("note", "Ctrl S"): "x",
    ("lead_capture", "Enter"): "Ursel",
    ("lead_capture", "Ctrl S"): "Ursel",
    ("quote", "Enter"): "↑",
    ("quote", "Ctrl D"): "Esc ↑",
    ("help", "Enter"): "↓",
    ("approvals", "Ctrl R"): "Too much",
}
IDLE = {
    ("briefing", "↑ ↓"): "all of it fits the window",
    ("conflicts", "↓"): "the conflict is about one field",
    ("plan", "A"): "no place is known here, so the times stay",
}
# Lists with the keys of another list and none of their own.
ALIKE = {"contacts", "visits", "orders", "tasks", "stages", "contracts", "cases"}


class Elsewhere:
    """Counts what leaves the window: dialogs, papers, rounds of the sync."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *_said: Any) -> tuple[str, str]:
        self.times += 1
        return "", ""

    sync_now = __call__

    def status(self) -> SyncStatus:
        return SyncStatus()

    def wake(self) -> None:
        """The store tells of each change; no round answers here."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, window: MainWindow, app: QApplication) -> Elsewhere:
    told = Elsewhere()
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QFileDialog, name, told)
    monkeypatch.setattr(briefing_page, "open_file", told)
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: {})
    monkeypatch.setattr(window.app, "runner", told)
    app.setCursorFlashTime(0)  # a caret that comes and goes is no answer
    return told


def fill_what_is_empty(window: MainWindow) -> None:
    """Opportunities, leads, contracts, cases, two requests of Laura's and news."""
    store = window.app.store
    own = {"account_id": "acc-1", "owner_id": ME}
    stages = enumerate(("prospect", "qualified", "qualified"))
    receive(store, {
        "opportunity": [{"id": f"opp-{at}", "name": f"Fair {at}", "stage": stage, **own} for at, stage in stages],
        "lead": [{"id": "lead-1", "name": "Paul Weber", "status": "new", "owner_id": ME}],
        "contract": [{"id": "contract-1", "name": "Supply", **own}],
        "case": [{"id": "case-1", "subject": "Crate was broken", **own}],
    })  # fmt: skip
    quote = window.app.quotes.new_quote("acc-1", "con-1", lines=[NewLine("p-chai", Decimal(60), Decimal(15))])
    window.app.approvals.ask(next(row["id"] for row in rows(window, "quote_revision") if row["quote_id"] == quote), "")
    for row in rows(window, "quote_revision"):
        if row["status"] == "waiting_approval":
            window.app.records.update("quote_revision", row["id"], {"requested_by": LAURA})
    for number in (1, 2):  # what is heard first is no news yet
        receive(store, {"task": [{"id": f"heard-{number}-{at}", "subject": "New"} for at in range(2)]})
        settle(window, lambda: load_log(store).seq >= store.sync_state().cursor_seq)


def parsed(cap: str) -> list[tuple[Qt.Key, Qt.KeyboardModifier]]:
    """The keys of a cap, “Ctrl ← →” being two."""
    held, keys = Modifier.NoModifier, []
    for part in cap.replace("↑↓", "↑ ↓").split():
        if part in HELD:
            held |= HELD[part]
        else:
            keys.append((KEYS.get(part) or Key[f"Key_{part}"], held))
    return keys


def caps(window: MainWindow) -> list[str]:
    """The keys of the footer of the page on the screen."""
    page = window.stack.currentWidget()
    assert page is not None
    footers = [hints for hints in page.findChildren(KeyHints) if hints.isVisible()]
    return [cap.text() for hints in footers for cap in hints.findChildren(KeyCap)]


def begin(window: MainWindow) -> None:
    """Where the page begins, if it says so; the key before may have gone elsewhere."""
    page, before = window.stack.currentWidget(), focus()
    assert page is not None
    page.setFocus()
    if focus() is page:
        before.setFocus()


def state(window: MainWindow, told: Elsewhere) -> tuple[Any, ...]:
    """What is different after most keys that do something."""
    return here(window), focus(), QApplication.activePopupWidget(), told.times, window.app.outbox.entries()


def answers(window: MainWindow, told: Elsewhere, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
    """Whether a key does something; to draw the window takes longest, so the second picture is the last resort."""
    before, picture = state(window, told), window.grab().toImage()
    press(focus(), key, held)
    settle(window)
    return any(starmap(ne, zip(before, state(window, told), strict=True))) or picture != window.grab().toImage()


def close(window: MainWindow) -> None:
    """Menus and what covers the window."""
    menu = QApplication.activePopupWidget()
    if menu is not None:
        press(menu, Key.Key_Escape)
        window.activateWindow()
        settle(window)
    if not window.stack.isVisible():
        press(focus(), Key.Key_F8)
        settle(window)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_every_key_of_every_footer_does_something(window: MainWindow, elsewhere: Elsewhere) -> None:
    fill_what_is_empty(window)
    tried: set[tuple[str, str]] = set()
    dead = []
    for page, where in places(window).items():
        if page in ALIKE:
            continue
        window.navigate(page, **where)
        settle(window)
        # Lists have most of their keys in common.
        kind = "lists" if isinstance(window.stack.currentWidget(), RecordListPage) else page
        for cap in caps(window):
            if (kind, cap) in tried or (page, cap) in IDLE:
                continue
            tried.add((kind, cap))
            did = False
            for key, held in reversed(parsed(cap)):  # down before up, which is needed at the end of a list alone
                if did:
                    break
                if here(window) != (page, where):
                    window.navigate(page, **where)
                    settle(window)
                begin(window)
                first = FIRST.get((page, cap), "")
                if first.split(" ")[0] in KEYS:
                    for one, with_it in parsed(first):
                        press(focus(), one, with_it)
                elif first:
                    type_text(first)
                if first:
                    settle(window)
                did = answers(window, elsewhere, key, held)
                close(window)
            if not did:
                dead.append(f"{page}: {cap} does nothing")
    assert len(tried) > 50
    assert not dead, "\n".join(dead)
