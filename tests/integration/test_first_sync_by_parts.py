"""A first sync by prepared parts ends in the same file as one by pages, whatever breaks on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.errors import SessionError
from crm_desktop.ids import new_id
from crm_desktop.model.wire import clean_row
from crm_desktop.services.records import RecordService
from crm_desktop.store.connection import connect
from crm_desktop.store.tables import ENTITY_NAMES, ENTITY_NUMBER, quoted
from sync.transport import HttpTransport
from tests.integration.parts_house import KEY, House, Laptop, house


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[House]:
    """A company with one territory, on each database."""
    with house(database, tmp_path) as made:
        made.fill()
        yield made


@pytest.fixture
def lite(sqlite_database: str, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite alone."""
    with house(sqlite_database, tmp_path) as made:
        made.fill()
        yield made


def by_pages(home: House, login: str = "anna") -> Laptop:
    """A laptop synced without parts."""
    laptop = home.laptop(login)
    told = laptop.line.snapshot
    laptop.line.snapshot = lambda body: {"parts": [], "complete": True}  # type: ignore[method-assign]
    laptop.sync()
    laptop.line.snapshot = told  # type: ignore[method-assign]
    return laptop


def content(laptop: Laptop) -> dict[str, list[Any]]:
    """Everything of the server in a laptop's file: rows with all columns, sums, search words by record, schema."""
    connection = connect(laptop.store.path, KEY, read_only=True)
    found: dict[str, list[Any]] = {}
    records: dict[int, tuple[str, str]] = {}
    for entity in ENTITY_NAMES:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(entity)})")]
        listed = ", ".join(map(quoted, sorted(names)))
        found[entity] = connection.execute(f"SELECT {listed} FROM {quoted(entity)} ORDER BY id").fetchall()
        for rowid, record_id in connection.execute(f"SELECT rowid, id FROM {quoted(entity)}"):
            records[(rowid << 6) | ENTITY_NUMBER[entity]] = (entity, record_id)
    connection.execute("PRAGMA query_only = OFF")
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)")
    found["words"] = sorted(
        (term, *records[doc], column, offset)
        for term, doc, column, offset in connection.execute("SELECT term, doc, col, offset FROM temp.words")
    )
    found["sums"] = connection.execute("SELECT scope, sum FROM scope_sum WHERE sum <> 0 ORDER BY scope").fetchall()
    found["schema"] = sorted(
        connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger')")
    )
    connection.close()
    return found


def test_parts_and_pages_make_the_same_file(home: House) -> None:
    parts, pages = home.laptop(), by_pages(home)
    report = parts.sync()
    assert len(parts.line.fetched) > 10
    assert report.pulled == sum(len(rows) for name, rows in content(pages).items() if name in ENTITY_NAMES)
    assert content(parts) == content(pages)
    assert parts.store.sync_state().cursor_seq == pages.store.sync_state().cursor_seq
    hits = parts.store.read(lambda reader: reader.search("lodz"))
    assert [hit.title for hit in hits] == ["Ärzte & Söhne GmbH"]
    assert parts.store.recompute_digest() == pages.store.recompute_digest()


def test_costs_are_in_no_part_for_those_who_may_not_see_them(lite: House) -> None:
    lite.add_user("ines", "--role", "inside_sales", "--territory", "T1")
    anna, ines = lite.laptop(), lite.laptop("ines")
    anna.sync(), ines.sync()
    costs = [laptop.store.read(lambda reader: reader.where("product")[0]["cost"]) for laptop in (anna, ines)]
    assert costs == [None, "12.5000"]
    assert {snapshot for snapshot, *_ in anna.line.fetched}.isdisjoint(snapshot for snapshot, *_ in ines.line.fetched)


def test_what_two_users_share_is_prepared_once(lite: House) -> None:
    lite.add_user("ben", "--territory", "T1")
    anna, ben = lite.laptop(), lite.laptop("ben")
    anna.sync()
    ben.sync()
    shared = {snapshot for snapshot, *_ in anna.line.fetched} & {snapshot for snapshot, *_ in ben.line.fetched}
    assert len(shared) == 1
    assert "Mueller oHG" in ben.names()
    assert f"user:{lite.anna}" in str(content(anna)["account"])
    assert f"user:{lite.anna}" not in str(content(ben)["account"])


