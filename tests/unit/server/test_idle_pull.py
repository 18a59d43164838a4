"""What a pull asks the database when nothing was committed since: nearly all pulls are such."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from crm_desktop.ids import new_id
from server.storage import devices, users
from server.storage.storage import Storage
from sync.protocol import Cursor


def test_a_pull_without_news_asks_little_and_reads_no_row(tmp_path: Path) -> None:
    storage = Storage.create(str(tmp_path / "s.db"))
    user_id, device_id = new_id(), new_id()
    with storage.write(actor="test") as commit:
        users.add_account(commit, user_id, "anna", "x", "rep")
    storage.write_records([("account", new_id(), {"name": "Rheinwerk", "owner_id": user_id})], actor="test")
    with storage.plain_write() as connection:
        token, _ = devices.enrol_device(connection, user_id, "laptop", device_id, "2026-01-05T10:00:00.000Z")
        device = devices.find_device(connection, devices.token_hash(token), device_id)
    assert device is not None
    epoch, newest = storage.state()
    first = storage.pull(device, epoch, Cursor(), 100)
    assert (first.rows, first.cursor.seq, first.more) == (1, newest, False)
    asked: list[str] = []

    @event.listens_for(storage.engine, "before_cursor_execute")
    def _asked(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    again = storage.pull(device, epoch, first.cursor, 100, backfill=newest)
    assert (again.rows, again.cursor, again.more, again.own) == (0, first.cursor, False, False)
    assert b'"digest":{' in again.body
    # BEGIN, where the sequence stands, whether the cursor is of it, the scopes, the grants, the sums
    assert len(asked) == 6, "\n".join(asked)
    storage.close()
