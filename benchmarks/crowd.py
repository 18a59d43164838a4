"""Many first syncs at once: what they cost the server in memory, and the laptops in time.

The laptops are lines of the product's own transport in one process: they fetch what a first sync fetches, every byte,
and keep nothing. So the server's processor is the only one that works, as with laptops elsewhere. By parts from a
server that has prepared none yet, then by pages from another: what one way leaves behind is not the other's. The
server's memory is that of its process (Linux). About two minutes.

usage: python -m benchmarks.crowd [ACCOUNTS LAPTOPS]
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from crm_desktop.errors import SessionError
from crm_desktop.model.schema import SCHEMA_VERSION
from sync.ports import Body
from sync.protocol import Code
from sync.transport import HttpTransport

ACCOUNTS = 10_000
LAPTOPS = 20
MOST_MEMORY = 100.0
MOST_GROWTH = 1.3
Way = Callable[[HttpTransport, str], int]


def measure(accounts: int = ACCOUNTS, laptops: int = LAPTOPS) -> tuple[Figure, ...]:
    """Server memory a laptop, by parts and by pages, and how it grows with the rows."""
    with tempfile.TemporaryDirectory() as temporary:
        few = _Crowd(Path(temporary, "few"), max(accounts // 4, 1), laptops)
        many = _Crowd(Path(temporary, "many"), accounts, laptops)
    growth = max(many.parts_mb, many.pages_mb) / max(few.parts_mb, few.pages_mb, 1.0)
    size = f"{laptops} at once, {accounts} accounts, {many.rows} rows each"
    return (
        Figure(
            "Server memory of a first sync among many, by parts", many.parts_mb / laptops, MOST_MEMORY, "MB",
            f"{size}; {many.parts_mb:.0f} MB above idle in all, parts made meanwhile; all done in {many.parts_s:.1f} s",
        ),
        Figure(
            "Server memory of a first sync among many, by pages", many.pages_mb / laptops, MOST_MEMORY, "MB",
            f"{size}; {many.pages_mb:.0f} MB above idle in all; all done in {many.pages_s:.1f} s",
        ),
        Figure(
            "Growth of the server's memory with four times the rows", growth, MOST_GROWTH, "x",
            f"the dearer way; {few.rows} / {many.rows} rows: by pages {few.pages_mb:.0f} / {many.pages_mb:.0f} MB, by "
            f"parts {few.parts_mb:.0f} / {many.parts_mb:.0f} MB",
        ),
    )  # fmt: skip


class _Crowd:
    """Figures of one company: seconds until all have everything, and MB of the server above idle."""

    def __init__(self, folder: Path, accounts: int, laptops: int) -> None:
        folder.mkdir()
        self._company = Company(folder, accounts)
        self.parts_s, rows, self.parts_mb = self._crowded(laptops, _by_parts)
        self.pages_s, self.rows, self.pages_mb = self._crowded(laptops, _by_pages)
        if rows not in (0, self.rows):  # 0: so few that the server prepares none
            raise RuntimeError(f"{rows} rows by parts, {self.rows} by pages")

    def _crowded(self, laptops: int, way: Way) -> tuple[float, int, float]:
        """(seconds, rows of each, MB) with a server that has just started"""
        with self._company as company:
            lines = [_enrolled(company.url) for _ in range(laptops)]
            idle = company.memory_mb()
            company.forget_peak()  # signing in takes memory on purpose
            seconds, rows = _together(lines, way)
            return seconds, rows, company.memory_mb(peak=True) - idle


def _enrolled(url: str) -> tuple[HttpTransport, str]:
    line = HttpTransport(url, "", SCHEMA_VERSION)
    answer = line.enrol(LOGIN, PASSWORD, "crowd")
    line.close()
    line = HttpTransport(url, str(answer["token"]), SCHEMA_VERSION)
    line.identify(str(answer["device_id"]))
    return line, str(answer["epoch"])


def _together(lines: list[tuple[HttpTransport, str]], way: Way) -> tuple[float, int]:
    """(seconds until the last has all, rows of each)"""
    ready = threading.Barrier(len(lines) + 1)

    def run(line: HttpTransport, epoch: str) -> int:
        ready.wait()
        return way(line, epoch)

    with ThreadPoolExecutor(len(lines)) as pool:
        under_way = [pool.submit(run, *one) for one in lines]
        ready.wait()
        began = time.perf_counter()
        rows = {one.result() for one in under_way}
        took = time.perf_counter() - began
    if len(rows) != 1:
        raise RuntimeError(f"not all have the same: {sorted(rows)}")
    return took, rows.pop()


def _by_parts(line: HttpTransport, _epoch: str) -> int:
    rows = done = 0
    while True:
        told = line.snapshot({"resume": [], "have": done})
        for part in told["parts"][done:]:
            data = bytearray()
            line.get_part(part["snapshot_id"], part["i"], part["bytes"], data)
            if len(data) != part["bytes"]:
                raise RuntimeError(f"{len(data)} bytes of {part['bytes']}")
            rows += part["rows"]
        done = len(told["parts"])
        if told["complete"]:
            return rows


def _by_pages(line: HttpTransport, epoch: str) -> int:
    cursor = {"seq": 0, "commit_id": ""}
    rows = 0
    more: dict[str, int] = {}
    while True:
        asked = {"epoch": epoch, "cursor": cursor, "client_seq": 0, "txn_id": "", **more}
        page = _patiently(partial(line.pull, asked))
        rows += sum(len(table["rows"]) for commit in page["commits"] for table in commit["put"])
        cursor, more = page["cursor"], {"limit": 6000}
        if not page["more"]:
            return rows


def _patiently(call: Callable[[], Body]) -> Body:
    """As a laptop does it: who is told to come again comes again."""
    while True:
        try:
            return call()
        except SessionError as error:
            if error.code != Code.RETRY:
                raise
            time.sleep(float(error.values.get("after", 1)))


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
