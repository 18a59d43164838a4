"""A backup is put back: laptops send again what it lacks, the journal repeats what the server had written itself."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from crm_desktop.errors import SessionError
from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, patch
from server.storage.check import problems
from server.storage.restored import restored
from server.storage.tables import number_series, replay_count
from sync.driver import run_session
from tests.integration.in_process import Company, Profile, Wire, company_at, profile_at
from tests.integration.server_process import patching


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    """A backup of PostgreSQL is taken and put back by its own tools; the rest is the same code."""
    with company_at(sqlite_database) as made:
        yield made


class Backup:
    """A copy of the database file as it stands now. The journal is not part of it."""

    def __init__(self, company: Company, folder: Path) -> None:
        self._company = company
        self._copy = folder / "backup.db"
        company.storage.close()
        shutil.copyfile(company.database, self._copy)
        company.open()

    def put_back(self) -> None:
        """The file as it was."""
        company = self._company
        company.storage.close()
        for suffix in ("", "-wal", "-shm"):
            Path(company.database + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._copy, company.database)
        company.open()


class Cut(Wire):
    """The line goes dead between the answer to a push and the pull after it."""

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """There is nobody."""
        raise SessionError("offline", "", "")


def counts(company: Company) -> list[tuple[str, int]]:
    """How what each laptop sent again has ended."""
    c = replay_count.c
    with company.storage.read() as connection:
        rows = connection.execute(select(c.outcome, c.operations).order_by(c.outcome))
        return [(row.outcome, row.operations) for row in rows]


def holds(company: Company) -> None:
    """The database's own check finds nothing."""
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_laptops_heal_what_the_backup_lacks(company: Company, tmp_path: Path) -> None:
    anna, ben = company.user("anna"), company.user("ben")
    shared = company.write("account", name="Shared", owner_id=anna)
    with profile_at(company, anna, tmp_path / "one") as one, profile_at(company, ben, tmp_path / "two") as two:
        one.sync()
        two.sync()
        backup = Backup(company, tmp_path)
        late = new_id()
        one.store.commit([create("account", late, {"name": "Late", "owner_id": anna})])
        one.store.commit([patch("account", shared, {"website": "late.example"})])
        two.store.commit([create("account", new_id(), {"name": "Ben's", "owner_id": ben})])
        assert one.sync().error is None
        assert two.sync().error is None
        backup.put_back()
        two.store.commit([create("account", new_id(), {"name": "After", "owner_id": ben})])
        for laptop in (two, one, two, one):
            report = laptop.sync()
            assert report.error is None
            assert report.digest_ok
            assert laptop.outbox() == 0
        assert one.get("account", late) is not None
        row = one.get("account", shared)
        assert row is not None
        assert row["website"] == "late.example"
        assert {r["name"] for r in two.store.read(lambda reader: reader.where("account"))} == {"Ben's", "After"}
    # the one that was written after the restore was noticed by nobody counts too: it came from the old history
    assert counts(company) == [("applied", 2), ("applied", 2)]
    holds(company)


def answered_and_forgotten(company: Company, folder: Path, one: Profile, two: Profile) -> str:
    """A customer of the first laptop that a restored server lacks; others have gone on. Returns its id.

    Its session ended between the answer and the pull: its cursor is one the restored server knows.
    """
    one.sync()
    two.sync()
    backup = Backup(company, folder)
    late = new_id()
    one.store.commit([create("account", late, {"name": "Late", "owner_id": one.user_id})])
    assert run_session(one.store, Cut(company, one.token), now=company.clock.now).pushed == 1
    backup.put_back()
    two.store.commit([create("account", new_id(), {"name": "Ben's", "owner_id": two.user_id})])
    assert two.sync().error is None
    return late


def test_what_was_answered_and_is_forgotten_is_sent_again_though_the_cursor_is_older(
    company: Company, tmp_path: Path
) -> None:
    anna, ben = company.user("anna"), company.user("ben")
    with profile_at(company, anna, tmp_path / "one") as one, profile_at(company, ben, tmp_path / "two") as two:
        late = answered_and_forgotten(company, tmp_path, one, two)
        assert one.sync().error is None  # it has nothing to send, as it believes
    with profile_at(company, anna, tmp_path / "three") as other:
        other.sync()
        assert other.get("account", late) is not None
    holds(company)


