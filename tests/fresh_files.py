"""New profiles and databases as copies of one that this process has made: hundreds of tests begin with an empty one.

That a new file is made right, and what it holds, is what tests/unit/crm_desktop/store/test_opening.py and
tests/unit/server/test_storage.py are about; they make their own.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_desktop.clock import Clock, SystemClock
from crm_desktop.store.client_store import FILE_NAME, ClientStore


def open_fresh(folder: Path, key: bytes, clock: Clock) -> ClientStore:
    """The store of a profile; a new one where there is none."""
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_profile(key))
    return ClientStore.open(folder, key, clock)


def fresh_database(path: Path) -> None:
    """A server's database, ready for use."""
    path.write_bytes(_database())


@cache
def _profile(key: bytes) -> bytes:
    with TemporaryDirectory() as name:
        ClientStore.open(Path(name), key, SystemClock()).close()
        (file,) = Path(name).iterdir()
        return file.read_bytes()


@cache
def _database() -> bytes:
    from server.storage.storage import Storage  # the tests of the laptop's parts have no server

    with TemporaryDirectory() as name:
        path = Path(name) / "server.db"
        Storage.create(str(path)).close()
        assert [file.name for file in Path(name).iterdir()] == [path.name]
        return path.read_bytes()
