"""Pictures of every page with the sample data, for the eye; skipped unless CRM_SCREENSHOTS names a folder.

The help's own pictures come from here too: CRM_HELP_PICTURES names the folder they are packed in.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.full_store import PASSPHRASE, own_copy, put_pages
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from server.sample.record import sample_id
from tests.unit.ui.window.every_page import places, window_with_everything
from tests.unit.ui.window.many_records import NOW as MANY_NOW
from tests.unit.ui.window.many_records import colleagues_at_work, fill_every_page, something_happened
from tests.unit.ui.window.shell_for_tests import FixedClock, receive, type_text
from tests.unit.ui.window.window_for_tests import (
    ANNE,
    open_profile_for,
    open_window,
    sample_rows,
    settle,
    shut,
)
from ui.compose import open_profile
from ui.presenters.help_texts import TOPICS, pictures_of
from ui.presenters.news import load_log
from ui.window import i18n, theme
from ui.window.main_window import MainWindow
from ui.window.pages import PAGES

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
FOLDER = os.environ.get("CRM_SCREENSHOTS", "")
HELP_FOLDER = os.environ.get("CRM_HELP_PICTURES", "")
MANY = int(os.environ.get("CRM_MANY") or "100000")
NANCY = sample_id("user", "1")
LOOKS = (
    ("light", "en", 1440, 900),
    ("dark", "en", 1440, 900),
    ("light", "de", 1440, 900),
    ("dark", "de", 1440, 900),
    ("light", "en", 960, 600),
    ("dark", "de", 960, 600),
)
WIDTH_OF_A_PICTURE = 700
Step = tuple[str, Callable[[], object]]
SAMPLE = ("today", "accounts", "account", "contacts", "visits", "quotes", "orders", "tasks", "record", "settings")
"""Pages with the sample data; all pages stand with the small world, where something waits, is refused, conflicts."""


@pytest.mark.gallery
def test_pages_with_many_accounts(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PASSPHRASE", PASSPHRASE)
    with own_copy(MANY) as folder:
        profile = open_profile(folder, clock=FixedClock(MANY_NOW))
        star = profile.store.read(an_account_with_a_quote)
        fill_every_page(profile.store, star)
        something_happened(profile, star)
        window = open_window(profile)
        for heard in colleagues_at_work(star):  # what is heard first is no news yet
            put_pages(profile.store, iter(heard))
            settle(window, lambda: load_log(profile.store).seq >= profile.store.sync_state().cursor_seq)
        where = profile.store.read(partial(places_at, star))
        account = profile.store.read(lambda reader: reader.get("account", star)) or {}
        steps: list[Step] = [(page, partial(window.navigate, page, **where.get(page, {}))) for page in PAGES]
        draw(app, window, "many", [*steps, ("search", partial(search, window, account["name"][:6]))])
        shut(window)


def test_pages_with_the_sample_data(app: QApplication, tmp_path: Path) -> None:
    profile = open_profile_for(tmp_path / "profile", NOW, ANNE)
    receive(profile.store, sample_rows(NOW.date()))
    window = open_window(profile)
    account = sample_id("account", "ALFKI")
    where: dict[str, dict[str, Any]] = {
        "account": {"account_id": account}, "record": {"entity": "account", "record_id": account}
    }  # fmt: skip
    steps: list[Step] = [(page, partial(window.navigate, page, **where.get(page, {}))) for page in SAMPLE]
    draw(app, window, "sample", steps)
    shut(window)


@pytest.mark.gallery
def test_every_page_where_something_happened(app: QApplication, tmp_path: Path) -> None:
    window = window_with_everything(tmp_path / "profile")
    known = places(window)
    steps: list[Step] = [(page, partial(window.navigate, page, **known.get(page, {}))) for page in PAGES]
    draw(app, window, "all", [*steps, ("search", partial(search, window, "al"))])
    shut(window)


@pytest.mark.gallery
def test_what_the_sample_holds_on_every_page(app: QApplication, tmp_path: Path) -> None:
    profile = open_profile_for(tmp_path / "profile", NOW, NANCY)
    receive(profile.store, sample_rows(NOW.date()))
    window = open_window(profile)
    account = sample_id("account", "BERGS")
    quotes = profile.store.read(lambda reader: reader.where("quote", account_id=account))
    orders = profile.store.read(lambda reader: reader.where("order", account_id=account))
    visits = profile.store.read(lambda reader: reader.where("visit", account_id=account, status="done"))
    where: dict[str, dict[str, Any]] = {
        "account": {"account_id": account}, "record": {"entity": "account", "record_id": account},
        "briefing": {"account_id": account}, "quote": {"quote_id": quotes[0]["id"]},
        "order": {"order_id": orders[0]["id"]}, "note": {"visit_id": visits[0]["id"]},
    }  # fmt: skip
    pages = [page for page in PAGES if page not in SAMPLE or page in ("today", "account")]
    steps: list[Step] = [(page, partial(window.navigate, page, **where.get(page, {}))) for page in pages]
    draw(app, window, "nancy", [*steps, ("search", partial(search, window, "ber"))])
    shut(window)


def an_account_with_a_quote(reader: Reader) -> str:
    """That of a quote in the middle of all."""
    ids = reader.row_ids(ListQuery("quote", (), "number"))
    return str(reader.rows("quote", [ids[len(ids) // 2]])[0]["account_id"])


def places_at(star: str, reader: Reader) -> dict[str, dict[str, Any]]:
    """Where the pages of one record lead: that account, and its quote, order and visit."""
    account = {"account_id": star}
    quotes, orders = reader.where("quote", **account), reader.where("order", **account)
    visits = reader.where("visit", status="done", **account)
    return {
        "account": account, "briefing": account, "record": {"entity": "account", "record_id": star},
        "quote": {"quote_id": quotes[0]["id"]}, "order": {"order_id": orders[0]["id"]},
        "note": {"visit_id": visits[0]["id"]},
    }  # fmt: skip


@pytest.mark.gallery
def test_pictures_of_the_help(app: QApplication, tmp_path: Path) -> None:
    wanted = set(of_the_help())
    small = window_with_everything(tmp_path / "small")
    known = places(small)
    for language in i18n.LANGUAGES:
        dress(app, small, "light", language, 1180, 720)
        for page in sorted(wanted - {"search"}):
            small.navigate(page, **known.get(page, {}))
            settle(small)
            keep(small, page, language)
        search(small, "al")
        settle(small)
        keep(small, "search", language)
        small.overlay.close_overlay()
    made = {file.name for file in Path(HELP_FOLDER).glob("*.png")}
    assert made == {f"{name}-{language}.png" for name in wanted for language in i18n.LANGUAGES}
    shut(small)


def of_the_help() -> Iterator[str]:
    """The names of the pictures its texts ask for."""
    folder = Path(__file__).parents[5] / "resources" / "help" / "en"
    for topic, _ in TOPICS:
        yield from pictures_of((folder / f"{topic}.md").read_text(encoding="utf-8"))


def keep(window: MainWindow, name: str, language: str) -> None:
    """Smaller than the window: a help page shows what a page looks like, not each word on it."""
    picture = window.grab().toImage().scaledToWidth(WIDTH_OF_A_PICTURE, Qt.TransformationMode.SmoothTransformation)
    picture = picture.convertToFormat(QImage.Format.Format_RGB888)
    picture.save(str(Path(HELP_FOLDER) / f"{name}-{language}.png"), quality=0)


def search(window: MainWindow, text: str) -> None:
    window.search()
    settle(window)
    if not window.overlay.field.text():
        type_text(text)


def dress(app: QApplication, window: MainWindow, scheme: str, language: str, width: int, height: int) -> None:
    window.app.change_settings(language=language, theme=scheme)  # what the page of the settings shows is true
    theme.apply_theme(app, "dark" if scheme == "dark" else "light")
    i18n.set_language("de" if language == "de" else "en")
    window.resize(width, height)


def draw(app: QApplication, window: MainWindow, name: str, steps: list[Step]) -> None:
    """Each step in every look; without a folder only the first look, to see that it can be drawn."""
    for scheme, language, width, height in LOOKS if FOLDER else LOOKS[:1]:
        dress(app, window, scheme, language, width, height)
        for page, go in steps:
            go()
            settle(window)
            QTest.qWait(20)  # what rows that have just arrived ask for in turn: the preview beside them
            settle(window)
            shown = window.grab()
            assert window.width() == width, f"{page} made the window grow"
            if FOLDER:
                shown.save(str(Path(FOLDER) / f"{name}-{page}-{width}-{scheme}-{language}.png"))
        if window.overlay is not None:
            window.overlay.close_overlay()
