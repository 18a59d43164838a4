"""A real encrypted store in a temporary folder, and a small server's side that makes pages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.model.wire import clean_row, columns, row_hash
from crm_desktop.store.client_store import ClientStore
from tests.fresh_files import open_fresh
from tests.standing_clock import StandingClock

KEY = bytes(range(32))
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Pages:
    """What a server would send: keeps the cursor and the sums of what it has sent."""

    def __init__(self) -> None:
        self.seq = 0
        self.rows: dict[tuple[str, str], tuple[int, list[str]]] = {}
        self.scopes = ["catalogue", "territory:t1"]

    def page(
        self,
        put: dict[tuple[str, str], dict[str, Any]] | None = None,
        *,
        gone: tuple[tuple[str, str], ...] = (),
        evict: tuple[tuple[str, str], ...] = (),
        scopes: list[str] | None = None,
        more: bool = False,
        seq: int | None = None,
    ) -> dict[str, Any]:
        """The next page: one commit with these rows."""
        asked = {"seq": self.seq, "commit_id": f"c{self.seq}" if self.seq else ""}
        self.seq = self.seq + 1 if seq is None else seq
        listed = scopes or ["territory:t1"]
        tables = []
        for (entity, record_id), values in (put or {}).items():
            row = clean_row(entity, values)
            cols = list(columns(entity))
            tables.append(
                {"e": entity, "cols": cols, "rows": [[record_id, record_id, 0, *(row[name] for name in cols)]]}
            )
            self.rows[entity, record_id] = (row_hash(entity, record_id, self.seq, row), listed)
        for key in (*gone, *evict):
            self.rows.pop(key, None)
        commit = {
            "seq": self.seq,
            "put": tables,
            "gone": [list(key) for key in gone],
            "evict": [list(key) for key in evict],
        }
        return {
            "epoch": "e1",
            "asked": asked,
            "cursor": {"seq": self.seq, "commit_id": f"c{self.seq}"},
            "more": more,
            "scopes": self.scopes,
            "scope_sets": [listed],
            "commits": [commit] if tables or gone or evict else [],
            "digest": None if more else self.digest(),
        }

    def digest(self) -> dict[str, str]:
        """Sums as the server tells them."""
        sums: dict[str, int] = {}
        for amount, scopes in self.rows.values():
            for scope in scopes:
                sums[scope] = (sums.get(scope, 0) + amount) % 2**64
        return {scope: f"{value:016x}" for scope, value in sums.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def open_store(folder: Path, clock: StandingClock) -> Iterator[Callable[[], ClientStore]]:
    opened: list[ClientStore] = []

    def make() -> ClientStore:
        opened.append(open_fresh(folder, KEY, clock))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], ClientStore]) -> ClientStore:
    made = open_store()
    made.enrol("d1", "D7F", "u1", "e1")
    return made


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def acknowledge(store: ClientStore) -> Callable[..., None]:
    """Answer everything that waits with one outcome in one commit."""

    def run(commit_seq: int, outcome: str = "applied") -> None:
        waiting = store.pending(500)
        store.mark_attempted([txn.client_seq for txn in waiting])
        store.record_results(
            [
                {
                    "client_seq": txn.client_seq,
                    "txn_id": txn.txn_id,
                    "commit_seq": commit_seq,
                    "ops": [{"op_id": op.op_id, "outcome": outcome, "detail": None} for op in txn.ops],
                }
                for txn in waiting
            ]
        )

    return run
