"""Which of its open connections an engine on SQLite takes: each keeps up to 16 MB of the file in memory."""

from pathlib import Path

from sqlalchemy import Connection

from server.storage.storage import Storage


def test_readers_in_turn_share_one_connection_however_many_were_open_at_once(tmp_path: Path) -> None:
    storage = Storage.create(str(tmp_path / "s.db"))
    with storage.read() as one, storage.read() as two, storage.read() as three:
        assert len({_raw(one), _raw(two), _raw(three)}) == 3
    taken = set()
    for _ in range(6):
        with storage.read() as connection:
            taken.add(_raw(connection))
    assert len(taken) == 1
    storage.close()


def _raw(connection: Connection) -> int:
    return id(connection.connection.dbapi_connection)
