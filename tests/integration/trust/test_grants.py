"""A big grant: what is live goes on while it is fetched, and at the end nothing is missing and nothing too much."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.intents import patch
from server.settings import Settings
from server.storage import users
from sync.protocol import Limits
from tests.integration.in_process import Company, Profile, Wire, company_at, profile_at

ROWS, STEP = 95, 10


@pytest.fixture
def company(database: str) -> Iterator[Company]:
    """A company whose commits and pages are small."""
    with company_at(database, Settings(commit_rows=STEP, limits=Limits(page_rows=STEP))) as made:
        yield made


@pytest.fixture
def territory(company: Company) -> str:
    """A territory with many accounts."""
    south = company.write("territory", code="S", name="South")
    company.storage.write_records(
        [("account", new_id(), {"name": f"S{n}", "territory_id": south}) for n in range(ROWS)], "desk"
    )
    return south


@pytest.fixture
def laptop(company: Company, territory: str, tmp_path: Path) -> Iterator[Profile]:
    """A laptop of a rep who does not have it yet."""
    assert territory
    with profile_at(company, company.user("anna"), tmp_path / "laptop") as made:
        assert made.sync().digest_ok
        yield made


def change(company: Company, laptop: Profile, **what: list[str]) -> None:
    """Grant or revoke."""
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, laptop.user_id, **what)


def accounts(laptop: Profile) -> set[str]:
    """Names of the accounts on the laptop."""
    return {str(row["name"]) for row in laptop.store.read(lambda reader: reader.where("account"))}


class Watched(Wire):
    """Something happens after the third step of the lane."""

    def __init__(self, company: Company, token: str) -> None:
        super().__init__(company, token)
        self.steps = 0
        self.then: Any = lambda: None

    def ask(self, call: str, body: Any) -> dict[str, Any]:
        """A step is counted."""
        answer = super().ask(call, body)
        if call == "backfill":
            self.steps += 1
            if self.steps == 3:
                self.then()
        return answer


def watch(laptop: Profile, monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
    """Let something happen in the middle of the lane."""

    def made(company: Company, token: str) -> Watched:
        wire = Watched(company, token)
        wire.then = then
        return wire

    monkeypatch.setattr("tests.integration.in_process.Wire", made)


def test_what_is_live_comes_between_the_steps(
    company: Company, territory: str, laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = company.write("account", name="Mine", owner_id=laptop.user_id)
    laptop.sync()
    held: list[int] = []

    def look(change: ChangeSet) -> None:
        if ("account", mine) in change.ids:
            held.append(len(accounts(laptop)))

    def meanwhile() -> None:
        company.write("account", mine, website="live.example")
        laptop.store.commit([patch("account", mine, {"vat_id": "DE1"})])
        laptop.store.on_change(look)

    watch(laptop, monkeypatch, meanwhile)
    change(company, laptop, grant=[territory])
    report = laptop.sync()
    assert report.error is None
    assert report.digest_ok
    assert accounts(laptop) == {"Mine", *(f"S{n}" for n in range(ROWS))}
    assert held
    assert held[0] < ROWS  # the live change was here before the lane was through
    row = laptop.get("account", mine)
    assert row is not None
    assert (row["website"], row["vat_id"]) == ("live.example", "DE1")
    assert laptop.outbox() == 0
    calls = laptop.wire.asked
    assert calls.count("/sync/v1/backfill") == -(-ROWS // STEP)
    assert "/sync/v1/push" in calls[calls.index("/sync/v1/backfill") :]
    assert "/sync/v1/digest" not in calls
    laptop.sync()
    assert "/sync/v1/backfill" not in laptop.wire.asked


def test_a_revocation_in_the_middle_leaves_nothing_behind(
    company: Company, territory: str, laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(laptop, monkeypatch, lambda: change(company, laptop, revoke=[territory]))
    change(company, laptop, grant=[territory])
    report = laptop.sync()
    assert report.error is None
    assert report.digest_ok
    assert accounts(laptop) == set()


def test_it_goes_on_where_it_stopped(
    company: Company, territory: str, laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        raise ConnectionError

    change(company, laptop, grant=[territory])
    with monkeypatch.context() as patched:
        watch(laptop, patched, break_down)
        with pytest.raises(ConnectionError):
            laptop.sync()
    had = len(accounts(laptop))
    assert 0 < had < ROWS
    report = laptop.sync()
    assert report.digest_ok
    assert laptop.wire.asked.count("/sync/v1/backfill") == -(-ROWS // STEP) - had // STEP
    assert len(accounts(laptop)) == ROWS


def test_a_page_that_is_older_than_what_is_here_is_dropped(company: Company, territory: str, laptop: Profile) -> None:
    change(company, laptop, grant=[territory])
    state = laptop.store.sync_state()
    position = {"epoch": state.epoch, "cursor": {"seq": state.cursor_seq, "commit_id": state.cursor_commit}}
    wire = Wire(company, laptop.token)
    wire.identify(state.device_id)
    late = wire.ask("backfill", position | {"after": laptop.store.backfill.after()})
    assert late["commits"]
    change(company, laptop, revoke=[territory])
    laptop.sync()
    assert laptop.store.backfill.apply(late) == 0
    assert accounts(laptop) == set()


def test_a_laptop_that_cannot_have_a_lane_gets_all_by_pages(company: Company, territory: str) -> None:
    anna = company.laptop(company.user("anna"))
    anna.pull()
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, anna.user_id, grant=[territory])
    anna.pull()
    assert len(anna.of("account")) == ROWS
    assert anna.own_digest() == anna.digest
