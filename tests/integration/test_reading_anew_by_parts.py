"""A store that must read everything anew gets a successor beside it; what exists only here goes over, nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.errors import StoreError
from crm_desktop.ids import new_id
from crm_desktop.services.records import RecordService
from crm_desktop.store.connection import connect
from crm_desktop.store.exchange import BEFORE, NEXT, beside
from crm_desktop.store.intents import create, delete, patch
from tests.integration.parts_house import KEY, House, Laptop, house
from tests.integration.test_first_sync_by_parts import by_pages, content


@pytest.fixture
def lite(sqlite_database: str, tmp_path: Path) -> Iterator[House]:
    """A company on SQLite."""
    with house(sqlite_database, tmp_path) as made:
        made.fill()
        yield made


@pytest.fixture
def laptop(lite: House) -> Laptop:
    """A laptop that is in use."""
    made = lite.laptop()
    made.sync()
    made.line.fetched.clear()
    return made


def test_a_new_history_is_read_into_a_successor(lite: House, laptop: Laptop) -> None:
    records = RecordService(laptop.store, lite.anna)
    some = laptop.store.read(lambda reader: reader.where("account"))[0]["id"]
    laptop.store.save_draft("note", {"text": "halb"})
    laptop.store.set_setting("columns", "a,b")
    counter = laptop.store.next_counter("quote")
    lite.storage.new_epoch(lite.storage.state()[0])
    mine = records.create("account", {"name": "Im Auto GmbH"})
    inode = laptop.store.path.stat().st_ino
    seen: list[set[str]] = []

    def meanwhile(number: int) -> None:
        seen.append(laptop.names())
        if number == 4:
            records.update("account", some, {"name": "Beim Lesen geändert"})

    laptop.line.before_part = meanwhile
    laptop.sync()
    assert len(seen) > 10
    assert all("Mueller oHG" in names and "Im Auto GmbH" in names for names in seen)
    assert laptop.store.path.stat().st_ino != inode
    assert {"Im Auto GmbH", "Beim Lesen geändert", "Mueller oHG"} <= laptop.names()
    laptop.sync()
    assert laptop.store.read(lambda reader: reader.counts())["outbox"] == 0
    assert laptop.store.load_draft("note") == {"text": "halb"}
    assert laptop.store.get_setting("columns") == "a,b"
    assert laptop.store.next_counter("quote") == counter + 1
    assert laptop.store.read(lambda reader: reader.get("account", mine)) is not None
    assert len(laptop.store.read(lambda reader: reader.sync_history(limit=10))) >= 2
    assert content(laptop) == content(by_pages(lite))
    laptop.restart()
    assert not beside(laptop.store.path, NEXT).exists()
    assert not beside(laptop.store.path, BEFORE).exists()
    assert content(laptop) == content(by_pages(lite))


def test_what_only_this_copy_holds_goes_over_and_is_told(lite: House, laptop: Laptop) -> None:
    """The server does not know a record any more: it is still here, and found, when the successor is the store.

    Afterwards the server is told of it, as it is after reading anew by pages.
    """
    lost = lite.account("Verloren AG")
    lite.write(lost)
    laptop.sync()
    with lite.storage.plain_write() as connection:
        for table_name in ("account", "row_meta", "change_log"):
            connection.exec_driver_sql(f"DELETE FROM {table_name} WHERE id = '{lost[1]}'")
    lite.storage.new_epoch(lite.storage.state()[0])
    seen: list[bool] = []
    told = laptop.store.first_fill.finish

    def finish() -> None:
        told()
        seen.append("Verloren AG" in laptop.names())
        hits = laptop.store.read(lambda reader: reader.search("verloren"))
        seen.append([hit.id for hit in hits] == [lost[1]])

    laptop.store.first_fill.finish = finish  # type: ignore[method-assign]
    inode = laptop.store.path.stat().st_ino
    report = laptop.try_sync()
    assert laptop.store.path.stat().st_ino != inode
    assert seen[:2] == [True, True]  # its sums are those of a history with the record, so more than this may follow
    assert report.copies == 1


def test_what_does_not_stand_leaves_the_new_file_as_the_server_has_it(lite: House, laptop: Laptop) -> None:
    """Work that went over is undone by what the server's rows say in the new file; no page names them again."""
    some, other = (row["id"] for row in laptop.store.read(lambda reader: reader.where("account"))[:2])
    laptop.store.commit([patch("account", other, {"industry": "Schon da"})])
    laptop.sync()
    lite.storage.new_epoch(lite.storage.state()[0])
    orphan = new_id()

    def meanwhile(number: int) -> None:
        if number == 4:  # the reading is not through: its author has seen nothing of the new history
            laptop.store.commit([delete("account", some)])
            laptop.store.commit([create("contact", orphan, {"name": "Niemandes", "account_id": new_id()})])

    laptop.line.before_part = meanwhile
    inode = laptop.store.path.stat().st_ino
    laptop.sync()
    assert laptop.store.path.stat().st_ino != inode
    assert laptop.sync().differed == ()
    gone, back = laptop.store.read(lambda reader: (reader.get("contact", orphan), reader.get("account", some)))
    assert (gone, back is not None) == (None, True)
    assert laptop.store.read(lambda reader: reader._connection.execute("SELECT * FROM mirror").fetchall()) == []
    assert content(laptop) == content(by_pages(lite))


