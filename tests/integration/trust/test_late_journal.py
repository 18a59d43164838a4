"""The journal is repeated when laptops have sent again what it does not know of: neither side loses its words."""

import json
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, patch, set_add, set_remove, text
from server.storage import copies
from server.storage.aliases import merge_records
from server.storage.restored import restored
from tests.integration.in_process import Company, Profile
from tests.integration.trust.test_restored import Backup, holds
from tests.integration.trust.test_server_journal import anna, company, rows, sync

__all__ = ["anna", "company"]


def at_the_desk(company: Company, anna: Profile, **values: Any) -> str:
    """A customer as the backup holds it."""
    made = company.write("account", name="A", owner_id=anna.user_id, **values)
    sync(anna)
    return made


def account(company: Company, record_id: str) -> dict[str, Any]:
    """The customer at the server."""
    with company.storage.write() as commit:
        found = commit.live("account", record_id)
        assert found is not None
        return found.row


def lost(laptop: Profile) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What was kept of what does not stand: the rule, that value, and what stands."""
    kept = sorted(rows(laptop, "conflict"), key=lambda entry: (entry["rule"], entry["mine"]))
    return [(entry["rule"], json.loads(entry["mine"]), json.loads(entry["theirs"])) for entry in kept]


def late(company: Company, backup: Backup, *laptops: Profile) -> None:
    """The backup is put back, the laptops come, and only then somebody repeats the journal."""
    backup.put_back()
    company.clock.move(hours=1)
    for laptop in laptops:
        sync(laptop)
    restored(company.storage)


def test_words_the_desk_had_not_seen_stand_beside_its_own(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna, notes="first\n")
    backup = Backup(company, tmp_path)
    anna.store.commit([text("account", made, "notes", "hers\nfirst\n")])
    company.clock.move(minutes=1)
    company.write("account", made, notes="first\ndesk\n")
    company.clock.move(minutes=1)
    company.write("account", made, notes="first\ndesk\nmore\n")
    late(company, backup, anna)
    assert account(company, made)["notes"] == "hers\nfirst\ndesk\nmore\n"
    sync(anna)
    assert (anna.get("account", made) or {})["notes"] == "hers\nfirst\ndesk\nmore\n"
    assert restored(company.storage).records == 0
    holds(company)


def test_words_that_do_not_fit_beside_the_desks_are_kept(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna, notes="first\n")
    backup = Backup(company, tmp_path)
    anna.store.commit([text("account", made, "notes", "hers\n")])
    company.clock.move(minutes=1)
    company.write("account", made, notes="desk\n")
    late(company, backup, anna)
    assert account(company, made)["notes"] == "desk\n"
    sync(anna)
    assert lost(anna) == [("text", {"notes": "hers\n"}, {"notes": "desk\n"})]
    (entry,) = rows(anna, "conflict")
    assert (entry["mine_by"], entry["owner_id"], entry["status"]) == (anna.user_id, anna.user_id, "open")
    holds(company)


def test_words_the_desk_wrote_before_a_later_text_of_a_laptop_are_in_it_or_kept(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    one, two = at_the_desk(company, anna, notes="first\n"), at_the_desk(company, anna, notes="first\n")
    backup = Backup(company, tmp_path)
    company.write("account", one, notes="first\ndesk\n")
    company.write("account", two, notes="desk\n")
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    anna.store.commit([text("account", one, "notes", "hers\nfirst\n"), text("account", two, "notes", "hers\n")])
    sync(anna)
    restored(company.storage)
    assert account(company, one)["notes"] == "hers\nfirst\ndesk\n"
    assert account(company, two)["notes"] == "hers\n"
    sync(anna)
    assert ("text", {"notes": "desk\n"}, {"notes": "hers\n"}) in lost(anna)
    holds(company)


def test_what_the_desk_had_seen_it_writes_over(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna, notes="first\n", website="first.example")
    backup = Backup(company, tmp_path)
    anna.store.commit([text("account", made, "notes", "hers\n"), patch("account", made, {"website": "hers.example"})])
    sync(anna)
    company.clock.move(minutes=1)
    company.write("account", made, notes="desk\n", website="desk.example")
    late(company, backup, anna)
    sync(anna)
    row = account(company, made)
    assert (row["notes"], row["website"]) == ("desk\n", "desk.example")
    assert lost(anna) == []
    holds(company)


def test_a_value_the_desk_had_not_seen_is_kept(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna, website="first.example")
    backup = Backup(company, tmp_path)
    anna.store.commit([patch("account", made, {"website": "hers.example"})])
    company.clock.move(minutes=1)
    company.write("account", made, website="desk.example")
    late(company, backup, anna)
    assert account(company, made)["website"] == "desk.example"
    sync(anna)
    assert [entry[1:] for entry in lost(anna)] == [({"website": "hers.example"}, {"website": "desk.example"})]
    holds(company)


def test_what_belongs_together_is_repeated_together(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna, currency="EUR", credit_limit="100.00")
    backup = Backup(company, tmp_path)
    hers = {"currency": "CHF", "credit_limit": "90.00"}
    anna.store.commit([patch("account", made, hers)])
    company.clock.move(minutes=1)
    company.write("account", made, credit_limit="200.00")
    late(company, backup, anna)
    row = account(company, made)
    assert (row["currency"], row["credit_limit"]) == ("EUR", "200.00")
    sync(anna)
    assert [entry[1] for entry in lost(anna)] == [hers]
    holds(company)


def test_of_a_set_the_journal_repeats_what_the_desk_added_and_took_away(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    made = at_the_desk(company, anna, tags=["old", "stays"])
    backup = Backup(company, tmp_path)
    company.write("account", made, tags=["desk", "stays"])
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    anna.store.commit([set_add("account", made, "tags", ["hers"]), set_remove("account", made, "tags", ["stays"])])
    sync(anna)
    restored(company.storage)
    sync(anna)
    assert (anna.get("account", made) or {})["tags"] == ["desk", "hers"]
    holds(company)


def test_a_record_with_a_tag_added_since_is_in_use(company: Company, anna: Profile, tmp_path: Path) -> None:
    made = at_the_desk(company, anna)
    backup = Backup(company, tmp_path)
    with company.storage.write(actor="desk") as commit:
        found = commit.live("account", made)
        assert found is not None
        commit.put("account", made, found.row, found.field_ver, deleted=True)
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    anna.store.commit([set_add("account", made, "tags", ["hers"])])
    sync(anna)
    assert restored(company.storage).newer == 1
    assert account(company, made)["tags"] == ["hers"]
    holds(company)


def test_the_later_of_a_laptop_and_the_desk_is_the_newest(company: Company, anna: Profile, tmp_path: Path) -> None:
    """Where the later edit stands (a task's due day), the desk's time counts as a laptop's does."""
    task = new_id()
    anna.store.commit([create("task", task, {"subject": "Call", "owner_id": anna.user_id, "due_on": "2026-03-01"})])
    sync(anna)
    company.clock.move(minutes=1)
    anna.store.commit([patch("task", task, {"due_on": "2026-03-02"})])
    company.clock.move(minutes=1)
    company.write("task", task, due_on="2026-03-03")
    sync(anna)
    assert (anna.get("task", task) or {})["due_on"] == "2026-03-03"
    assert lost(anna) == [("newest", {"due_on": "2026-03-02"}, {"due_on": "2026-03-03"})]
    backup = Backup(company, tmp_path)
    company.write("task", task, due_on="2026-03-04")
    company.clock.move(minutes=1)
    anna.store.commit([patch("task", task, {"due_on": "2026-03-05"})])
    backup.put_back()
    restored(company.storage)
    sync(anna)
    assert (anna.get("task", task) or {})["due_on"] == "2026-03-05"
    holds(company)


@pytest.mark.parametrize("before", ["known", "unknown"])
def test_an_entry_that_does_not_say_what_it_was_written_over_loses_nothing_either(
    company: Company, anna: Profile, tmp_path: Path, before: str
) -> None:
    """Journals of earlier versions tell what was written alone."""
    made = at_the_desk(company, anna, notes="first\n")
    backup = Backup(company, tmp_path)
    anna.store.commit([text("account", made, "notes", "hers\nfirst\n")])
    company.clock.move(minutes=1)
    company.write("account", made, notes="first\ndesk\n")
    assert company.storage.journal is not None
    for file in company.storage.journal.folder.glob("operations.*.jsonl") if before == "unknown" else ():
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        for entry in lines:
            for told in entry.get("records", ()):
                told.pop("was", None)
        file.write_text("".join(json.dumps(entry) + "\n" for entry in lines))
    late(company, backup, anna)
    sync(anna)
    stands, kept = account(company, made)["notes"], json.dumps(lost(anna))
    assert stands == ("hers\nfirst\ndesk\n" if before == "known" else "first\ndesk\n")
    assert "hers" in stands or "hers" in kept
    holds(company)


def test_two_that_were_merged_one_way_and_then_the_other_are_one(
    company: Company, anna: Profile, tmp_path: Path
) -> None:
    """The journal holds what an earlier restore lost, and people did it again the other way round."""
    one, two = at_the_desk(company, anna), at_the_desk(company, anna)
    below = [company.write("contact", account_id=of, name="C") for of in (one, two)]
    for keep, gone in ((one, two), (two, one)):
        backup = Backup(company, tmp_path)
        with company.storage.write(actor="desk") as commit:
            merge_records(commit, "account", keep, gone)
        backup.put_back()
        company.clock.move(hours=1)
        sync(anna)
    restored(company.storage)
    sync(anna)
    assert [row["id"] for row in rows(anna, "account")] == [one]
    assert {row["id"]: row["account_id"] for row in rows(anna, "contact")} == dict.fromkeys(below, one)
    holds(company)


@pytest.mark.parametrize("made", ["new", "moved", "by a laptop"])
@pytest.mark.parametrize("since", ["deleted", "merged"])
def test_what_the_journal_puts_under_a_customer_that_is_gone_since_goes_with_him(
    company: Company, anna: Profile, tmp_path: Path, made: str, since: str
) -> None:
    gone, other = at_the_desk(company, anna), at_the_desk(company, anna)
    contact = new_id()
    if made == "moved":
        company.write("contact", contact, account_id=other, name="C")
    backup = Backup(company, tmp_path)
    if made == "by a laptop":
        anna.store.commit([create("contact", contact, {"account_id": gone, "name": "C"})])
        sync(anna)
        company.write("contact", contact, job_title="Buyer")
    else:
        company.write("contact", contact, account_id=gone, name="C")
    backup.put_back()
    company.clock.move(hours=1)
    with company.storage.write(actor="desk") as commit:
        if since == "merged":
            merge_records(commit, "account", other, gone)
        else:
            found = commit.live("account", gone)
            assert found is not None
            commit.put("account", gone, found.row, found.field_ver, deleted=True)
    restored(company.storage)
    holds(company)
    with company.storage.write() as commit:
        row = commit.live("contact", contact)
    if since == "merged":
        assert row is not None
        assert row.row["account_id"] == other
    elif made == "moved":
        assert row is not None  # where he was, he is still
        assert row.row["account_id"] == other
    else:
        assert row is None


def test_what_came_back_as_a_copy_takes_the_journal_too(company: Company, anna: Profile, tmp_path: Path) -> None:
    """The whole of a record the desk had made meets one that is there again."""
    backup = Backup(company, tmp_path)
    made = at_the_desk(company, anna, notes="first\n", tags=["desk"])
    company.write("account", made, website="desk.example")
    sync(anna)
    backup.put_back()
    company.clock.move(hours=1)
    sync(anna)
    assert copies.take_back(company.storage, None) == 1
    restored(company.storage)
    sync(anna)
    row = anna.get("account", made) or {}
    assert (row["name"], row["notes"], row["website"], row["tags"]) == ("A", "first\n", "desk.example", ["desk"])
    assert lost(anna) == []
    holds(company)
