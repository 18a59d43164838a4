"""What left a user's sight is told once, by pages of whole commits, of which each may hold more ids than rows."""

from pathlib import Path

import orjson

from crm_desktop.ids import new_id
from server.settings import Settings
from server.storage import devices, users
from server.storage.pull_changes import DEPARTURES_A_ROW
from server.storage.storage import Storage
from sync.protocol import Cursor


def test_departures_are_told_once_by_pages_of_whole_commits(tmp_path: Path) -> None:
    storage = Storage.create(str(tmp_path / "s.db"), settings=Settings(commit_rows=4))
    anna, laptop, north, south = (new_id() for _ in range(4))
    with storage.write(actor="test") as commit:
        users.add_account(commit, anna, "anna", "x", "rep")
        users.change_territories(commit, anna, [north, south])
    places = [{"territory_id": north if n % 2 else south, "owner_id": anna if n < 20 else None} for n in range(60)]
    accounts = [("account", new_id(), {"name": f"A{n}", **place}) for n, place in enumerate(places)]
    storage.write_records(accounts, actor="test")
    with storage.plain_write() as connection:
        token, _ = devices.enrol_device(connection, anna, "laptop", laptop, "2026-01-05T10:00:00.000Z")
        device = devices.find_device(connection, devices.token_hash(token), laptop)
    assert device is not None
    epoch, newest = storage.state()
    at = storage.pull(device, epoch, Cursor(), 2000).cursor
    assert at.seq == newest
    # Out of two scopes at once, by the territory that is taken, and some both ways.
    elsewhere = {"territory_id": new_id(), "owner_id": None}
    storage.write_records([(e, i, elsewhere) for e, i, _ in accounts[:20]], actor="test")
    with storage.write(actor="test") as commit:
        users.change_territories(commit, anna, revoke=[north])
    storage.write_records([(e, i, elsewhere) for e, i, _ in accounts[30:50:2]], actor="test")
    told: list[str] = []
    sizes: list[int] = []
    more = True
    while more:
        page = storage.pull(device, epoch, at, 1)
        commits = orjson.loads(page.body)["commits"]
        assert all(not commit["put"] for commit in commits)
        told += [record_id for commit in commits for _, record_id in commit["evict"]]
        assert page.cursor.seq > at.seq
        sizes.append(page.rows)
        at, more = page.cursor, page.more
    gone = [i for n, (_, i, _) in enumerate(accounts) if n < 20 or n % 2 or n in range(30, 50)]
    assert sorted(told) == sorted(gone)
    # A page takes commits of at most four while they fit.
    assert max(sizes) <= DEPARTURES_A_ROW
    assert len(sizes) > 3
    storage.close()
