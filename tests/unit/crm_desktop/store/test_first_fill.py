"""Parts going into a store: turns for those who wait, going on in the middle, and when it is not for parts."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from crm_desktop.clock import SystemClock
from crm_desktop.errors import SessionError
from crm_desktop.model.wire import clean_row, columns, row_hash, to_columns
from crm_desktop.store import fill_part
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.fill_part import Part, PartRun
from crm_desktop.store.filling import Filling
from crm_desktop.store.first_fill import FirstFill
from crm_desktop.store.intents import create
from crm_desktop.store.writer import Writer

KEY = bytes(range(32))
COUNT = 7


def packed(count: int = COUNT, **more: Any) -> bytes:
    """A part of tags."""
    rows = []
    for number in range(count):
        row = clean_row("tag", {"name": f"Wort{number} Ä"})
        record_id = f"01a20000-0000-7000-8000-{number:012x}"
        rows.append([record_id, record_id, 3, 5, row_hash("tag", record_id, 5, row), *to_columns("tag", row)])
    data = [list(column) for column in zip(*rows, strict=True)]
    body = {"e": "tag", "cols": list(columns("tag")), "data": data} | more
    return zstandard.ZstdCompressor().compress(orjson.dumps(body))


def manifest(*parts: bytes) -> dict[str, Any]:
    """What a server offers."""
    listed = [
        {"snapshot_id": "s", "i": i, "entity": "tag", "rows": COUNT, "bytes": len(part), "sha256": ""}
        for i, part in enumerate(parts)
    ]
    return {
        "epoch": "e", "as_of": {"seq": 5, "commit_id": "c5"}, "snapshots": ["s"], "scopes": ["catalogue"],
        "scope_sets": {"3": ["catalogue"]}, "parts": listed, "complete": True,
    }  # fmt: skip


@pytest.fixture
def filling(store: ClientStore, monkeypatch: pytest.MonkeyPatch) -> Filling:
    """The filling of an empty store, by short slices."""
    monkeypatch.setattr(fill_part, "SLICE", 2)
    store.enrol("d", "D", "u", "e")
    return store.first_fill


def names(store: ClientStore) -> list[str]:
    """Tags that search finds one by one."""
    rows = store.read(lambda reader: reader.where("tag"))
    return sorted(str(row["name"]) for row in rows)


def test_nobody_waiting_a_part_is_one_transaction(store: ClientStore, filling: Filling) -> None:
    part = packed()
    filling.take(manifest(part))
    begun = store._writer.begun
    assert filling.apply(0, filling.decode(part)) == COUNT
    assert store._writer.begun == begun + 1
    filling.finish()
    assert len(names(store)) == COUNT
    assert store.sync_state().cursor_seq == 5


def test_who_waits_gets_his_turn_after_a_slice(
    store: ClientStore, filling: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writer, "waiting", property(lambda _self: True))
    part = packed()
    filling.take(manifest(part))
    begun = store._writer.begun
    filling.apply(0, filling.decode(part))
    assert store._writer.begun == begun + 4  # 2 + 2 + 2 + 1 rows
    filling.finish()
    assert len(names(store)) == COUNT
    assert store.read(lambda reader: reader.digest()) == store.recompute_digest()


def test_a_part_goes_on_in_the_middle_after_a_crash(store: ClientStore, filling: Filling, tmp_path: Path) -> None:
    part = packed()
    filling.take(manifest(part))
    half = PartRun(0, FirstFill.decode(part))
    store._writer.call(lambda connection: half.slice(connection, lambda: True), mode="apply")
    assert len(names(store)) == 2
    folder = store.path.parent
    store.close()
    with ClientStore.open(folder, KEY, SystemClock()) as again:
        state = again.first_fill.state()
        assert state is not None
        assert (state.begun, state.next) == (True, 0)
        assert again.read(lambda reader: reader.counts())["to_come"] == COUNT - 2
        again.first_fill.apply(0, FirstFill.decode(part))
        again.first_fill.apply(0, FirstFill.decode(part))  # told twice
        again.first_fill.finish()
        assert len(names(again)) == COUNT
        assert again.read(lambda reader: reader.counts())["to_come"] == 0
        assert again.read(lambda reader: reader.digest()) == again.recompute_digest()


@pytest.mark.parametrize("snapshots", [["s"], ["other"]], ids=["more of the same", "another snapshot"])
def test_the_pull_begins_where_the_oldest_part_was_told(
    store: ClientStore, filling: Filling, snapshots: list[str]
) -> None:
    """What was deleted since is in no later part, and no pull from there would tell it."""
    part = packed()
    filling.take(manifest(part) | {"complete": False})
    filling.apply(0, filling.decode(part))
    later = {"as_of": {"seq": 9, "commit_id": "c9"}, "snapshots": snapshots}
    filling.take(manifest(part) | later)
    if snapshots != ["s"]:
        filling.apply(0, filling.decode(part))
    filling.finish()
    state = store.sync_state()
    assert (state.cursor_seq, state.cursor_commit) == (5, "c5")
    assert len(names(store)) == COUNT


def test_a_kind_of_record_of_a_newer_server_is_passed_over(store: ClientStore, filling: Filling) -> None:
    part = packed(e="spaceship")
    filling.take(manifest(part))
    filling.apply(0, filling.decode(part))
    filling.finish()
    assert names(store) == []
    assert store.sync_state().cursor_seq == 5


def test_a_column_that_is_not_told_has_its_default(store: ClientStore, filling: Filling) -> None:
    known = [name for name in columns("tag") if name != "description"]
    data = orjson.loads(zstandard.decompress(packed()))["data"]
    del data[5 + columns("tag").index("description")]
    part = packed(cols=known, data=data)
    filling.take(manifest(part))
    filling.apply(0, filling.decode(part))
    filling.finish()
    assert {row["description"] for row in store.read(lambda reader: reader.where("tag"))} == {""}


@pytest.mark.parametrize(
    "broken", [b"no zstd", zstandard.compress(b"[1]"), zstandard.compress(b"{}"), packed(cols=["name"])]
)
def test_what_is_no_part_changes_nothing(store: ClientStore, filling: Filling, broken: bytes) -> None:
    with pytest.raises(SessionError) as refused:
        filling.decode(broken)
    assert refused.value.code == "bad_answer"


def test_a_part_with_scopes_nobody_told_changes_nothing(store: ClientStore, filling: Filling) -> None:
    part = packed()
    filling.take(manifest(part) | {"scope_sets": {}})
    with pytest.raises(SessionError):
        filling.apply(0, filling.decode(part))
    assert names(store) == []
    state = filling.state()
    assert state is not None
    assert state.next == 0


def test_work_of_ones_own_leaves_the_store_empty_for_parts(store: ClientStore, filling: Filling) -> None:
    store.commit([create("account", "01a20000-0000-7000-8000-00000000000a", {"name": "Mein"})])
    state = filling.state()
    assert state is not None
    assert not state.begun


def test_a_filling_given_up_leaves_everything_as_pages_expect_it(store: ClientStore, filling: Filling) -> None:
    def schema() -> list[tuple[str, str]]:
        sql = "SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY 1, 2"
        return store.read(lambda reader: reader._connection.execute(sql).fetchall())

    before = schema()
    part = packed()
    filling.take(manifest(part))
    assert schema() != before
    filling.apply(0, filling.decode(part))
    filling.forget()
    assert schema() == before
    assert store.sync_state().cursor_seq == 0
    assert filling.state() is None  # it has rows: pages confirm them


def test_parts_are_decoded_without_the_file(filling: Filling) -> None:
    assert isinstance(filling.decode(packed()), Part)


def test_the_newest_have_the_highest_rowids_and_later_ones_higher_still(store: ClientStore, filling: Filling) -> None:
    """Search shows what it finds newest first by them. Parts come newest first, so the first one is above the next."""
    newer, older = packed(7), packed(3)
    data = orjson.loads(zstandard.decompress(older))["data"]
    data[0] = [f"00a20000{record_id[8:]}" for record_id in data[0]]
    older = packed(data=[column[::-1] for column in data])
    data = orjson.loads(zstandard.decompress(newer))["data"]
    newer = packed(data=[column[::-1] for column in data])
    filling.take(manifest(newer, older))
    filling.apply(0, filling.decode(newer))
    filling.apply(1, filling.decode(older))
    filling.finish()
    store.commit([create("tag", "02a20000-0000-7000-8000-00000000000a", {"name": "Danach"})])
    sql = "SELECT id FROM tag ORDER BY rowid"
    by_rowid = store.read(lambda reader: [row[0] for row in reader._connection.execute(sql)])
    assert len(by_rowid) == 11
    assert by_rowid == sorted(by_rowid)
