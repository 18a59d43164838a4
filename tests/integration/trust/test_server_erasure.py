"""Erasing reaches what had been deleted or merged before, and what only a copy or the journal still holds."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from crm_desktop.ids import new_id
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import text_hash
from server.storage import copies
from server.storage.aliases import merge_records
from server.storage.check import problems
from server.storage.devices import by_id
from server.storage.records import entity_table
from server.storage.restored import restored
from server.storage.tables import METADATA, row_meta
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import creating, patching
from tests.integration.trust.test_restored import Backup
from tests.integration.trust.test_restored import company as sqlite_company

__all__ = ["sqlite_company"]
START = "2026-01-05T10:00:00.000Z"


def said(company: Company, word: str) -> set[str]:
    """Tables that hold a word."""
    found = set()
    with company.storage.read() as connection:
        for table in (*METADATA.sorted_tables, *(entity_table(entity) for entity in ENTITIES)):
            if any(word in str(tuple(row)) for row in connection.execute(table.select())):
                found.add(table.name)
    return found


def delete(laptop: Direct, entity: str, record_id: str) -> str:
    """He has seen everything and deletes it. Returns the operation that did."""
    laptop.pull()
    txn = laptop.transaction({"k": "delete", "e": entity, "id": record_id, "seen_cursor": laptop.cursor["seq"]})
    told = laptop.send(txn).json()["results"][0]["ops"][0]
    assert told["outcome"] == "applied"
    return str(told["op_id"])


def keep_copies(company: Company, laptop: Direct, rows: list[dict[str, Any]]) -> int:
    """What a laptop does with records of a lost history."""
    with company.storage.read() as connection:
        device = by_id(connection, laptop.device_id)
    assert device is not None
    return copies.keep(company.storage, device, laptop.epoch, rows)


@pytest.mark.parametrize("together", [True, False])
def test_what_was_deleted_before_is_erased_with_its_customer(company: Company, together: bool) -> None:
    anna = company.laptop(company.user("anna"))
    account = anna.account(name="Secret Ltd")
    contact = anna.create("contact", account_id=account, name="Secret Person")
    visit = anna.create("visit", account_id=account, subject="Secret talk")
    anna.push({"k": "text", "e": "visit", "id": visit, "f": "note", "base_sha": text_hash(""), "text": "Secret words"})
    if not together:
        delete(anna, "contact", contact)
    delete(anna, "visit", visit)
    delete(anna, "account", account)
    assert said(company, "Secret") == {"tombstone", "text_rev"}
    assert company.storage.erase("account", account) == 3
    assert said(company, "Secret") == set()
    assert anna.push({"k": "restore", "e": "account", "id": account}) == ["gone"]
    assert anna.push({"k": "restore", "e": "contact", "id": contact}) == ["gone"]
    anna.pull()
    assert anna.of("account") == anna.of("contact") == []


def test_what_was_merged_into_it_is_erased_too(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    keep, gone = anna.account(name="Kept"), anna.account(name="Secret Ltd")
    with company.storage.write(actor="admin") as commit:
        merge_records(commit, "account", keep, gone)
    assert company.storage.erase("account", keep) == 2
    assert said(company, "Secret") == set()


def test_copies_of_what_is_erased_are_not_kept(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    told = [
        {"e": "account", "id": "acc", "row": {"name": "Secret Ltd", "owner_id": anna.user_id}},
        {"e": "contact", "id": "con", "row": {"name": "Secret Person", "account_id": "acc"}},
    ]
    assert keep_copies(company, anna, told) == 2
    assert company.storage.erase("account", "acc") == 2
    assert said(company, "Secret") == set()
    assert anna.push(creating("contact", "con", name="Secret Person", account_id="acc")) == ["gone"]


def test_a_copy_of_what_lives_elsewhere_by_now_erases_nothing(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    account, other = anna.account(name="One"), anna.account(name="Two")
    copy = {"e": "contact", "id": "con", "row": {"name": "C", "account_id": account}}
    assert keep_copies(company, anna, [copy]) == 1
    anna.create("contact", "con", name="C", account_id=other)
    assert company.storage.erase("account", account) == 1
    anna.pull()
    assert [row["account_id"] for row in anna.of("contact")] == [other]


def test_what_no_server_could_read_does_not_stop_the_removal_of_bytes(sqlite_company: Company) -> None:
    company = sqlite_company
    anna = company.laptop(company.user("anna"))
    unreadable = {"ops": [{"k": "create", "e": "attachment", "id": "file"}]}
    told = {"txn_id": new_id(), "reason": "malformed", "payload": json.dumps(unreadable), "handed_at": START}
    assert anna.push(creating("quarantine", new_id(), refused_at=START, **told)) == ["applied"]
    assert company.storage.blobs.remove_unreferred(company.storage.plain_write, ["0" * 64]) == 1


def test_an_erasure_that_was_cut_off_is_not_undone_by_a_backup(sqlite_company: Company, tmp_path: Path) -> None:
    """The machine dies as soon as the erasure is valid: it is remembered, and no word of it is in the journal."""
    company = sqlite_company
    account = company.write("account", name="Secret Ltd")
    backup = Backup(company, tmp_path)

    folder = Path(f"{company.database}.journal")
    saved = tmp_path / "journal"

    def keep(_connection: Connection) -> None:
        shutil.copytree(folder, saved)

    event.listen(company.storage.engine, "commit", keep)
    assert company.storage.erase("account", account) == 1
    shutil.rmtree(folder)
    shutil.copytree(saved, folder)
    backup.put_back()
    assert restored(company.storage).erased == 1
    assert said(company, "Secret") == set()
    for file in folder.iterdir():
        assert b"Secret" not in file.read_bytes(), file


def test_what_did_not_stand_is_erased_with_its_record(company: Company) -> None:
    one = company.laptop(company.user("anna"))
    other = company.laptop(one.user_id)
    account = one.account(name="One", website="")
    other.pull()
    seen = other.cursor["seq"]
    assert one.push(patching("account", account, seen, website=("", "Secret here"))) == ["applied"]
    assert other.push(patching("account", account, seen, website=("", "Secret there"))) == ["conflict"]
    assert said(company, "Secret") == {"account", "conflict"}
    company.storage.erase("account", account)
    assert said(company, "Secret") == set()


def test_what_was_refused_is_erased_with_the_customer_it_hung_on(company: Company) -> None:
    """The entry names the refused records alone; whose they were stands in what they say."""
    anna = company.laptop(company.user("anna"))
    account, other = anna.account(name="One"), anna.account(name="Other")
    contact = new_id()
    nobody = new_id()  # for want of whom all these are refused
    for txn in (
        [
            creating("contact", contact, account_id=account, name="Secret Person"),
            creating("channel", new_id(), contact_id=contact, value="Secret address"),
            creating("visit", new_id(), account_id=account, contact_id=nobody),
        ],
        [creating("task", new_id(), account_id=account, contact_id=nobody, subject="Secret")],
        [creating("contact", new_id(), account_id=account, birthday="Secret day")],
        [creating("visit", new_id(), account_id=other, contact_id=nobody, subject="Kept")],
    ):
        assert set(anna.push(*txn)) == {"quarantined"}
    assert said(company, "Secret") == {"quarantine"}
    company.storage.erase("account", account)
    assert said(company, "Secret") == set()
    assert said(company, "Kept") == {"quarantine"}
    anna.pull()
    assert len(anna.of("quarantine")) == 1
    assert anna.own_digest() == anna.digest
    with company.storage.read() as connection:
        assert problems(connection) == []


@pytest.mark.parametrize("since", ["as it was made", "renamed", "done away with", "of an earlier version", "a copy"])
def test_the_name_in_the_question_whether_another_is_the_same_goes_too(company: Company, since: str) -> None:
    anna = company.laptop(company.user("anna"))
    first, other = anna.account(name="Secret Ltd"), anna.account(name="Other")
    second = anna.account(name="Secret Ltd")
    anna.pull()
    (task,) = (row for row in anna.of("task") if row["account_id"] == second)
    (task_id,) = (i for entity, i in anna.rows if entity == "task")
    for account in (first, second):
        change = {"name": ("Secret Ltd", "Now called otherwise")}
        if since == "renamed" or account == second:
            assert anna.push(patching("account", account, anna.cursor["seq"], **change)) == ["applied"]
    if since == "renamed":
        moved = {"subject": (task["subject"], "Ask Secret Ltd"), "account_id": (second, other)}
        assert anna.push(patching("task", task_id, anna.cursor["seq"], **moved)) == ["applied"]
    elif since == "done away with":
        delete(anna, "task", task_id)
    elif since == "of an earlier version":
        with company.storage.plain_write() as connection:
            connection.execute(update(row_meta).where(row_meta.c.id == task_id).values(created_op=""))
    elif since == "a copy":
        told = {"account_id": second, "owner_id": anna.user_id, "subject": task["subject"]}
        assert keep_copies(company, anna, [{"e": "task", "id": new_id(), "row": told}]) == 1
    anna.pull()
    company.storage.erase("account", first)
    assert said(company, "Secret") == set()
    anna.pull()
    assert anna.of("task") == []
    assert len(anna.of("account")) == 2
    assert anna.own_digest() == anna.digest
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_no_word_stays_in_the_free_room_of_the_file(sqlite_company: Company) -> None:
    company = sqlite_company
    anna = company.laptop(company.user("anna"))
    account = anna.account(name="Secret Ltd", notes="Secret words " * 50)
    deleted = anna.create("contact", account_id=account, name="Secret Person")
    delete(anna, "contact", deleted)
    files = [Path(company.database + suffix) for suffix in ("", "-wal")]
    assert any(b"Secret" in file.read_bytes() for file in files)
    company.storage.erase("account", account)
    assert [file.name for file in files if b"Secret" in file.read_bytes()] == []
    anna.pull()
    assert anna.of("account") == []


def test_the_journal_is_for_the_server_alone_after_an_erasure_too(sqlite_company: Company) -> None:
    company = sqlite_company
    account = company.write("account", name="Secret Ltd")
    company.write("account", name="Kept")
    (journal,) = Path(f"{company.database}.journal").glob("operations.*")
    assert journal.stat().st_mode & 0o077 == 0
    company.storage.erase("account", account)
    assert b"Kept" in journal.read_bytes()
    assert journal.stat().st_mode & 0o077 == 0
