"""No text is cut and none is untranslated: every page in German and in a longer, bracketed language."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.dates import get_day_names, get_month_names
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import KnownError
from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Choice, EntityFacts, Facts
from crm_desktop.store.lists import Filter
from tests.unit.ui.window.seen_texts import Seen, outside, seen_texts
from tests.unit.ui.window.shell_for_tests import LAURA, ME, open_app, press, receive, world
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.catalogue import Message, catalogue
from ui.window import i18n
from ui.window.main_window import MainWindow
from ui.window.pages import PAGES
from ui.window.views.record_list_page import RecordListPage

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
SIZE = (1280, 800)
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
# What is written alike in every language.
ALIKE = {"https", "crm", "example", "com", "English", "Deutsch", "Python", "Qt", "König"}


def stretched(text: str) -> str:
    """40 % longer, in brackets, its placeholders untouched; the lines of a choice apart."""
    if "|" in text:
        return "|".join(stretched(part) for part in text.split("|"))
    length = len(_PLACEHOLDER.sub("", text))
    more = "~" * max(1, round(length * 0.4))
    return f"[{text}{' '.join(more[at : at + 6] for at in range(0, len(more), 6))}]"


def _stretch(message: Message) -> Message:
    return stretched(message) if isinstance(message, str) else {k: stretched(v) for k, v in message.items()}


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English becomes the longer language, in the catalogue and in the declaration."""
    messages = catalogue("en")
    before = dict(messages)
    messages.update({key: _stretch(message) for key, message in before.items()})

    def bracket(label: Callable[..., str]) -> Callable[..., str]:
        return lambda *args, **more: stretched(label(*args, **more))

    monkeypatch.setattr(Choice, "label", bracket(Choice.label))
    monkeypatch.setattr(Facts, "label", bracket(Facts.label))
    monkeypatch.setattr(EntityFacts, "label", bracket(EntityFacts.label))
    yield
    messages.update(before)


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """Something on every page: a change that waits, one that was refused, a conflict, a quote, a run."""
    profile = open_app(tmp_path / "profile", NOW)
    receive(profile.store, world(NOW))
    quote = profile.quotes.new_quote("acc-1")
    profile.records.update("account", "acc-2", {"industry": "Food", "customer_class": "A"})
    refused = {"ops": [{"k": "patch", "op_id": "o", "e": "account", "id": "acc-2",
                        "set": {"name": {"base_ver": 1, "old": "Königlich Essen", "new": "König"}}}]}  # fmt: skip
    conflict = {"id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "payment_terms_days",
                "before": '{"payment_terms_days": 14}', "mine": '{"payment_terms_days": 21}',
                "theirs": '{"payment_terms_days": 30}', "rule": "ask", "mine_at": "2026-11-18T15:52:00.000Z",
                "theirs_at": "2026-11-18T16:20:00.000Z", "mine_by": ME, "theirs_by": LAURA,
                "status": "open"}  # fmt: skip
    receive(
        profile.store,
        {
            "conflict": [conflict],
            "quarantine": [{"id": "q-1", "txn_id": "t-1", "reason": "no_permission", "payload": json.dumps(refused),
                            "user_id": ME, "status": "open"}],
        },
    )  # fmt: skip
    for code, at in ((None, "2026-11-19T07:41:02.000Z"), ("offline", "2026-11-19T08:41:02.000Z")):
        profile.store.log_session({
            "started_at": at, "ended_at": at, "pushed": 3, "pulled": 128, "evicted": 0, "deleted": 1, "conflicts": 1,
            "bytes_out": 1200, "bytes_in": 30000, "requests": 3, "error_code": code, "digest_ok": code is None,
        })  # fmt: skip
    made = open_window(profile)
    made.resize(*SIZE)
    made.setProperty("quote", quote)
    settle(made)
    yield made
    shut(made)


def places(window: MainWindow) -> dict[str, dict[str, Any]]:
    """Every page with something on it."""
    where: dict[str, dict[str, Any]] = {
        "account": {"account_id": "acc-1"},
        "note": {"visit_id": "vis-1"},
        "quote": {"quote_id": window.property("quote")},
        "order": {"order_id": "ord-1"},
        "record": {"entity": "account", "record_id": "acc-1"},
    }
    return {page: where.get(page, {}) for page in PAGES}


def data(window: MainWindow) -> list[str]:
    """Every text the store holds, longest first."""

    def read(reader: Any) -> set[str]:
        return {
            part
            for entity in ENTITIES
            for row in reader.where(entity)
            for value in row.values()
            for part in ([value] if isinstance(value, str) else value if isinstance(value, list) else [])
            if len(part) > 1
        }

    return sorted(window.app.store.read(read), key=len, reverse=True)


def names_of_time() -> list[str]:
    """Months and days as the calendar of the language writes them."""
    return sorted(
        {
            name
            for width in ("wide", "abbreviated")
            for names in (get_month_names(width, locale="en_GB"), get_day_names(width, locale="en_GB"))
            for name in names.values()
        },
        key=len,
        reverse=True,
    )


def untranslated(text: str, known: list[str]) -> str:
    """What is left of a text without what is translated, stored, or a date or figure; '' where nothing is."""
    while (shorter := _BRACKETED.sub(" ", text)) != text:
        text = shorter
    for name in known:
        text = text.replace(name, " ")
    return " ".join(word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in ALIKE)


def told(page: str, seen: Seen) -> str:
    """One line about a text that is cut."""
    return f"{page}: {seen.where} lacks {seen.lacks} px for “{seen.text}”"


def show(window: MainWindow) -> Iterator[tuple[str, MainWindow]]:
    """Each page in turn, and what opens on them."""
    for page, where in places(window).items():
        window.navigate(page, **where)
        settle(window)
        yield page, window
    window.navigate("accounts")
    settle(window)
    lists = window.pages["accounts"]
    assert isinstance(lists, RecordListPage)
    press(lists.table, Qt.Key.Key_F)
    settle(window)
    yield "filter editor", window
    lists.editor.closed.emit()
    lists.conditions.set_filters((Filter("customer_class", "=", "A"), Filter("last_visit_at", "older", 365)))
    settle(window)
    yield "empty list", window
    window.toast("", lambda: None)
    window.show_error(KnownError("disk_full", "The disk is full.", "Free some space."))
    settle(window)
    yield "error", window
    window.search()
    settle(window)
    yield "search", window


def test_german_fits(window: MainWindow) -> None:
    i18n.set_language("de")
    cut = []
    for page, shown in show(window):
        assert shown.width() == SIZE[0], f"{page} made the window grow to {shown.size()}"
        cut += [told(page, seen) for seen in seen_texts(shown) if seen.lacks]
        cut += [f"{page}: {text}" for text in outside(shown)]
    assert not cut, "\n".join(cut)


@pytest.mark.usefixtures("pseudo")
def test_longer_words_fit_and_nothing_is_untranslated(window: MainWindow) -> None:
    window._retranslate("en")
    known = [str(window.app.folder), *data(window), *names_of_time()]
    cut, bare = [], set()
    for page, shown in show(window):
        assert shown.width() == SIZE[0], f"{page} made the window grow to {shown.size()}"
        for seen in seen_texts(shown):
            if seen.lacks:
                cut.append(told(page, seen))
            left = untranslated(seen.text, known)
            if left:
                bare.add(f"{page}: {seen.where} says “{seen.text}” ({left})")
        cut += [f"{page}: {text}" for text in outside(shown)]
    assert not bare, "\n".join(sorted(bare))
    assert not cut, "\n".join(cut)
