"""What a restored server lacks and nobody sends again, but a laptop still holds: listed with its source, taken back."""

from pathlib import Path

import pytest

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, patch
from server.storage import copies, replays
from tests.integration.in_process import Company, profile_at
from tests.integration.trust.test_restored import Backup, company, holds

__all__ = ["company"]


def test_the_work_of_a_laptop_that_never_comes_back(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    lost_laptop = company.laptop(anna)
    with profile_at(company, anna, tmp_path / "one") as one:
        one.sync()
        backup = Backup(company, tmp_path)
        account = lost_laptop.account(name="Only there")
        visit = lost_laptop.create("visit", account_id=account, subject="First visit")
        one.sync()
        one.store.commit([patch("account", account, {"website": "mine.example"})])
        one.sync()
        backup.put_back()
        report = one.sync()
        assert report.error is None
        assert report.outcomes == {"quarantined": 1}
        assert report.copies == 2
        assert one.get("account", account) is None
        with company.storage.read() as connection:
            left = copies.listed(connection)
            assert [(line.kind, line.operations, line.login) for line in replays.report(connection)] == [
                ("unknown_row", 1, "anna")
            ]
        assert [(item["title"], item["user"]) for item in left] == [("Only there", "anna"), ("First visit", "anna")]
        with pytest.raises(NotFound, match="no copy"):
            copies.take_back(company.storage, ["nothing"])
        assert copies.take_back(company.storage, None) == 2
        report = one.sync()
        assert report.digest_ok
        row = one.get("account", account)
        assert row is not None
        assert (row["name"], row["website"]) == ("Only there", "mine.example")
        assert one.get("visit", visit) is not None
        with company.storage.read() as connection:
            assert copies.listed(connection) == []
            assert [(line.kind, line.operations) for line in replays.report(connection)] == [("merged", 1)]
    holds(company)


def test_what_its_author_sends_again_later_is_no_copy_any_more(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    with profile_at(company, anna, tmp_path / "one") as one, profile_at(company, anna, tmp_path / "two") as two:
        one.sync()
        two.sync()
        backup = Backup(company, tmp_path)
        account = new_id()
        one.store.commit([create("account", account, {"name": "Mine", "owner_id": anna})])
        one.sync()
        two.sync()
        backup.put_back()
        assert two.sync().copies == 1
        with company.storage.read() as connection:
            assert [item["id"] for item in copies.listed(connection)] == [account]
        one.sync()
        with company.storage.read() as connection:
            assert copies.listed(connection) == []
        two.sync()
        assert two.get("account", account) is not None


def test_what_left_or_was_deleted_before_is_no_copy(company: Company, tmp_path: Path) -> None:
    """The restored server knows these records; that a laptop still showed them proves nothing."""
    anna, ben = company.user("anna"), company.user("ben")
    moved = company.write("account", name="Moved", owner_id=anna)
    deleted = company.write("account", name="Deleted", owner_id=anna)
    with profile_at(company, anna, tmp_path / "one") as one:
        one.sync()
        company.write("account", moved, owner_id=ben)
        with company.storage.write(actor="desk") as commit:
            found = commit.live("account", deleted)
            assert found is not None
            commit.put("account", deleted, found.row, found.field_ver, deleted=True)
        epoch, _ = company.storage.state()
        company.storage.new_epoch(epoch)
        report = one.sync()
        assert report.error is None
        assert (one.get("account", moved), one.get("account", deleted)) == (None, None)
        with company.storage.read() as connection:
            assert copies.listed(connection) == []


def test_a_copy_below_what_was_deleted_since_stays_a_copy(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    lost_laptop = company.laptop(anna)
    account = lost_laptop.account(name="There")
    with profile_at(company, anna, tmp_path / "one") as one:
        one.sync()
        backup = Backup(company, tmp_path)
        contact = lost_laptop.create("contact", account_id=account, name="Max")
        channel = lost_laptop.create("channel", contact_id=contact, kind="email", value="max@example.org")
        other = lost_laptop.account(name="Only there")
        one.sync()
        backup.put_back()
        assert one.sync().copies == 3
        with company.storage.write(actor="desk") as commit:
            found = commit.live("account", account)
            assert found is not None
            commit.put("account", account, found.row, found.field_ver, deleted=True)
        with pytest.raises(InvalidInput, match=f"contact {contact} belongs to {account}, which was deleted"):
            copies.take_back(company.storage, [contact])
        assert copies.take_back(company.storage, None) == 1
        with company.storage.read() as connection:
            assert {item["id"] for item in copies.listed(connection)} == {contact, channel}
        one.sync()
        assert one.get("account", other) is not None
    holds(company)
