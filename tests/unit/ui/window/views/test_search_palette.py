"""Commands and conditions in the search of the whole window, by keyboard."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.shell_for_tests import focus, open_app, press, receive, type_text, world
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.window.main_window import MainWindow
from ui.window.views.search_overlay import SearchOverlay
from ui.window.views.search_rows import Head, Line

Key = Qt.Key
NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    profile = open_app(tmp_path / "profile", NOW)
    receive(profile.store, world(NOW))
    made = open_window(profile)
    made.navigate("today")
    settle(made)
    yield made
    shut(made)


def ask(window: MainWindow, text: str) -> SearchOverlay:
    press(window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    type_text(text)
    settle(window)
    assert isinstance(window.overlay, SearchOverlay)
    return window.overlay


def lines(overlay: SearchOverlay) -> list[str]:
    rows = [overlay.rows.row(at) for at in range(overlay.rows.rowCount())]
    return [line.text for line in rows if isinstance(line, Line)]


def heads(overlay: SearchOverlay) -> list[str]:
    rows = [overlay.rows.row(at) for at in range(overlay.rows.rowCount())]
    return [line.text for line in rows if isinstance(line, Head)]


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("> tasks", "tasks"),
        (">aufgaben", "tasks"),
        ("go sync hist", "sync_history"),
        ("> go to settings", "settings"),
        ("neues angebot", "quote"),
    ],
)
def test_words_of_either_language_lead_to_pages(window: MainWindow, typed: str, page: str) -> None:
    overlay = ask(window, typed)
    press(focus(), Key.Key_Return)
    settle(window)
    assert not overlay.isVisible()
    here = window.history.here()
    assert here is not None
    assert here.page == page


def test_a_sign_lists_every_command_with_its_keys(window: MainWindow) -> None:
    overlay = ask(window, ">")
    found = lines(overlay)
    assert {"Sync now", "New account", "New quote", "Go to Today", "Go to Outbox", "Export Quotes"} <= set(found)
    keys = {
        row.text: row.keys
        for at in range(overlay.rows.rowCount())
        if isinstance(row := overlay.rows.row(at), Line) and row.keys
    }
    assert keys["Sync now"] == ("F5",)
    assert keys["Go to Accounts"] == ("Ctrl", "2")
    assert len(found) == len(set(found)), "each command once"


def test_buttons_of_the_page_are_commands(window: MainWindow) -> None:
    window.navigate("accounts")
    settle(window)
    overlay = ask(window, "impor")
    assert lines(overlay) == ["Import"]


def test_the_dark_theme_by_its_word(window: MainWindow) -> None:
    ask(window, "dark")
    press(focus(), Key.Key_Return)
    settle(window)
    assert window.app.settings.theme == "dark"


def test_alt_and_a_letter_act_on_the_first_match(window: MainWindow) -> None:
    ask(window, "alfreds")
    press(focus(), Key.Key_V, Qt.KeyboardModifier.AltModifier)
    settle(window)
    here = window.history.here()
    assert here is not None
    assert (here.page, here.where) == ("note", {"account_id": "acc-1"})


def test_conditions_stand_there_before_anything_is_typed(window: MainWindow) -> None:
    overlay = ask(window, "")
    assert heads(overlay)[0] == "Narrow it down"
    assert lines(overlay)[1].startswith("city:Berlin")
    press(focus(), Key.Key_Down)
    press(focus(), Key.Key_Return)
    settle(window)
    assert overlay.isVisible()
    type_text("brandenburg type:acc")
    settle(window)
    assert overlay.field.text() == "city:brandenburg type:acc"
    assert lines(overlay)[0].startswith("Königlich Essen")


def test_what_is_no_condition_says_so(window: MainWindow) -> None:
    overlay = ask(window, "colour:red type:zzz since:soon")
    told = heads(overlay)
    assert told[0].startswith("colour: is no condition here")
    assert "city:" in told[0]
    assert "zzz" in told[1]
    assert "soon" in told[2]


def test_the_last_key_counts(window: MainWindow) -> None:
    press(window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    for letter in "alf":
        type_text(letter)  # no result is awaited in between
    overlay = window.overlay
    for _ in range(3):
        press(focus(), Key.Key_Backspace)
    type_text("maria")
    settle(window)
    assert lines(overlay)[0].startswith("Maria Anders")
    assert not any(line.startswith("Alfreds") for line in lines(overlay))
