"""A window with something on every page, and a walk over the pages and over what opens on them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from crm_desktop.errors import KnownError
from crm_desktop.model.wire import Row
from crm_desktop.services.quotes import NewLine
from crm_desktop.store.lists import Filter
from crm_desktop.store.reader import Reader
from tests.unit.ui.window.shell_for_tests import LAURA, ME, focus, open_app, press, receive, world
from tests.unit.ui.window.window_for_tests import open_window, settle
from ui.compose import App
from ui.window.main_window import MainWindow
from ui.window.pages import PAGES
from ui.window.views.record_list_page import RecordListPage

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
SIZE = (1280, 800)


def window_with_everything(folder: Path) -> MainWindow:
    """A change that waits, one that was refused, a conflict, a quote, runs of the sync."""
    profile = open_app(folder, NOW)
    receive(profile.store, world(NOW))
    lines = [NewLine("p-chai", Decimal(40)), NewLine("p-tofu", Decimal(12)), NewLine("p-vegie", Decimal(6))]
    quote = profile.quotes.new_quote("acc-1", lines=lines)
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
            "bytes_out": 1200, "bytes_in": 30000, "requests": 3, "error_code": code, "digest_ok": not code or None,
        })  # fmt: skip
    made = open_window(profile)
    made.resize(*SIZE)
    made.setProperty("quote", quote)
    made.setProperty("sent", _asked_and_sent(profile))
    settle(made)
    return made


def _asked_and_sent(profile: App) -> str:
    """A quote that waits for approval, and one that is sent, whose id is returned."""
    revisions = []
    for optional in (False, True):
        lines = [NewLine("p-chai", Decimal(60), Decimal(2)), NewLine("p-sirop", Decimal(24), optional=optional)]
        made = profile.quotes.new_quote("acc-1", "con-1", lines=lines)
        revisions += profile.store.read(partial(_revisions, made))
    profile.approvals.ask(revisions[0]["id"], "A year's need")
    profile.quotes.send(revisions[1]["id"])
    return str(revisions[1]["quote_id"])


def _revisions(quote_id: str, reader: Reader) -> list[Row]:
    return reader.where("quote_revision", quote_id=quote_id)


def places(window: MainWindow) -> dict[str, dict[str, Any]]:
    """Every page with something on it."""
    where: dict[str, dict[str, Any]] = {
        "account": {"account_id": "acc-1"},
        "note": {"visit_id": "vis-1"},
        "briefing": {"account_id": "acc-1"},
        "quote": {"quote_id": window.property("quote")},
        "order": {"order_id": "ord-1"},
        "record": {"entity": "account", "record_id": "acc-1"},
    }
    return {page: where.get(page, {}) for page in PAGES}


def show(window: MainWindow) -> Iterator[tuple[str, MainWindow]]:
    """Each page in turn, and what opens on them."""
    for page, where in places(window).items():
        window.navigate(page, **where)
        settle(window)
        yield page, window
    window.navigate("quote", quote_id=window.property("sent"))
    settle(window)
    yield "sent quote", window
    press(focus(), Qt.Key.Key_F8)
    settle(window)
    yield "customer view", window
    press(focus(), Qt.Key.Key_F8)
    settle(window)
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
