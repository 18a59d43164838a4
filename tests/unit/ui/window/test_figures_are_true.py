"""What stands on a page is true: figures as a screen reader says them, beside what the command line answers in JSON.

The data is random but seeded (CRM_SEED=… for another), written through the product's own services into a real store.
Sums are made here again from single records, so that window and command line cannot share one mistake.
"""

import contextlib
import io
import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.services.quotes import NewLine
from crm_desktop.settings import Settings
from tests.unit.ui.window.shell_for_tests import FixedClock
from tests.unit.ui.window.window_for_tests import open_window, settle
from ui.cli.output import Output
from ui.cli.parser import build
from ui.compose import App
from ui.first_look import open_first_look
from ui.window.delegates import ID_ROLE
from ui.window.i18n import fmt_money, fmt_near_day, fmt_number, fmt_percent
from ui.window.main_window import MainWindow
from ui.window.views.account_page import AccountPage
from ui.window.views.outbox_page import OutboxPage
from ui.window.views.outcomes_page import OutcomesPage
from ui.window.views.quote_page import QuotePage
from ui.window.views.record_list_page import RecordListPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.views.today_page import TodayPage

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
SEED = int(os.environ.get("CRM_SEED", "20261122"))
NAME = QAccessible.Text.Name
OPEN = ("draft", "waiting_approval", "approved", "returned", "sent")


@pytest.fixture(scope="module")
def profile(qapp: QApplication) -> Iterator[App]:
    """One busy day for all tests here; none of them writes."""
    made = open_first_look(Settings(), FixedClock(NOW))
    invent(made, random.Random(SEED))
    yield made
    made.close()


@pytest.fixture
def window(app: QApplication, profile: App) -> Iterator[MainWindow]:
    made = open_window(profile)
    settle(made)
    yield made
    made.close()
    made.scheme.deleteLater()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def invent(app: App, dice: random.Random) -> None:
    """Quotes, visits and tasks of a busy day, some at the same customer, and runs of the sync."""
    seen_first = sorted(ask(app, "list", "account"), key=lambda row: str(row["name"]).casefold())[:12]
    accounts = dice.sample([row["id"] for row in seen_first], 6)
    products = [row["id"] for row in ask(app, "list", "product") if not row["discontinued"] and not row["is_charge"]]
    for _ in range(9):
        lines = [NewLine(one, Decimal(dice.randint(1, 90))) for one in dice.sample(products, dice.randint(1, 5))]
        quote_id = app.quotes.new_quote(dice.choice(accounts), lines=lines)
        if dice.random() < 0.4:
            app.quotes.send(ask(app, "quote", "show", quote_id)["revision"]["id"])
    for _ in range(8):
        starts = NOW + timedelta(minutes=dice.randint(-400_000, -60))
        app.records.create(
            "visit",
            {"account_id": dice.choice(accounts), "owner_id": app.user_id, "starts_at": format_instant(starts),
             "status": dice.choice(("done", "planned")), "subject": "Thrown in"},
        )  # fmt: skip
    sent = [row["id"] for row in ask(app, "list", "quote_revision") if row["status"] == "sent"]
    for revision_id, reason in zip(sent[:3], ("budget", "no_decision", ""), strict=False):
        if reason:
            app.outcomes.lose(revision_id, reason)
        else:
            app.outcomes.order(revision_id)
    for number in range(dice.randint(2, 6)):
        due = (NOW + timedelta(days=dice.randint(-9, 3))).date()
        app.tasks.add(f"Task {number}", account_id=dice.choice(accounts), due_on=due)
    for _ in range(dice.randint(2, 5)):
        at = format_instant(NOW - timedelta(minutes=dice.randint(5, 900)))
        app.store.log_session({
            "started_at": at, "ended_at": at, "pushed": dice.randint(0, 4000), "pulled": dice.randint(0, 90_000),
            "evicted": 0, "deleted": 0, "conflicts": 0, "bytes_out": dice.randint(1, 9_000_000),
            "bytes_in": dice.randint(1, 90_000_000), "requests": 3, "error_code": None, "digest_ok": True,
        })  # fmt: skip


def ask(app: App, *words: str) -> Any:
    """What the command line answers."""
    arguments = build().parse_args(["--json", *words, *(("--limit", "100000") if words[0] == "list" else ())])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert arguments.run(app, arguments, Output(True, "en")) == 0
    return json.loads(said.getvalue())