def test_a_repair_by_parts_names_what_differed(lite: House, laptop: Laptop) -> None:
    accounts = laptop.store.read(lambda reader: reader.where("account"))
    harmed, missing = accounts[0]["id"], accounts[1]["id"]
    writer = laptop.store._writer
    writer.call(lambda c: c.execute("UPDATE account SET name = 'X' WHERE id = ?", (harmed,)), mode="apply")
    writer.call(lambda c: c.execute("DELETE FROM account WHERE id = ?", (missing,)), mode="apply")
    assert laptop.store.begin_repair()
    report = laptop.try_sync()
    assert report.error is None
    assert len(laptop.line.fetched) > 10
    assert {("account", harmed), ("account", missing)} <= set(report.differed)
    assert content(laptop) == content(by_pages(lite))


def test_a_file_another_program_has_open_stays_and_pages_go_on(lite: House, laptop: Laptop) -> None:
    other = connect(laptop.store.path, KEY)
    other.execute("SELECT count(*) FROM account").fetchone()
    inode = laptop.store.path.stat().st_ino
    lite.storage.new_epoch(lite.storage.state()[0])
    laptop.sync()
    assert laptop.store.path.stat().st_ino == inode
    assert other.execute("SELECT count(*) FROM account").fetchone()[0] == len(laptop.names())
    other.close()
    laptop.store.commit([create("account", "01a20000-0000-7000-8000-00000000abcd", {"name": "Danach GmbH"})])
    laptop.restart()
    assert "Danach GmbH" in laptop.names()
    assert not beside(laptop.store.path, NEXT).exists()


def test_a_broken_line_leaves_the_old_file_in_use(lite: House, laptop: Laptop) -> None:
    lite.storage.new_epoch(lite.storage.state()[0])

    def broken(number: int) -> None:
        laptop.line.cut = 50 if number == 6 else None

    laptop.line.before_part = broken
    names = laptop.names()
    assert laptop.try_sync().error is not None
    assert laptop.names() == names
    some = laptop.store.read(lambda reader: reader.where("account"))[0]["id"]
    laptop.store.commit([patch("account", some, {"industry": "Dazwischen"})])
    first = len(laptop.line.fetched)
    laptop.restart()
    laptop.sync()
    assert laptop.line.fetched[0][2] == 50
    assert len(laptop.line.fetched) > first
    laptop.sync()
    assert content(laptop) == content(by_pages(lite))


@pytest.mark.parametrize("step", ["indexes", "exchange"])
def test_a_successor_that_cannot_be_finished_is_given_up_for_pages(lite: House, laptop: Laptop, step: str) -> None:
    """Its rows fit on the disk, what comes behind them does not: to fetch it all again would not help."""
    records = RecordService(laptop.store, lite.anna)
    inode = laptop.store.path.stat().st_ino
    lite.storage.new_epoch(lite.storage.state()[0])
    mine = records.create("account", {"name": "Auch hier GmbH", "owner_id": lite.anna})
    filling = laptop.store.first_fill
    asked: list[str] = []

    def full() -> None:
        connection = filling._connection
        assert connection is not None
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

    def no_room() -> bool:
        asked.append("exchange")
        raise StoreError("disk_full", "The disk is full.", "Free some space.")

    if step == "exchange":
        filling._exchange = no_room
    else:
        finish = filling.finish

        def filled() -> None:
            asked.append("indexes")
            full()
            finish()

        filling.finish = filled  # type: ignore[method-assign]
    laptop.sync()
    assert asked == [step]
    assert laptop.store.path.stat().st_ino == inode
    laptop.sync()
    assert laptop.store.read(lambda reader: reader.get("account", mine)) is not None
    assert not beside(laptop.store.path, NEXT).exists()
    assert content(laptop) == content(by_pages(lite))
