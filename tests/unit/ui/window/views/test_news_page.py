"""What colleagues changed and what waits for an answer, in the whole window: told once, also over a restart."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.shell_for_tests import LAURA, ME, focus, open_app, press, receive, world
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.presenters.news import load_log
from ui.window.main_window import MainWindow
from ui.window.views.news_page import NewsPage
from ui.window.views.quote_page import QuotePage
from ui.window.views.search_rows import Line
from ui.window.widgets.label import Label

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    profile = open_app(tmp_path / "profile", NOW)
    receive(profile.store, world(NOW))
    made = open_window(profile)
    made.navigate("today")
    arrive(made, {"tag": [{"id": "tag-1", "name": "Fair"}], "account": [{"id": "acc-9", "name": "Before"}]})
    yield made
    shut(made)


def arrive(window: MainWindow, rows: dict[str, list[dict[str, Any]]]) -> None:
    """A commit of somebody else, and what the window makes of it."""
    settle(window)
    looked: list[object] = []
    window.news.changed.connect(looked.append)
    receive(window.app.store, rows)
    settle(window, lambda: bool(looked))
    window.news.changed.disconnect(looked.append)


def feed(window: MainWindow) -> list[str]:
    page = window.pages["news"]
    assert isinstance(page, NewsPage)
    rows = [page.rows.row(at) for at in range(page.rows.rowCount())]
    return [row.text for row in rows if isinstance(row, Line)]


def test_changes_of_others_stand_in_the_feed_and_open(window: MainWindow) -> None:
    arrive(window, {"account": [{"id": "acc-2", "name": "Königlich Essen", "customer_class": "A"}]})
    arrive(
        window,
        {
            "channel": [{"id": "ch-1", "contact_id": "con-1", "kind": "phone", "value": "030-1"}],
            "product": [{"id": "p-new", "name": "No news of a customer"}],
        },
    )
    assert load_log(window.app.store).unseen == 2
    window.navigate("news")
    settle(window)
    assert [line.split(",")[0] for line in feed(window)] == ["Maria Anders", "Königlich Essen"]
    assert load_log(window.app.store).unseen == 0, "looking at it is seeing it"
    page = window.pages["news"]
    assert isinstance(page, NewsPage)
    assert page.rows.row(1).title[0].hit, "what was new stays marked while one looks"
    press(focus(), Qt.Key.Key_Down)
    press(focus(), Qt.Key.Key_Return)
    settle(window)
    here = window.history.here()
    assert here is not None
    assert (here.page, here.where) == ("account", {"account_id": "acc-2"})


def test_what_comes_while_one_looks_is_shown_and_is_no_figure_any_more(window: MainWindow) -> None:
    arrive(window, {"account": [{"id": "acc-2", "name": "Königlich Essen", "customer_class": "A"}]})
    assert window.nav._counts["news"][0] == "1"
    window.navigate("news")
    settle(window)
    assert window.nav._counts["news"][0] == ""
    arrive(window, {"account": [{"id": "acc-3", "name": "Kaffeehaus Müller & Sohn", "customer_class": "B"}]})
    settle(window, lambda: len(feed(window)) == 2)
    assert window.nav._counts["news"][0] == ""


def test_own_work_is_no_news(window: MainWindow) -> None:
    window.app.records.update("account", "acc-1", {"industry": "Food"})
    settle(window)
    assert load_log(window.app.store).items == ()


def revision(status: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        "quote": [{"id": "q", "number": "D7F-7", "account_id": "acc-1", "owner_id": ME}],
        "quote_revision": [{"id": "r", "quote_id": "q", "revision": 1, "status": status, **more}],
    }


def toast(window: MainWindow) -> str:
    return window.toast_widget.accessibleName() if window.toast_widget.isVisible() else ""


def test_an_answer_is_told_and_opened_from_the_toast(window: MainWindow) -> None:
    arrive(window, revision("approved", requested_by=ME, decided_by=LAURA, decided_at="2026-11-19T09:00:00.000Z"))
    assert "D7F-7" in toast(window)
    window.toast_widget.button.click()
    settle(window)
    here = window.history.here()
    assert here is not None
    assert (here.page, here.where) == ("quote", {"quote_id": "q"})


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (revision("waiting_approval", requested_by=LAURA), "waits for your approval"),
        (revision("returned", requested_by=ME, decided_by=LAURA), "returned"),
        ({"case": [{"id": "c", "subject": "Broken box", "owner_id": ME, "created_by": LAURA}]}, "Broken box"),
        ({"quarantine": [{"id": "x", "txn_id": "t", "user_id": ME, "status": "open"}]}, "not accepted"),
        ({"conflict": [{"id": "k", "entity": "account", "record_id": "acc-1", "field": "name", "mine_by": ME,
                        "status": "open"}]}, "Alfreds"),
    ],
)  # fmt: skip
def test_what_waits_is_told_once(window: MainWindow, rows: dict[str, list[dict[str, Any]]], word: str) -> None:
    arrive(window, rows)
    assert word in toast(window)
    told = load_log(window.app.store).told
    assert len(told) == 1
    window.toast_widget.hide()
    arrive(window, rows)
    assert toast(window) == "", "the same again is not told again, and the log outlives the window"
    assert load_log(window.app.store).told == told


def test_the_word_of_a_return_stands_in_the_notice_and_on_the_quote_one_works_on(window: MainWindow) -> None:
    word = "Two per cent less on the Chai, and then it may go out today, please."
    asked = {"requested_by": ME, "requested_at": "2026-11-19T08:00:00.000Z", "quote_date": "2026-11-19"}
    arrive(window, revision("waiting_approval", **asked))
    window.navigate("quote", quote_id="q")
    settle(window)
    decided = {"decided_by": LAURA, "decided_at": "2026-11-19T09:00:00.000Z", "decision_note": word}
    arrive(window, revision("returned", **asked, **decided))
    assert word in toast(window)
    page = window.pages["quote"]
    assert isinstance(page, QuotePage)
    settle(window)
    assert word in page.warning.banner.accessibleDescription()
    page.bar.edit_again.setFocus()
    press(focus(), Qt.Key.Key_Space)
    settle(window, lambda: page.editor.editable)
    assert word in page.warning.banner.accessibleDescription(), "what is to be done stays while it is being done"
    assert "Laura Callahan" in page.warning.banner.accessibleDescription()


def test_a_notice_that_is_too_long_is_shortened_and_keeps_its_button(window: MainWindow) -> None:
    window.resize(960, 600)
    word = "less " * 40
    arrive(window, revision("returned", requested_by=ME, decided_by=LAURA, decision_note=word))
    assert window.toast_widget.width() <= window.width()
    (said,) = [label for label in window.toast_widget.findChildren(Label) if "returned" in label.plain_text()]
    assert said.elides(), "cut in the middle of a letter otherwise"
    assert said.toolTip() == toast(window)
    button = window.toast_widget.button
    assert button.geometry().right() < window.toast_widget.width()
    assert button.width() >= button.sizeHint().width()


def test_what_waits_for_others_is_not_told(window: MainWindow) -> None:
    arrive(window, revision("waiting_approval", requested_by=ME))
    arrive(window, {"case": [{"id": "c", "subject": "Box", "owner_id": LAURA, "created_by": LAURA}]})
    assert toast(window) == ""