def spoken(widget: QWidget) -> list[str]:
    """What a screen reader says of each visible label inside."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisible()]
    return [QAccessible.queryAccessibleInterface(label).text(NAME).strip() for label in labels]


def row_said(view: QAbstractItemView, row: int) -> list[str]:
    """What it says of each cell of a row."""
    cells = [view.model().index(row, column) for column in range(view.model().columnCount())]
    said = (cell.data(Qt.ItemDataRole.AccessibleTextRole) or cell.data(Qt.ItemDataRole.DisplayRole) for cell in cells)
    return [str(text or "") for text in said]


def open_sum(app: App, account_id: str) -> Decimal:
    """The net of what is offered to a customer: the newest revision of each quote, while it is open."""
    total = Decimal(0)
    for quote in ask(app, "show", "account", account_id)["children"].get("quote", []):
        whole = ask(app, "show", "quote", quote["id"])["children"]
        newest = max(whole["quote_revision"], key=lambda revision: revision["revision"])
        if newest["status"] in OPEN:
            lines = [line for line in whole.get("quote_line", []) if line["revision_id"] == newest["id"]]
            total += sum((Decimal(line["line_total"]) for line in lines if not line["optional"]), Decimal(0))
    return total


def test_counts_of_the_navigation(window: MainWindow) -> None:
    said = [str(window.nav.list.model().index(row, 0).data(11)) for row in range(window.nav.list.model().rowCount())]
    for entity, words in (("account", "Accounts"), ("contact", "Contacts"), ("quote", "Quotes")):
        assert f"{words}, {fmt_number(len(ask(window.app, 'list', entity)))}" in said
    entries = ask(window.app, "outbox")["entries"]
    assert f"Outbox, {fmt_number(len(entries))}" in said
    assert window.strip.waiting.accessibleName() == f"{fmt_number(len(entries))} changes wait"


def test_the_list_of_accounts(window: MainWindow) -> None:
    window.navigate("accounts")
    settle(window)
    page = window.pages["accounts"]
    assert isinstance(page, RecordListPage)
    known = {row["id"]: row for row in ask(window.app, "list", "account")}
    shown = [page.table.model().index(at, 0).data(ID_ROLE) for at in range(40)]
    assert shown[:12].count(None) == 0
    for at, account_id in enumerate(one for one in shown if one is not None):  # more are read as one scrolls
        row, cells = known[account_id], row_said(page.table, at)
        visits = ask(window.app, "show", "account", row["id"])["children"].get("visit", [])
        last = max((visit["starts_at"] for visit in visits if visit["status"] == "done"), default=None)
        assert cells[0].startswith(row["name"])
        assert row["city"] in cells[2]
        assert cells[3].strip("–") == (fmt_near_day(parse_instant(last), NOW) if last else ""), row["name"]
        total = open_sum(window.app, row["id"])
        assert cells[4].strip("–") == (fmt_money(total, "EUR") if total else ""), row["name"]


def test_an_account_page(window: MainWindow) -> None:
    offered = {quote["account_id"] for quote in ask(window.app, "list", "quote")}
    assert len(offered) >= 4
    for account_id in sorted(offered)[:4]:
        window.navigate("account", account_id=account_id)
        settle(window)
        page = window.pages["account"]
        assert isinstance(page, AccountPage)
        words = spoken(page.head)
        total = open_sum(window.app, account_id)
        orders = ask(window.app, "show", "account", account_id)["children"].get("order", [])
        counted = [order for order in orders if order["status"] != "cancelled"]
        after = dict(pairwise(words))
        assert after["Open quotes"] == (fmt_money(total, "EUR") if total else "–")
        assert after["Orders"] == (fmt_number(len(counted)) if counted else "–")


def test_a_quote_page(window: MainWindow) -> None:
    waiting = [row for row in ask(window.app, "list", "quote") if row["state"] != "synced"]
    assert waiting
    for quote in waiting[:4]:
        window.navigate("quote", quote_id=quote["id"])
        settle(window)
        page = window.pages["quote"]
        assert isinstance(page, QuotePage)
        told = ask(window.app, "quote", "show", quote["id"])
        words = spoken(page.totals)
        after = dict(pairwise(words))
        net = sum((Decimal(line["line_total"]) for line in told["lines"] if not line["optional"]), Decimal(0))
        assert after["Net"] == fmt_money(net, "EUR") == fmt_money(told["net"], "EUR")
        assert after["Total"] == fmt_money(told["gross"], "EUR")


def test_today(window: MainWindow) -> None:
    window.navigate("today")
    settle(window)
    page = window.pages["today"]
    assert isinstance(page, TodayPage)
    app, day = window.app, NOW.astimezone().date()
    visits = [
        visit
        for visit in ask(app, "list", "visit")
        if visit["owner_id"] == app.user_id and parse_instant(visit["starts_at"]).astimezone().date() == day
    ]
    tasks = ask(app, "task", "list", "--until", day.isoformat())
    after = dict(pairwise(spoken(page)))
    assert visits
    assert after["Visits"] == str(len(visits))
    assert len([task for task in tasks if task["status"] == "open"]) == int(after.get("Tasks due", "0") or 0)


def test_what_was_won_and_lost(window: MainWindow) -> None:
    window.navigate("outcomes")
    settle(window)
    page = window.pages["outcomes"]
    assert isinstance(page, OutcomesPage)
    told = ask(window.app, "report", "won-lost")
    texts = spoken(page)
    for name in ("won", "lost"):
        assert told[name]
        (amount,) = told[f"{name}_total"].values()
        assert texts[texts.index(name.capitalize()) + 1] == fmt_money(Decimal(amount), "EUR")
    assert fmt_percent(told["rate_percent"]) in texts
    assert page.model.rowCount() == len(told["lost"])
    for at, one in enumerate(told["lost"]):
        said = " ".join(row_said(page.table, at))
        assert one["title"] in said
        assert fmt_money(Decimal(one["amount"]), one["currency"]) in said
    assert sum(group["count"] for group in told["reasons"]) == len(told["lost"])


def test_outbox_and_history(window: MainWindow) -> None:
    window.navigate("outbox")
    settle(window)
    page = window.pages["outbox"]
    assert isinstance(page, OutboxPage)
    entries = ask(window.app, "outbox")["entries"]
    assert entries
    assert any(fmt_number(len(entries)) in text.split() for text in spoken(page))
    window.navigate("sync_history")
    settle(window)
    history = window.pages["sync_history"]
    assert isinstance(history, SyncHistoryPage)
    runs = window.app.store.read(lambda reader: reader.sync_history(50))
    assert runs
    for at, run in enumerate(runs):
        said = " ".join(row_said(history.table, at))
        assert fmt_number(run["pushed"]) in said
        assert fmt_number(run["pulled"]) in said