def test_what_changes_while_parts_are_fetched_comes_with_the_pull(home: House) -> None:
    home.run("territory", "add", "T9")
    gone, moved, changed = (home.account(name) for name in ("Weg AG", "Umzug AG", "Alt AG"))
    home.write(gone, moved, changed)
    laptop = home.laptop()

    def meanwhile(number: int) -> None:
        if number == 3:
            home.delete("account", gone[1])
            home.write((moved[0], moved[1], {"territory_id": home.add_territory("T8")}))
            home.write((changed[0], changed[1], {"name": "Neu AG"}), home.account("Dazu AG"))

    laptop.line.before_part = meanwhile
    laptop.sync()
    assert {"Neu AG", "Dazu AG"} <= laptop.names()
    assert laptop.names().isdisjoint({"Weg AG", "Umzug AG", "Alt AG"})
    assert content(laptop) == content(by_pages(home))


def test_a_broken_line_and_a_restart_fetch_no_byte_twice(lite: House) -> None:
    laptop = lite.laptop()

    to_come: list[int] = []

    def broken(number: int) -> None:
        to_come.append(laptop.store.read(lambda reader: reader.counts())["to_come"])
        if number == 4:
            laptop.line.cut = 100

    laptop.line.before_part = broken
    report = laptop.try_sync()
    assert report.error is not None
    assert report.error.code == "offline"
    assert to_come[-1] > 0
    before = [(snapshot, part) for snapshot, part, _ in laptop.line.fetched]
    assert len(before) == 5
    laptop.restart()
    laptop.sync()
    assert laptop.store.read(lambda reader: reader.counts())["to_come"] == 0
    assert laptop.line.fetched[0] == (*before[-1], 100)
    assert {first for _, _, first in laptop.line.fetched[1:]} == {0}
    again = [(snapshot, part) for snapshot, part, _ in laptop.line.fetched]
    assert set(before[:-1]).isdisjoint(again)
    assert content(laptop) == content(by_pages(lite))


def test_a_damaged_part_is_fetched_again(lite: House) -> None:
    laptop = lite.laptop()

    def harm(number: int) -> None:
        laptop.line.harm = number == 2

    laptop.line.before_part = harm
    laptop.sync()
    assert laptop.line.fetched[2] in laptop.line.fetched[3:]
    assert content(laptop) == content(by_pages(lite))


def test_parts_that_are_gone_are_replaced_by_others(lite: House) -> None:
    """The server lost what it had prepared, and rows already applied were deleted and moved away meanwhile."""
    gone, moved = lite.account("Weg AG"), lite.account("Umzug AG")
    lite.write(gone, moved)
    laptop = lite.laptop()

    def lose(number: int) -> None:
        if number == 5:
            lite.delete("account", gone[1])
            lite.write((moved[0], moved[1], {"territory_id": lite.add_territory("T8")}), lite.account("Dazu AG"))
            for path in lite.folder.glob("*.parts/*/*.zst"):
                path.unlink()

    laptop.line.before_part = lose
    laptop.sync()
    assert len({snapshot for snapshot, *_ in laptop.line.fetched}) == 2
    assert laptop.names().isdisjoint({"Weg AG", "Umzug AG"})
    assert content(laptop) == content(by_pages(lite))


def test_work_done_before_and_during_the_filling_stays_and_arrives(lite: House) -> None:
    laptop, pages = lite.laptop(), by_pages(lite)
    records = RecordService(laptop.store, lite.anna)
    mine = records.create("account", {"name": "Vorher GmbH"})

    def work(number: int) -> None:
        """An edit of a row that came by a part, and a new record in between."""
        here = laptop.store.read(lambda reader: [row["id"] for row in reader.where("account") if row["id"] != mine])
        if number == 6:
            records.update("account", here[0], {"name": "Im Laufen geändert", "notes": "neu"})
            records.create("account", {"name": "Mittendrin GmbH"})

    laptop.line.before_part = work
    laptop.sync()
    laptop.sync()
    pages.sync()
    assert {"Vorher GmbH", "Mittendrin GmbH", "Im Laufen geändert"} <= laptop.names() == pages.names()
    assert content(laptop) == content(pages)
    assert laptop.store.read(lambda reader: reader.counts())["outbox"] == 0


