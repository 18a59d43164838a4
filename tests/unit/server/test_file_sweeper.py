"""The daily round of the server: bytes nobody refers to go, a failing round does not end it."""

import asyncio
import hashlib
import os
import time
from pathlib import Path

from anyio import CapacityLimiter

from server.api.file_sweeper import FileSweeper
from server.settings import Settings
from server.storage.storage import Storage

DATA = b"nobody's"
SHA = hashlib.sha256(DATA).hexdigest()


def test_old_bytes_go_and_new_ones_stay(tmp_path: Path) -> None:
    database = str(tmp_path / "server.db")
    Storage.create(database).close()
    storage = Storage.open(database, Settings(sweep_files_every_s=0.01))
    files = storage.blobs.files
    new = hashlib.sha256(b"new").hexdigest()
    for data, sha256 in ((DATA, SHA), (b"new", new)):
        files.append("device", sha256, data)
        assert files.publish("device", sha256)
    old = time.time() - 31 * 86400
    os.utime(files.path(SHA), (old, old))

    async def run() -> None:
        sweeper = FileSweeper(storage)
        sweeper.start(CapacityLimiter(1))
        while files.size(SHA) is not None:
            await asyncio.sleep(0.01)
        await sweeper.stop()

    asyncio.run(asyncio.wait_for(run(), 60))
    assert files.size(new) == 3
    storage.close()
