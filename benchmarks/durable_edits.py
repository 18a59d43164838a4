"""Durable edits through the product against bare SQLCipher transactions that write the same rows.

Two loads. Records that came from the server, each edited for the first time: the save keeps what the server said
(the base of a conflict), changes the row and queues transaction and operation, four rows. Records made on this laptop
and edited again and again: row, transaction and operation, three rows. The bare side has the product's tables and
indexes and writes the same rows, one fsync each; it has no guard, no search index, reads nothing, and has no Python
beside these statements.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.figure import Figure
from benchmarks.floor_files import KEY, product_schema
from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import connect
from crm_desktop.store.intents import create, patch

EDITS = 100
ROUNDS = 15
LEAST = 0.5
LEAST_NAME = 0.4  # the search index, which the bare side has not, changes too
ROW = {"name": "Before", "industry": "Machines", "website": "https://www.example.com"}
Edit = Callable[[str, int], dict[str, Any]]


def measure(edits: int = EDITS, rounds: int = ROUNDS) -> tuple[Figure, ...]:
    """Ratio of the rates, product to bare: of a plain field, and of the name, which lists and search hang on."""
    return tuple(
        _measure(what, column, change, edits, rounds, least, pulled)
        for pulled in (True, False)
        for what, column, change, least in (
            ("a plain field", "employees", _employees, LEAST),
            ("the name", "name", _name, LEAST_NAME),
        )
    )


def _employees(_id: str, turn: int) -> dict[str, Any]:
    return {"employees": turn}


def _name(_id: str, turn: int) -> dict[str, Any]:
    return {"name": f"Edited in round {turn}"}


def _measure(what: str, column: str, change: Edit, edits: int, rounds: int, least: float, pulled: bool) -> Figure:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        store = ClientStore.open(folder / "product", KEY, SystemClock())
        if pulled:
            ids = [new_id() for _ in range(edits * rounds + 1)]
            store.apply_page(pulled_accounts(ids))
        else:
            ids = [new_id() for _ in range(edits + 1)]
            for record_id in ids:
                store.commit([create("account", record_id, ROW)])
            ids = ids[:-1] * rounds + ids[-1:]
        store.commit([patch("account", ids[-1], change(ids[-1], 0))])
        bare_file = BareFile(folder, store.path, pulled)

        pairs: list[tuple[float, float]] = []
        for turn in range(1, rounds + 1):
            mine = bare = 0.0
            # Edit by edit in turn: the price of an fsync wanders more from second to second than what is measured.
            for record_id in ids[(turn - 1) * edits : turn * edits]:
                values = change(record_id, turn)
                began = time.perf_counter()
                store.commit([patch("account", record_id, values)])
                between = time.perf_counter()
                bare_file.edit(record_id, column, values[column])
                bare += time.perf_counter() - between
                mine += between - began
            pairs.append((mine, bare))
        store.close()
        bare_file.connection.close()
    ratio = median(bare / mine for mine, bare in pairs)
    mine, bare = (edits / median(column) for column in zip(*pairs, strict=True))
    detail = f"{mine:.0f} against {bare:.0f} edits a second, {rounds} rounds of {edits}, edit by edit in turn"
    kind = "first of a pulled record" if pulled else "again and again of an own record"
    title = f"Durable edits of {what}, {kind}, rate of bare transactions"
    return Figure(title, ratio, least, "x", detail, at_least=True)


def pulled_accounts(ids: Sequence[str]) -> dict[str, Any]:
    """What a server would send: accounts, all in one commit."""
    row = clean_row("account", ROW)
    values = [row[name] for name in columns("account")]
    told = {"e": "account", "cols": list(columns("account")), "rows": [[i, i, 0, *values] for i in ids]}
    return {
        "epoch": "e",
        "asked": {"seq": 0, "commit_id": ""},
        "cursor": {"seq": 1, "commit_id": "c"},
        "more": False,
        "scopes": ["all"],
        "scope_sets": [["all"]],
        "commits": [{"seq": 1, "put": [told], "gone": [], "evict": []}],
        "digest": None,
    }


class BareFile:
    """A file of the product's DDL, filled with its account rows; its outbox rows serve as patterns."""

    def __init__(self, folder: Path, product: Path, pulled: bool) -> None:
        source = connect(product, KEY, read_only=True)
        accounts = source.execute("SELECT * FROM account").fetchall()
        self._txn = self._pattern(source, "outbox_txn", "n")
        self._op = self._pattern(source, "outbox_op", "txn")
        self._base = self._pattern(source, "mirror", "id") if pulled else {}
        source.close()
        self.connection = sqlcipher.connect(str(folder / "bare.db"), isolation_level=None)
        self.connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        for statement in product_schema(folder / "empty"):
            self.connection.execute(statement)
        self.connection.execute("BEGIN")
        self.connection.executemany(f"INSERT INTO account VALUES ({_marks(accounts[0])})", accounts)
        self.connection.execute("COMMIT")
        self._number = int(self._txn["n"])

    @staticmethod
    def _pattern(source: Any, name: str, order: str) -> dict[str, Any]:
        """The newest row of a table of the product."""
        found = source.execute(f"SELECT * FROM {name} ORDER BY {order} DESC LIMIT 1")
        return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))

    def edit(self, record_id: str, column: str, value: Any) -> None:
        """One transaction: base of a pulled record, record, transaction row, operation row."""
        connection = self.connection
        assigned = "name = ?, sort_key = ?" if column == "name" else f"{column} = ?"
        values = [value, str(value).lower()] if column == "name" else [value]
        self._number += 1
        txn = self._txn | {"n": self._number, "client_seq": self._number, "txn_id": new_id()}
        op = self._op | {"op_id": new_id(), "txn": self._number, "id": record_id}
        connection.execute("BEGIN IMMEDIATE")
        if self._base:
            base = self._base | {"id": record_id}
            connection.execute(f"INSERT INTO mirror VALUES ({_marks(base)})", (*base.values(),))
        connection.execute(f"UPDATE account SET {assigned} WHERE id = ?", (*values, record_id))
        connection.execute(f"INSERT INTO outbox_txn VALUES ({_marks(txn)})", (*txn.values(),))
        connection.execute(f"INSERT INTO outbox_op VALUES ({_marks(op)})", (*op.values(),))
        connection.execute("COMMIT")


def _marks(row: Any) -> str:
    return ", ".join("?" * len(row))


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
