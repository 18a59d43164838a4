"""A day reads what it shows: many more customers and visits take no more steps of the database."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crm_desktop.model.wire import clean_row, columns
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.news import LATEST_LOOKED_AT
from tests.fresh_files import open_fresh
from tests.standing_clock import StandingClock
from ui.presenters.day_route import load_day
from ui.presenters.today import OVERDUE_SHOWN, load_overdue, load_today

ME = "user-anne"
NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
TODAY = NOW.astimezone().date()


def receive(store: ClientStore, seq: int, first: int, count: int) -> None:
    """Customers with three visits each, as the server sends them."""
    accounts, visits = [], []
    for number in range(first, first + count):
        account_id = f"a{number:05}"
        row = clean_row("account", {"name": f"Firma {number}", "owner_id": ME, "visit_rhythm_days": 30})
        accounts.append([account_id, account_id, 0, *(row[name] for name in columns("account"))])
        for month in (1, 2, 3):
            row = clean_row("visit", {"account_id": account_id, "owner_id": ME, "status": "done", "note": "as ever",
                                      "starts_at": f"2026-0{month}-03T09:00:00.000Z"})  # fmt: skip
            visits.append([f"v{number:05}-{month}", account_id, 0, *(row[name] for name in columns("visit"))])
    put = [{"e": "account", "cols": list(columns("account")), "rows": accounts},
           {"e": "visit", "cols": list(columns("visit")), "rows": visits}]  # fmt: skip
    page = {
        "epoch": "epoch-1", "asked": {"seq": seq, "commit_id": f"c{seq}" if seq else ""},
        "cursor": {"seq": seq + 1, "commit_id": f"c{seq + 1}"}, "more": False, "scopes": [f"user:{ME}"],
        "scope_sets": [[f"user:{ME}"]], "digest": None,
        "commits": [{"seq": seq + 1, "put": put, "gone": [], "evict": []}],
    }  # fmt: skip
    assert store.apply_page(page).applied


def steps(store: ClientStore, work: Callable[[], object]) -> int:
    """Instructions the database ran, in hundreds."""
    taken = 0

    def tick() -> int:
        nonlocal taken
        taken += 1
        return 0

    store.read(lambda reader: reader._connection.set_progress_handler(tick, 100))
    work()
    store.read(lambda reader: reader._connection.set_progress_handler(None, 0))
    return taken


def test_many_more_customers_take_no_more_steps(tmp_path: Path) -> None:
    few = LATEST_LOOKED_AT + 10  # the day looks no farther

    def today() -> object:
        return load_today(store, ME, NOW)

    def plan() -> object:
        return store.read(lambda reader: load_day(reader, ME, TODAY))

    with open_fresh(tmp_path, b"k" * 32, StandingClock(NOW)) as store:
        store.enrol("device-1", "D7F", ME, "epoch-1")
        receive(store, 0, 0, few)
        before = steps(store, today), steps(store, plan)
        receive(store, 1, few, 350)
        after = steps(store, today), steps(store, plan)
        assert after[0] <= before[0] + 5
        assert after[1] <= before[1] + 5
        found, count = load_overdue(store, ME, TODAY)
        assert (len(found), count) == (OVERDUE_SHOWN, few + 350)
