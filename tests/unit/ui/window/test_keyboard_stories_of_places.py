"""The day, briefing, opportunities as list and board, orders, help and the first page by keys; no page is left out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.fresh_files import open_fresh
from tests.unit.ui.window.keyboard_story import ALT, CTRL, Key, fill, go, here, key, rows, tab_to, tells_of, told
from tests.unit.ui.window.shell_for_tests import KEY, ME, FixedClock, NoSecrets, focus, press, receive, type_text
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.compose import App
from ui.window.main_window import MainWindow
from ui.window.pages import PAGES
from ui.window.views import briefing_page
from ui.window.views.account_side import Opens
from ui.window.views.help_page import HelpPage
from ui.window.widgets.button import Button

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


@pytest.fixture
def first_start(app: QApplication, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """A window on a profile that knows no server yet."""
    clock = FixedClock(NOW)
    profile = App(tmp_path / "new", open_fresh(tmp_path / "new", KEY, clock), NoSecrets(), clock)
    window = open_window(profile)
    window.begin()
    settle(window)
    QTest.qWaitForWindowActive(window)
    try:
        with told(window, request.function):
            yield window
    finally:
        shut(window)


def stages(window: MainWindow) -> dict[str, str]:
    return {row["name"]: row["stage"] for row in rows(window, "opportunity")}


def test_every_page_has_a_story() -> None:
    found: set[str] = set()
    for file in Path(__file__).parent.glob("test_keyboard*.py"):
        module: Any = import_module(f"tests.unit.ui.window.{file.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                found.update(getattr(test, "pages", ()))
    assert sorted(set(PAGES) - found) == []


@tells_of("today", "note")
def test_the_day_begins_with_the_next_visit_and_takes_a_task(window: MainWindow) -> None:
    key(window, Key.Key_Return)
    assert here(window) == ("note", {"visit_id": "vis-2"})
    type_text("Reorders in March")
    key(window, Key.Key_Return, held=CTRL)
    assert "Reorders in March" in {row["note"] for row in rows(window, "visit")}
    key(window, Key.Key_1, held=CTRL)
    key(window, Key.Key_T)
    fill(window, "Subject", "Ring the warehouse")
    key(window, Key.Key_S, held=CTRL)
    assert "Ring the warehouse" in {row["subject"] for row in rows(window, "task")}


@tells_of("today", "briefing")
def test_the_briefing_is_read_printed_and_a_promise_kept(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[Path] = []
    monkeypatch.setattr(briefing_page, "open_file", printed.append)
    window.resize(960, 600)
    key(window, Key.Key_B)
    assert here(window) == ("briefing", {"account_id": "acc-1", "visit_id": "vis-2"})
    page = window.pages["briefing"]
    assert isinstance(page, briefing_page.BriefingPage)
    bar = page.columns.area.verticalScrollBar()
    assert (bar.value(), bar.maximum() > 0) == (0, True)
    key(window, Key.Key_Down)
    assert bar.value() > 0
    key(window, Key.Key_P)
    settle(window, lambda: bool(printed))
    assert printed[0].read_bytes().startswith(b"%PDF")
    tab_to("Send the 2027 price list to Maria, due yesterday")
    key(window, Key.Key_Return)
    tab_to("Status")
    key(window, Key.Key_Down)
    key(window, Key.Key_S, held=CTRL)
    assert {row["id"]: row["status"] for row in rows(window, "task")}["task-1"] == "done"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@tells_of("pipeline", "board")
def test_an_opportunity_is_begun_and_goes_from_stage_to_stage(window: MainWindow) -> None:
    go(window, "go to pipeline", "pipeline")
    key(window, Key.Key_N)
    fill(window, "Account", "Alfreds Futterkiste")
    fill(window, "Name", "Fair stock")
    key(window, Key.Key_S, held=CTRL)
    go(window, "go to pipeline", "pipeline")
    key(window, Key.Key_B)
    assert (here(window)[0], stages(window)) == ("board", {"Fair stock": "prospect"})
    key(window, Key.Key_Right, held=CTRL)
    key(window, Key.Key_Right, held=CTRL)
    assert stages(window) == {"Fair stock": "quoted"}
    key(window, Key.Key_M)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    press(menu, Key.Key_Down)
    press(menu, Key.Key_Return)
    settle(window)
    assert stages(window) == {"Fair stock": "prospect"}
    key(window, Key.Key_Z, held=CTRL)
    assert stages(window) == {"Fair stock": "quoted"}
    key(window, Key.Key_Return)
    assert here(window)[1]["entity"] == "opportunity"
    key(window, Key.Key_Escape)
    assert here(window)[0] == "board"
    key(window, Key.Key_L, Key.Key_Return)
    assert here(window)[1]["entity"] == "opportunity"


@tells_of("orders", "order")
def test_an_order_leads_to_its_quote_and_back(window: MainWindow) -> None:
    order = {"id": "ord-2", "number": "11012", "account_id": "acc-1", "owner_id": ME, "status": "open",
             "ordered_on": "2026-11-18", "currency": "EUR", "quote_id": window.property("sent")}  # fmt: skip
    receive(window.app.store, {"order": [order]})
    settle(window)
    key(window, Key.Key_6, held=CTRL)
    key(window, Key.Key_Slash)
    type_text("11012")
    key(window, Key.Key_Return, Key.Key_Return)
    assert here(window) == ("order", {"order_id": "ord-2"})
    tab_to("Open its quote")
    key(window, Key.Key_Return)
    assert here(window) == ("quote", {"quote_id": window.property("sent")})
    key(window, Key.Key_Left, held=ALT)
    assert focus().accessibleName() == "Open its quote"
    key(window, Key.Key_Left, held=ALT)
    assert here(window)[0] == "orders"


@tells_of("today", "help")
def test_help_is_read_by_topic_and_left_to_where_one_was(window: MainWindow) -> None:
    tab_to("Briefing, Königlich Essen")
    key(window, Key.Key_F1)
    page = window.pages["help"]
    assert isinstance(page, HelpPage)
    assert page.topic == "today"
    key(window, Key.Key_Down, Key.Key_Return)
    assert page.text.toPlainText().startswith("The trip")
    press(focus(), Key.Key_Tab)
    bar = page.text.verticalScrollBar()
    press(focus(), Key.Key_PageDown)
    assert bar.value() > 0
    key(window, Key.Key_Escape)
    assert (here(window)[0], focus().accessibleName()) == ("today", "Briefing, Königlich Essen")


@tells_of("account", "record")
def test_what_is_opened_from_an_account_or_a_list_is_left_to_where_one_was(window: MainWindow) -> None:
    key(window, Key.Key_2, held=CTRL)
    tab_to("New account")
    key(window, Key.Key_Return, Key.Key_Escape)
    assert (here(window)[0], focus().accessibleName()) == ("accounts", "New account")
    key(window, Key.Key_Slash)
    type_text("Alfreds")
    key(window, Key.Key_Return, Key.Key_Return)
    tab_to("Maria Anders", Key.Key_Backtab)
    key(window, Key.Key_Return)
    assert here(window)[1]["record_id"] == "con-1"
    key(window, Key.Key_Escape)
    assert (here(window)[0], focus().accessibleName()) == ("account", "Maria Anders")


@tells_of("start", "enrol")
def test_the_first_start_speaks_ones_language_and_connects(first_start: MainWindow) -> None:
    window = first_start
    tab_to("English")
    key(window, Key.Key_Right)
    assert window.app.settings.language == "de"
    tab_to("Verbinden")
    key(window, Key.Key_Return)
    assert here(window)[0] == "enrol"
    type_text("https://crm.example\n")
    assert focus().accessibleName() == "Anmeldename"
    key(window, Key.Key_Left, held=ALT)
    assert (here(window)[0], focus().accessibleName()) == ("start", "Verbinden")


def test_back_gives_the_keys_to_what_led_away_though_the_day_is_made_anew(window: MainWindow) -> None:
    shown, met, wrong = window.pages["today"], set(), []
    for _ in range(30):
        name = focus().accessibleName()
        leads = isinstance(focus(), Opens | Button) and shown.isAncestorOf(focus()) and name not in met
        met.add(name)
        if leads and not name.startswith("Pack"):
            key(window, Key.Key_Return)
            if here(window)[0] != "today":
                key(window, Key.Key_Left, held=ALT)
                if (here(window)[0], focus().accessibleName()) != ("today", name):
                    wrong.append(f"{name}: back to {here(window)[0]}, {focus().accessibleName()}")
        press(focus(), Key.Key_Tab)
    assert len(met) > 10
    assert not wrong, "\n".join(wrong)