def test_parts_are_for_those_who_may_see_their_rows_now(lite: House) -> None:
    lite.add_user("eve")
    anna, eve = lite.laptop(), lite.laptop("eve")
    anna.sync()
    snapshot_id, number, _ = anna.line.fetched[0]
    with pytest.raises(SessionError) as refused:
        HttpTransport.get_part(eve.line, snapshot_id, number, 1000, bytearray())
    assert refused.value.code == "not_found"
    lite.run("territory", "revoke", "T1", "anna")
    with pytest.raises(SessionError) as refused:
        HttpTransport.get_part(anna.line, snapshot_id, number, 1000, bytearray())
    assert refused.value.code == "not_found"


def test_a_territory_granted_later_gets_no_older_parts(lite: House) -> None:
    """What was written before the grant, and has left the territory since, is not told."""
    anna = lite.laptop()
    anna.sync()
    lite.add_user("ben")
    lite.run("territory", "grant", "T1", "ben")
    ben = lite.laptop("ben")
    ben.sync()
    assert {snapshot for snapshot, *_ in anna.line.fetched}.isdisjoint(snapshot for snapshot, *_ in ben.line.fetched)
    assert ben.names() == anna.names()


def test_after_a_departure_a_snapshot_is_made_anew(lite: House) -> None:
    gone = lite.account("Weg AG")
    lite.write(gone)
    first, second = lite.laptop(), lite.laptop()
    first.sync()
    lite.delete("account", gone[1])
    second.sync()
    assert {snapshot for snapshot, *_ in first.line.fetched}.isdisjoint(
        snapshot for snapshot, *_ in second.line.fetched
    )


def test_a_record_in_two_snapshots_of_different_moments_comes_once(lite: House) -> None:
    """Her own rows were prepared before the customer came into her territory, what she shares afterwards."""
    own = ("account", new_id(), clean_row("account", {"name": "Eigene AG", "owner_id": lite.anna}))
    lite.write(own)
    first, second = lite.laptop(), lite.laptop()
    first.sync()
    lite.write(("account", own[1], own[2] | {"territory_id": lite.territory}))
    lite.write(*(lite.account(f"Neu {number}") for number in range(40)))  # too many for a delta: prepared again
    second.sync()
    snapshots = [{snapshot for snapshot, *_ in laptop.line.fetched} for laptop in (first, second)]
    assert len(snapshots[0] & snapshots[1]) == 1 < len(snapshots[1])
    assert content(second) == content(by_pages(lite))


def test_an_old_server_fills_by_pages(lite: House) -> None:
    laptop = lite.laptop()

    def unknown(body: object) -> dict[str, object]:
        raise SessionError("not_found", "There is nothing at this address.")

    laptop.line.snapshot = unknown  # type: ignore[method-assign]
    laptop.sync()
    assert laptop.line.fetched == []
    assert content(laptop) == content(by_pages(lite))


def test_what_was_erased_is_in_no_part(lite: House) -> None:
    lost = lite.account("Vergessen AG")
    lite.write(lost)
    first, second = lite.laptop(), lite.laptop()
    first.sync()
    snapshot_id, number, _ = first.line.fetched[0]
    assert any(lite.folder.glob("*.parts/*/*.zst"))
    lite.run("erase", "account", lost[1])
    assert not any(lite.folder.glob("*.parts/*/*.zst"))
    with pytest.raises(SessionError) as refused:
        HttpTransport.get_part(first.line, snapshot_id, number, 1000, bytearray())
    assert refused.value.code == "not_found"
    second.sync()
    assert "Vergessen AG" not in second.names()
    assert {snapshot for snapshot, *_ in first.line.fetched}.isdisjoint(
        snapshot for snapshot, *_ in second.line.fetched
    )


def test_a_part_that_is_damaged_on_the_server_leaves_the_rest_to_pages(lite: House) -> None:
    """Its disk has harmed what it had prepared: no laptop of the territory would ever get its first copy."""
    laptop = lite.laptop()

    def harm(_number: int) -> None:
        laptop.line.harm = len({part for _, part, _ in laptop.line.fetched}) > 3

    laptop.line.before_part = harm
    laptop.sync()
    assert content(laptop) == content(by_pages(lite))
