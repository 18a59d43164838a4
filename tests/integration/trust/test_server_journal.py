"""A backup is put back that lacks records of laptops which the desk had gone on with: both come back as one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.store.intents import create, delete, patch, set_add, set_remove
from server.storage.aliases import merge_records
from server.storage.restored import restored
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
    assert rows(anna, "quarantine") == []
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
