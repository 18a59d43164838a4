"""A backup is put back that lacks records of laptops which the desk had gone on with: both come back as one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm_desktop.ids import new_id
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.store.intents import create, delete, patch, set_add, set_remove
from server.storage import copies, users
from server.storage.aliases import merge_records
from server.storage.records import all_rows
from server.storage.restored import restored
from server.storage.tables import user_account
from tests.integration.in_process import Company, Profile, company_at, profile_at
from tests.integration.trust.test_restored import Backup, holds


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    """A backup of PostgreSQL is taken and put back by its own tools; the rest is the same code."""
    with company_at(sqlite_database) as made:
        yield made


@pytest.fixture
def anna(company: Company, tmp_path: Path) -> Iterator[Profile]:
    """A rep with a laptop that is up to date."""
    with profile_at(company, company.user("anna"), tmp_path / "one") as made:
        made.sync()
        yield made


def sync(laptop: Profile) -> None:
    """Sessions until all is told."""
    for _ in range(3):
        report = laptop.sync()
        assert report.error is None
        assert report.digest_ok
    assert laptop.outbox() == 0


def rows(laptop: Profile, entity: str) -> list[dict[str, Any]]:
    """All rows of a kind that are in sight."""
    return laptop.store.read(lambda reader: reader.where(entity))


def customer(laptop: Profile, **values: Any) -> str:
    """A customer made on the laptop."""
    record_id = new_id()
    laptop.store.commit([create("account", record_id, {"name": "Late", "owner_id": laptop.user_id} | values)])
    sync(laptop)
    return record_id


def test_what_the_desk_changed_of_it_does_not_stand_in_its_way(company: Company, anna: Profile, tmp_path: Path) -> None:
    backup = Backup(company, tmp_path)
    late = customer(anna, website="one.example")
    anna.store.commit([patch("account", late, {"website": "two.example"})])
    anna.store.commit([set_add("account", late, "tags", ["vip"])])
    anna.store.commit([set_remove("account", late, "tags", ["vip"])])
    sync(anna)
    company.write("account", late, external_id="K7")
    backup.put_back()
    assert restored(company.storage).records == 1
    with company.storage.write() as commit:  # also if that laptop never comes again
        found = commit.live("account", late)
        assert found is not None
        assert (found.row["name"], found.row["external_id"]) == ("Late", "K7")
    sync(anna)
    row = anna.get("account", late)
    assert row is not None
    assert (row["name"], row["website"], row["external_id"], row["tags"]) == ("Late", "two.example", "K7", [])
    assert rows(anna, "quarantine") == rows(anna, "conflict") == []
    holds(company)


@pytest.mark.parametrize("first", ["author", "other"])
def test_the_later_of_two_laptops_stands_whoever_comes_first(
    company: Company, anna: Profile, tmp_path: Path, first: str
) -> None:
    with profile_at(company, anna.user_id, tmp_path / "two") as other:
        sync(other)
        backup = Backup(company, tmp_path)
        late = customer(anna, website="one.example")
        anna.store.commit([patch("account", late, {"website": "two.example"})])
        sync(anna)
        sync(other)
        other.store.commit([patch("account", late, {"website": "three.example"})])
        sync(other)
        company.write("account", late, external_id="K7")
        backup.put_back()
        restored(company.storage)
        for laptop in (anna, other, anna) if first == "author" else (other, anna, other):
            sync(laptop)
        row = anna.get("account", late)
        assert row is not None
        assert (row["website"], row["external_id"]) == ("three.example", "K7")
        # That the one was written over the other is known to nobody now: it is asked about, not lost.
        assert [json.loads(entry["mine"]) for entry in rows(anna, "conflict")] == [{"website": "two.example"}]
        assert rows(anna, "quarantine") == []
    holds(company)


def test_what_the_desk_put_under_it_belongs_to_it(company: Company, anna: Profile, tmp_path: Path) -> None:
    backup = Backup(company, tmp_path)
    late = customer(anna)
    contact = company.write("contact", account_id=late, name="Desk")
    backup.put_back()
    restored(company.storage)
    sync(anna)
    assert anna.get("contact", contact) is not None
    assert anna.get("account", late) is not None
    assert rows(anna, "quarantine") == []
    holds(company)


def test_two_that_were_made_one_stay_one(company: Company, anna: Profile, tmp_path: Path) -> None:
    backup = Backup(company, tmp_path)
    keep, gone, contact = customer(anna, name="Keep"), customer(anna, name="Gone", website="gone.example"), new_id()
    anna.store.commit([create("contact", contact, {"name": "C", "account_id": gone})])
    sync(anna)
    with company.storage.write(actor="admin") as commit:
        merge_records(commit, "account", keep, gone)
    backup.put_back()
    restored(company.storage)
    sync(anna)
    assert [(row["name"], row["website"]) for row in rows(anna, "account")] == [("Keep", "gone.example")]
    assert [row["account_id"] for row in rows(anna, "contact")] == [keep]
    assert rows(anna, "quarantine") == rows(anna, "conflict") == []  # she loses nothing by what she sends again
    holds(company)


def test_what_is_back_hangs_on_the_record_that_was_kept(company: Company, anna: Profile, tmp_path: Path) -> None:
    keep, gone = customer(anna, name="Keep"), customer(anna, name="Gone")
    contact = new_id()
    anna.store.commit([create("contact", contact, {"name": "C", "account_id": gone})])
    sync(anna)
    backup = Backup(company, tmp_path)
    anna.store.commit([delete("contact", contact)])
    sync(anna)
    with company.storage.write(actor="admin") as commit:
        merge_records(commit, "account", keep, gone)
    backup.put_back()
    restored(company.storage)
    with company.storage.write() as commit:  # its laptop may never come again
        found = commit.live("contact", contact)
        assert found is not None
        assert found.row["account_id"] == keep
    sync(anna)
    # It was changed behind the back of the deletion: the person is asked.
    assert [(row["record_id"], row["rule"]) for row in rows(anna, "conflict")] == [(contact, "delete_request")]
    holds(company)


def test_what_is_back_goes_with_the_record_the_desk_deleted(company: Company, anna: Profile, tmp_path: Path) -> None:
    other, gone, contact = customer(anna, name="Other"), customer(anna, name="Gone"), new_id()
    anna.store.commit([create("contact", contact, {"name": "C", "account_id": gone})])
    sync(anna)
    backup = Backup(company, tmp_path)
    anna.store.commit([patch("contact", contact, {"account_id": other})])
    sync(anna)
    with company.storage.write(actor="admin") as commit:
        found = commit.live("account", gone)
        assert found is not None
        commit.put("account", gone, found.row, found.field_ver, deleted=True)
    backup.put_back()
    restored(company.storage)
    holds(company)
    sync(anna)
    (entry,) = rows(anna, "conflict")
    assert (entry["record_id"], entry["rule"]) == (contact, "gone")
    ConflictService(anna.store).resolve(entry["id"], "mine")
    sync(anna)
    assert [row["account_id"] for row in rows(anna, "contact")] == [other]
    holds(company)


def test_what_was_sent_before_the_journal_was_repeated_is_carried_out_with_it(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    backup = Backup(company, tmp_path)
    desk = company.write("account", name="Desk", owner_id=anna.user_id)
    sync(anna)
    anna.store.commit([patch("account", desk, {"website": "late.example"})])
    sync(anna)
    backup.put_back()
    sync(anna)
    assert [row["reason"] for row in rows(anna, "quarantine")] == ["unknown_row"]
    restored(company.storage)
    sync(anna)
    row = anna.get("account", desk)
    assert row is not None
    assert row["website"] == "late.example"
    assert [entry["status"] for entry in rows(anna, "quarantine")] == ["resolved"]
    holds(company)


def test_what_was_written_since_the_restore_is_newer_than_the_journal(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    """Whoever repeats the journal late, or after a second restore, finds people at work again."""
    late, other = customer(anna), customer(anna)
    backup = Backup(company, tmp_path)
    company.write("account", late, external_id="K1", industry="Wood", employees=1)
    company.write("account", other, external_id="K2")
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    company.write("account", late, external_id="K9")
    anna.store.commit([patch("account", late, {"employees": 30})])
    sync(anna)
    done = restored(company.storage)
    assert (done.records, done.newer) == (2, 2)
    sync(anna)
    row = anna.get("account", late)
    assert row is not None
    assert (row["external_id"], row["industry"], row["employees"]) == ("K9", "Wood", 30)
    assert (anna.get("account", other) or {})["external_id"] == "K2"
    assert restored(company.storage).records == 0
    holds(company)


def test_what_a_laptop_sends_again_is_as_old_as_it_was_written(company: Company, anna: Profile, tmp_path: Path) -> None:
    late = customer(anna)
    backup = Backup(company, tmp_path)
    anna.store.commit([patch("account", late, {"employees": 30})])
    sync(anna)
    company.clock.move(minutes=1)
    company.write("account", late, employees=1)
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    assert (anna.get("account", late) or {})["employees"] == 30
    assert restored(company.storage).newer == 0
    sync(anna)
    assert (anna.get("account", late) or {})["employees"] == 1
    holds(company)


def test_the_journal_is_repeated_whole_also_where_its_entries_write_one_field_again_and_again(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    """What is repeated is written now, and yet no newer than what comes behind it; also after a death between two."""
    late = customer(anna)
    backup = Backup(company, tmp_path)
    for number in ("K1", "K2", "K3"):
        company.clock.move(minutes=1)
        company.write("account", late, external_id=number)
    backup.put_back()
    company.clock.move(hours=1)
    assert company.storage.journal is not None
    entries = list(company.storage.journal.entries())
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(type(company.storage.journal), "entries", lambda _: iter(entries[:-1]))
        restored(company.storage)
    done = restored(company.storage)
    assert (done.records, done.newer) == (1, 0)
    sync(anna)
    assert (anna.get("account", late) or {})["external_id"] == "K3"


def test_a_record_in_use_again_is_not_deleted_or_merged_by_the_journal(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    kept, twin, dead, quiet = (customer(anna) for _ in range(4))
    below = anna_contact(anna, twin)
    backup = Backup(company, tmp_path)
    with company.storage.write(actor="desk") as commit:
        merge_records(commit, "account", kept, twin)
    for gone in (dead, quiet):
        with company.storage.write(actor="desk") as commit:
            found = commit.live("account", gone)
            assert found is not None
            commit.put("account", gone, found.row, found.field_ver, deleted=True)
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    anna.store.commit([patch("account", twin, {"employees": 5}), patch("account", dead, {"employees": 5})])
    sync(anna)
    assert restored(company.storage).newer == 2
    sync(anna)
    assert {row["id"] for row in rows(anna, "account")} == {kept, twin, dead}
    assert (anna.get("contact", below) or {})["account_id"] == twin
    holds(company)


def test_rights_given_since_the_restore_are_not_those_of_the_journal(company: Company, tmp_path: Path) -> None:
    ben, eva = company.user("ben"), company.user("eva")
    backup = Backup(company, tmp_path)
    for user_id in (ben, eva):
        with company.storage.write(actor="admin") as commit:
            users.set_role(commit, user_id, "admin")
    backup.put_back()
    restored_later = company.storage
    with restored_later.write(actor="admin") as commit:
        users.set_role(commit, ben, "inside_sales")
    restored(restored_later)
    with restored_later.read() as connection:
        c = user_account.c
        roles = {row.user_id: row.role for row in connection.execute(select(c.user_id, c.role))}
    assert (roles[ben], roles[eva]) == ("inside_sales", "admin")


def anna_contact(anna: Profile, account_id: str) -> str:
    """A contact of a customer."""
    record_id = new_id()
    anna.store.commit([create("contact", record_id, {"name": "Max", "account_id": account_id})])
    sync(anna)
    return record_id


def test_entries_of_the_ledger_that_the_backup_lacks_are_not_half_repeated(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    """The desk gave them to another, or what they waited for: both follows again from what it had done."""
    account = company.write("account", name="A", owner_id=anna.user_id, website="")
    sync(anna)
    backup = Backup(company, tmp_path)
    lacking = new_id()
    anna.store.commit([patch("account", account, {"website": "anna.example"})])
    anna.store.commit([create("visit", new_id(), {"account_id": lacking, "subject": "Waits"})])
    company.write("account", account, website="desk.example")
    assert anna.sync().outcomes == {"conflict": 1, "quarantined": 1}
    ben = company.user("ben")
    company.write("account", account, owner_id=ben)
    told = {"e": "account", "id": lacking, "row": {"name": "There", "owner_id": anna.user_id}}
    assert keep_copies(company, anna, [told]) == 1
    assert copies.take_back(company.storage, None) == 1
    assert [row["status"] for row in ledger(company, "quarantine")] == ["resolved"]
    assert [row["owner_id"] for row in ledger(company, "conflict")] == [ben]
    backup.put_back()
    restored(company.storage)
    assert ledger(company, "quarantine") == ledger(company, "conflict") == []
    assert company.storage.erase("account", lacking) == 2  # with the visit
    sync(anna)
    assert [(row["record_id"], row["owner_id"]) for row in ledger(company, "conflict")] == [(account, ben)]
    holds(company)


def keep_copies(company: Company, laptop: Profile, rows: list[dict[str, Any]]) -> int:
    """What a laptop does with records of a lost history."""
    holder = company.identity.device(laptop.token, "")
    return copies.keep(company.storage, holder, company.storage.state()[0], rows)


def ledger(company: Company, entity: str) -> list[dict[str, Any]]:
    """What stands there for a person."""
    with company.storage.read() as connection:
        return all_rows(connection, entity, ("record_id", "owner_id") if entity == "conflict" else ("status",))