def test_the_server_notices_by_itself_before_anything_of_the_old_history_is_merged(company: Company) -> None:
    anna = company.user("anna")
    first, second = company.laptop(anna), company.laptop(anna)
    account = first.account(name="A")
    first.pull()
    backup = Backup(company, Path(company.database).parent)
    first.push(patching("account", account, first.versions["account", account], name=("A", "Lost")))
    second.pull()
    backup.put_back()
    for n in range(2):  # the sequence goes past what the second has seen
        company.write("tag", name=f"filler {n}")
    change = second.transaction(patching("account", account, second.versions["account", account], name=("Lost", "B")))
    body = {"epoch": second.epoch, "txns": [change], "cursor": second.cursor}
    answer = second.post("/sync/v1/push", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "epoch_changed")
    second.epoch = answer.json()["details"]["epoch"]
    told = second.send(change).json()["results"][0]["ops"][0]
    assert told["outcome"] == "conflict"  # its base is of another history, and the value it saw is not there


def test_the_journal_repeats_what_the_server_wrote_itself(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    kept = company.write("account", name="Kept", owner_id=anna)
    backup = Backup(company, tmp_path)
    lost = company.write("account", name="Lost", owner_id=anna)
    company.write("account", kept, website="kept.example")
    company.write("account", lost, website="lost.example")
    ben = company.user("ben", role="inside_sales")
    number = _next_number(company)
    backup.put_back()
    epoch, _ = company.storage.state()
    done = restored(company.storage)
    assert (done.commits, done.records, done.people, done.gone, done.unreadable) == (4, 4, 1, 0, 0)
    assert company.storage.state()[0] != epoch
    assert _next_number(company) == number + 1000
    fresh = company.laptop(anna)
    fresh.pull()
    assert fresh.rows["account", kept]["website"] == "kept.example"
    assert (fresh.rows["account", lost]["name"], fresh.rows["account", lost]["website"]) == ("Lost", "lost.example")
    assert company.laptop(ben).pull() == 1
    company.write("account", kept, website="newer.example")
    again = restored(company.storage)
    assert (again.commits, again.records) == (0, 0)
    fresh = company.laptop(anna)
    fresh.pull()
    assert fresh.rows["account", kept]["website"] == "newer.example"
    holds(company)


def _next_number(company: Company) -> int:
    with company.storage.read() as connection:
        return int(connection.scalar(select(number_series.c.next_value)) or 0)


def test_a_journal_with_half_a_line_is_read(company: Company, tmp_path: Path) -> None:
    backup = Backup(company, tmp_path)
    first = company.write("account", name="First")
    journal = company.storage.journal
    assert journal is not None
    (file,) = journal.folder.glob("operations.*.jsonl")
    with file.open("ab") as target:
        target.write(b'{"at":"2026-01')
    second = company.write("account", name="Second")
    backup.put_back()
    done = restored(company.storage)
    assert (done.commits, done.unreadable) == (2, 1)
    with company.storage.write() as commit:
        assert commit.live("account", first) is not None
        assert commit.live("account", second) is not None


def test_a_write_that_does_not_become_valid_is_not_repeated(company: Company, tmp_path: Path) -> None:
    """It dies between the journal's line and the end of the transaction."""
    backup = Backup(company, tmp_path)
    journal = company.storage.journal
    assert journal is not None

    def die(_connection: Connection) -> None:
        raise ZeroDivisionError

    event.listen(company.storage.engine, "commit", die)
    with pytest.raises(ZeroDivisionError):
        company.write("account", name="Never")
    event.remove(company.storage.engine, "commit", die)
    assert len(list(journal.folder.iterdir())) == 1
    assert list(journal.entries()) == []
    backup.put_back()
    assert restored(company.storage).commits == 0


def test_what_was_erased_stays_erased(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    account = company.write("account", name="Secret Name", owner_id=anna)
    contact = company.write("contact", account_id=account, name="Secret Person", owner_id=anna)
    with profile_at(company, anna, tmp_path / "one") as one:
        one.sync()
        backup = Backup(company, tmp_path)
        note = new_id()
        one.store.commit([create("visit", note, {"account_id": account, "note": "Secret note", "owner_id": anna})])
        one.store.commit([patch("contact", contact, {"job_title": "Secret title"})])
        assert one.sync().error is None
        assert company.storage.erase("account", account) == 3
        one.sync()
        assert one.get("contact", contact) is None
        backup.put_back()
        assert restored(company.storage).erased == 3
        report = one.sync()
        assert report.error is None
        assert report.outcomes == {"gone": 2}
        one.sync()
        assert one.get("visit", note) is None
    company.storage.close()
    for file in Path(f"{company.database}.journal").iterdir():
        assert b"Secret" not in file.read_bytes(), file
    company.open()
