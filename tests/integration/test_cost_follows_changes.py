"""What is done all day costs as much after a year as on the first day: steps of the database, never seconds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.sqlite_driver import dbapi2
from crm_desktop.store.intents import patch
from tests.integration.in_process import Company, Profile, company_at, profile_at

STEP = 10
HISTORY = 1500
MOST_GROWTH = 1.3
STEP_NOISE = 100  # where a few pages more make a few steps more


class Steps:
    """Steps of SQLite's machine on the laptop's connections."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._counted = 0
        plain = dbapi2.connect

        def connect(path: str, *more: Any, **named: Any) -> Any:
            made = plain(path, *more, **named)
            if path.startswith(str(folder)):
                made.set_progress_handler(self._step, STEP)
            return made

        monkeypatch.setattr(dbapi2, "connect", connect)

    def _step(self) -> None:
        self._counted += STEP

    def of(self, work: Callable[[], object]) -> int:
        """Steps of one piece of work, done once before."""
        work()
        before = self._counted
        work()
        return self._counted - before


@pytest.fixture
def anna(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Profile, Steps]]:
    """A laptop with twenty customers, and what its database does."""
    steps = Steps(monkeypatch, tmp_path / "laptop")
    with company_at(sqlite_database) as company:
        user = company.user("anna")
        with profile_at(company, user, tmp_path / "laptop") as laptop:
            yield laptop, steps


def _customers(company: Company, owner: str) -> list[str]:
    ids = [new_id() for _ in range(20)]
    company.storage.write_records(
        [("account", one, {"name": f"Kunde {one}", "owner_id": owner}) for one in ids], "desk"
    )
    return ids


def test_a_long_history_of_work_makes_nothing_dearer(anna: tuple[Profile, Steps]) -> None:
    laptop, steps = anna
    customers = _customers(laptop.company, laptop.user_id)

    def edit(count: int = 1) -> None:
        for number in range(count):
            laptop.store.commit([patch("account", customers[number % 20], {"website": f"{new_id()}.example"})])

    def synced() -> None:
        assert laptop.sync().error is None

    def edited_and_synced() -> None:
        edit()
        synced()

    works: dict[str, Callable[[], object]] = {
        "nothing to sync": synced,
        "an edit": edit,
        "an edit on its way": edited_and_synced,
        "states of a list": lambda: laptop.store.read(lambda reader: reader.states("account", customers)),
        "counts of a list": lambda: laptop.store.read(lambda reader: reader.state_counts("account", range(1, 21))),
        "refused here": lambda: laptop.store.read(lambda reader: reader.local_quarantine()),
        "counters": lambda: laptop.store.read(lambda reader: reader.counts()),
    }
    synced()
    edit(3)
    synced()
    first = {name: steps.of(work) for name, work in works.items()}
    edit(HISTORY)
    synced()
    after = {name: steps.of(work) for name, work in works.items()}
    assert min(first.values()) > 0
    dearer = {name: (first[name], count) for name, count in after.items()}
    assert {name: both for name, both in dearer.items() if both[1] > MOST_GROWTH * both[0] + STEP_NOISE} == {}
