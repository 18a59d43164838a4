"""Records that leave a laptop: its work goes out first, and very many at once are asked about."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, patch
from server.storage import users
from tests.integration.in_process import Company, Profile, Wire, profile_at
from tests.integration.server_process import patching

MANY = 80


@pytest.fixture
def anna(company: Company) -> str:
    """A rep."""
    return company.user("anna")


@pytest.fixture
def laptop(company: Company, anna: str, tmp_path: Path) -> Iterator[Profile]:
    """Her laptop."""
    with profile_at(company, anna, tmp_path / "laptop") as made:
        yield made


def test_work_on_a_record_that_moved_goes_out_first(company: Company, anna: str, laptop: Profile) -> None:
    ben = company.laptop(company.user("ben"))
    account = company.write("account", name="A", owner_id=anna)
    laptop.sync()
    laptop.store.commit([patch("account", account, {"website": "late.example"})])
    laptop.store.commit([create("task", new_id(), {"account_id": account, "subject": "Call", "owner_id": anna})])
    company.write("account", account, owner_id=ben.user_id)
    report = laptop.sync()
    assert report.error is None
    assert report.outcomes == {"applied": 1, "quarantined": 1}  # a new task there would be nobody's he could see
    assert report.evicted == 1
    assert laptop.get("account", account) is None
    assert laptop.outbox() == 0
    assert laptop.store.read(lambda reader: reader.search("late.example")) == []
    ben.pull()
    assert ben.rows["account", account]["website"] == "late.example"


def test_what_left_came_and_left_again_is_told_under_its_last_departure(company: Company, anna: str) -> None:
    """A prepared part may have brought it in between, in a version newer than the first departure."""
    hers, his = company.laptop(anna), company.laptop(company.user("ben"))
    account = company.write("account", name="A", owner_id=anna)
    hers.pull()
    moves = []
    for owner in (his.user_id, anna, his.user_id):
        company.write("account", account, owner_id=owner)
        moves.append(company.storage.state()[1])
    commits = hers.pull_once().json()["commits"]
    assert [commit["seq"] for commit in commits if ["account", account] in commit["evict"]] == [moves[-1]]
    his.pull()
    assert his.push({"k": "delete", "e": "account", "id": account, "seen_cursor": moves[-1]}) == ["applied"]
    commits = hers.pull_once().json()["commits"]
    last = company.storage.state()[1]
    assert [commit["seq"] for commit in commits if ["account", account] in commit["gone"]] == [last]


@pytest.mark.parametrize(("days", "outcome"), [(29, "applied"), (31, "quarantined")])
def test_it_counts_how_long_ago_the_record_moved(
    company: Company, anna: str, laptop: Profile, days: int, outcome: str
) -> None:
    ben = company.laptop(company.user("ben"))
    account = company.write("account", name="A", owner_id=anna)
    laptop.sync()
    laptop.store.commit([patch("account", account, {"website": "late.example"})])
    company.write("account", account, owner_id=ben.user_id)
    company.clock.move(days=days)
    report = laptop.sync()
    assert report.outcomes == {outcome: 1}
    ben.pull()
    assert (ben.rows["account", account]["website"] == "late.example") is (outcome == "applied")
    refused = laptop.store.read(lambda reader: reader.where("quarantine"))
    assert [row["reason"] for row in refused] == (["out_of_scope"] if outcome == "quarantined" else [])


@pytest.mark.parametrize(("days", "outcome"), [(29, "applied"), (31, "quarantined")])
def test_it_counts_how_long_ago_the_territory_was_taken_back(company: Company, days: int, outcome: str) -> None:
    territory = company.write("territory", code="N")
    anna = company.user("anna", territories=[territory])
    laptop = company.laptop(anna)
    account = company.write("account", name="A", territory_id=territory)
    laptop.pull()
    seen = laptop.cursor["seq"]
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, anna, revoke=[territory])
    company.clock.move(days=days)
    assert laptop.push(patching("account", account, seen, website=("", "late.example"))) == [outcome]


def test_a_change_by_others_before_it_moved_takes_nothing_off_the_time(company: Company, anna: str) -> None:
    laptop, ben = company.laptop(anna), company.user("ben")
    account = company.write("account", name="A", owner_id=anna)
    laptop.pull()
    seen = laptop.cursor["seq"]
    company.write("account", account, payment_terms_days=30)
    company.clock.move(days=40)
    company.write("account", account, owner_id=ben)
    assert laptop.push(patching("account", account, seen, website=("", "late.example"))) == ["applied"]


def test_many_that_really_left_go_without_a_question(company: Company, anna: str, laptop: Profile) -> None:
    ben = company.user("ben")
    ids = accounts(company, anna, MANY)
    laptop.sync()
    company.storage.write_records([("account", i, {"owner_id": ben}) for i in ids], "desk")
    report = laptop.sync()
    assert report.error is None
    assert (report.evicted, report.digest_ok) == (MANY, True)
    assert "/sync/v1/standing" in laptop.wire.asked


def test_a_server_that_contradicts_itself_takes_nothing_away(
    company: Company, anna: str, laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = accounts(company, anna, MANY)
    laptop.sync()
    company.write("tag", name="something new")
    honest = Wire.pull

    def confused(wire: Wire, body: Mapping[str, Any]) -> dict[str, Any]:
        page = honest(wire, body)
        gone = [["account", i] for i in ids]
        return page | {
            "commits": [*page["commits"], {"seq": page["cursor"]["seq"], "put": [], "gone": gone, "evict": []}]
        }

    with monkeypatch.context() as patched:
        patched.setattr(Wire, "pull", confused)
        for _ in range(2):
            report = laptop.sync()
            assert report.error is not None
            assert report.error.code == "mass_removal"
            assert laptop.get("account", ids[0]) is not None
    assert laptop.sync().error is None  # the server is itself again
    company.write("tag", name="something newer")
    laptop.store.mending.allow_removals()
    with monkeypatch.context() as patched:
        patched.setattr(Wire, "pull", confused)
        report = laptop.sync()
    assert report.deleted == MANY  # allowed; and the sums then show that it was wrong
    assert laptop.sync().digest_ok
    assert laptop.get("account", ids[0]) is not None
    with monkeypatch.context() as patched:  # allowed once, not for ever
        patched.setattr(Wire, "pull", confused)
        company.write("tag", name="something newest")
        assert laptop.sync().error is not None
    assert laptop.get("account", ids[0]) is not None


def test_a_revoked_territory_is_no_question(company: Company, anna: str, laptop: Profile) -> None:
    territory = company.write("territory", code="S", name="South")
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, anna, grant=[territory])
    company.storage.write_records([("account", new_id(), {"name": "A", "territory_id": territory})] * 1, "desk")
    accounts(company, None, MANY, territory_id=territory)
    laptop.sync()
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, anna, revoke=[territory])
    report = laptop.sync()
    assert report.error is None
    assert (report.evicted, report.digest_ok) == (MANY + 1, True)
    assert "/sync/v1/standing" not in laptop.wire.asked


def accounts(company: Company, owner: str | None, count: int, **values: str) -> list[str]:
    """Accounts of somebody."""
    ids = [new_id() for _ in range(count)]
    company.storage.write_records(
        [("account", i, {"name": f"A{n}", "owner_id": owner} | values) for n, i in enumerate(ids)], "desk"
    )
    return ids
