"""The old part of the log goes; nobody misses anything by it, and nothing that was deleted comes back."""

from pathlib import Path

from sqlalchemy import func, select

from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, delete, patch
from server.storage.check import problems
from server.storage.gc import collect
from server.storage.tables import change_log, commit, sync_state, tombstone
from tests.integration.in_process import Company, profile_at
from tests.integration.server_process import creating, patching


def holds(company: Company) -> None:
    """The database's own check finds nothing."""
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_all_up_to_the_floor_goes_and_nothing_above(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    old = [anna.account(name=f"A{n}") for n in range(3)]
    company.clock.move(days=100)
    new = [anna.account(name=f"B{n}") for n in range(2)]
    done = collect(company.storage)
    with company.storage.read() as connection:
        floor, last = connection.execute(select(sync_state.c.floor_seq, sync_state.c.last_seq)).one()
        assert (done.floor, last - floor) == (floor, len(new))
        for table in (change_log, commit):
            assert connection.scalar(select(func.min(table.c.seq))) == floor + 1
            assert connection.scalar(select(func.max(table.c.seq))) == last
    holds(company)
    assert collect(company.storage).log_entries == 0
    fresh = company.laptop(anna.user_id)
    assert fresh.pull(limit=1) == len(old) + len(new) + 1  # reads through the part without a log; the user too
    assert len(fresh.of("account")) == len(old) + len(new)
    assert fresh.own_digest() == fresh.digest


def test_the_newest_commit_stays_however_old(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    anna.account()
    anna.pull()
    company.clock.move(days=1000)
    collect(company.storage)
    holds(company)
    assert anna.pull_once().status_code == 200


def test_a_cursor_on_the_floor_is_good_and_one_before_it_expired(company: Company) -> None:
    user = company.user("anna")
    writer, on_it, before = company.laptop(user), company.laptop(user), company.laptop(user)
    before.pull()
    writer.account(name="A")
    on_it.pull()
    company.clock.move(days=100)
    writer.account(name="B")
    assert collect(company.storage).floor == on_it.cursor["seq"]
    on_it.pull()
    assert {row["name"] for row in on_it.of("account")} == {"A", "B"}
    answer = before.pull_once()
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    told = before.hello()
    assert (told["action"], told["epoch"]) == ("rebootstrap", before.epoch)


def test_a_reading_from_the_start_does_not_survive_a_second_cut(company: Company) -> None:
    """Between its pages something may have left; the second cut took the word of it."""
    user = company.user("anna")
    writer, reader = company.laptop(user), company.laptop(user)
    accounts = [writer.account(name=f"A{n}") for n in range(4)]
    company.clock.move(days=100)
    writer.account(name="B")
    collect(company.storage)
    reader.take(reader.pull_once(limit=3).json())
    assert ("account", accounts[0]) in reader.rows
    writer.pull()
    assert writer.push({"k": "delete", "e": "account", "id": accounts[0], "seen_cursor": writer.cursor["seq"]}) == [
        "applied"
    ]
    company.clock.move(days=100)
    writer.account(name="C")
    collect(company.storage)
    assert reader.pull_once().json()["code"] == "cursor_expired"


def test_what_was_deleted_stays_deleted_when_its_tombstone_is_gone(company: Company) -> None:
    user = company.user("anna")
    anna, late = company.laptop(user), company.laptop(user)
    account = anna.account(name="A")
    anna.pull()
    late.pull()
    seen = late.versions["account", account]
    assert anna.push({"k": "delete", "e": "account", "id": account, "seen_cursor": anna.cursor["seq"]}) == ["applied"]
    for _ in range(2):  # the age of a cut is known from the cuts before it
        company.clock.move(days=410)
        anna.account(name="B")
        collect(company.storage)
    with company.storage.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tombstone)) == 0
    assert late.push(patching("account", account, seen, name=("A", "Back"))) == ["gone"]
    assert late.push(creating("account", account, name="A", owner_id=user)) == ["gone"]
    assert late.push({"k": "restore", "e": "account", "id": account}) == ["quarantined"]
    holds(company)


def test_the_last_outcome_of_a_device_is_kept(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    first, last = (
        anna.transaction(creating("tag", new_id(), name="x")),
        anna.transaction(creating("tag", new_id(), name="y")),
    )
    stored = anna.send(first, last).json()
    for _ in range(2):
        company.clock.move(days=410)
        company.write("account", name="B")
        anna.hello()
        collect(company.storage)
    assert anna.send(last).json()["results"] == stored["results"][1:]
    assert anna.send(first).json()["code"] == "device_fork"


def test_a_laptop_comes_back_after_a_year(company: Company, tmp_path: Path) -> None:
    user = company.user("anna")
    desk = company.laptop(user)
    kept, gone, seen_late = (desk.account(name=name) for name in ("Kept", "Gone", "Seen late"))
    mine = new_id()
    with profile_at(company, user, tmp_path / "laptop") as laptop:
        assert laptop.sync().error is None
        laptop.store.commit([patch("account", kept, {"website": "kept.example"})])
        laptop.store.commit([patch("account", gone, {"website": "gone.example"})])
        laptop.store.commit([delete("account", seen_late)])
        laptop.store.commit([create("account", mine, {"name": "Mine", "owner_id": user})])
        desk.pull()
        assert desk.push({"k": "delete", "e": "account", "id": gone, "seen_cursor": desk.cursor["seq"]}) == ["applied"]
        changed = patching("account", seen_late, desk.versions["account", seen_late], name=("Seen late", "Changed"))
        assert desk.push(changed) == ["applied"]
        company.clock.move(days=365)
        desk.account(name="New")
        collect(company.storage)
        report = laptop.sync()
        assert report.error is None
        assert report.outcomes == {"applied": 2, "gone": 1, "delete_request": 1}
        assert report.digest_ok
        assert laptop.outbox() == 0
        names = {row["name"] for row in laptop.store.read(lambda reader: reader.where("account"))}
        assert names == {"Kept", "Changed", "Mine", "New"}
    desk = company.laptop(user)
    desk.pull()
    assert desk.rows["account", kept]["website"] == "kept.example"
    assert ("account", gone) not in desk.rows
    assert desk.rows["account", mine]["name"] == "Mine"
    holds(company)
