"""What a save costs, in counts that no load of the machine changes: statements and pages written."""

from itertools import groupby
from typing import TYPE_CHECKING

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, patch
from crm_desktop.store.reader import Reader

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

FRAME = 4096 + 24  # a page in the write-ahead log


def _statements(store: ClientStore, intent: Intent) -> list[str]:
    """First words of what a save runs; SQLite tells a statement with triggers twice, and comments on its own work."""
    heard: list[str] = []
    store._connection.set_trace_callback(heard.append)
    store.commit([intent])
    store._connection.set_trace_callback(None)
    own = [" ".join(text.replace("OR IGNORE ", "").split()[:3]) for text in heard if not text.startswith("--")]
    return [text for text, _ in groupby(own)]


def test_a_save_runs_no_statement_more_than_it_needs(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", name): {"name": name} for name in "abc"}))
    store.commit([patch("account", "a", {"employees": 1})])
    assert _statements(store, patch("account", "b", {"employees": 2})) == [
        "BEGIN IMMEDIATE",
        "PRAGMA data_version",  # whether another program has written to the file
        "SELECT rowid, EXISTS",  # the record, and whether operations wait on it
        "INSERT INTO outbox_txn",
        "INSERT INTO outbox_op",
        "INSERT INTO mirror",  # what the server said: the base of a conflict
        'UPDATE "account" SET',
        "COMMIT",
    ]


def test_a_save_writes_few_pages(store: ClientStore, pages: "Pages") -> None:
    ids = [f"{number:04d}" for number in range(300)]
    store.apply_page(pages.page({("account", name): {"name": f"Account {name}"} for name in ids}))
    store.commit([patch("account", ids[0], {"employees": 1})])
    log = store.path.with_name(store.path.name + "-wal")
    before = log.stat().st_size
    for name in ids[1:101]:
        store.commit([patch("account", name, {"employees": 7})])
    assert (log.stat().st_size - before) / FRAME / 100 <= 9


def test_lists_by_title_go_by_the_sort_key_and_a_save_keeps_no_second_index(store: ClientStore) -> None:
    def plans(reader: Reader) -> tuple[str, set[str]]:
        run = reader._connection.execute
        plan = run("EXPLAIN QUERY PLAN SELECT rowid FROM account e ORDER BY e.sort_key, e.rowid LIMIT 50").fetchall()
        made = run("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'account'").fetchall()
        return " ".join(str(row[-1]) for row in plan), {str(row[0]) for row in made}

    plan, indexes = store.read(plans)
    assert "INDEX ix_account_sort_key" in plan
    assert "TEMP B-TREE" not in plan
    assert "ix_account_name" not in indexes
    assert "ix_account_owner_id" in indexes
