"""First sync over TCP from a server process into an encrypted file, against bare decoding and inserting.

Two ways: by pages, and by the parts a server prepares once and every laptop of the same scopes fetches.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.company import LAST_WORD, LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from benchmarks.floor_files import prepare, row_bytes
from benchmarks.generated import roots

ACCOUNTS = 10_000
ROUNDS = 5
MOST = 2.5
MOST_BY_PAGES = 1.6
MOST_BY_PARTS = 0.5
MOST_BYTES = 1.10
MOST_MEMORY = 150.0


def measure(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Figure, ...]:
    """Medians of the ratios per round; both ways of the product, floor and plain floor in turn, each a process."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "server").mkdir()
        company = Company(folder / "server", accounts)
        full, plain = prepare(folder, company.records, roots(company.records), company.scopes)
        smallest = row_bytes(company.records)
        table: list[_Round] = []
        with company:
            _laptop(folder / "first", company.url)  # the server prepares its parts once, not for each laptop
            for number in range(rounds):
                pages = _laptop(folder / f"pages{number}", company.url, "pages")
                parts = _laptop(folder / f"parts{number}", company.url)
                bare = bare_inserts(full, folder / "floor.db")
                tuned = bare_inserts(full, folder / "tuned.db", "cheap-none")
                unencrypted = bare_inserts(plain, folder / "plain.db")
                if min(pages["rows"], parts["rows"]) < bare["rows"]:
                    raise RuntimeError(f"{pages['rows']} and {parts['rows']} rows synced of {bare['rows']}")
                table.append(_Round(pages, parts, bare, tuned, unencrypted))
    return _figures(table, accounts, smallest)


@dataclass(frozen=True)
class _Round:
    pages: dict[str, float]
    parts: dict[str, float]
    floor: dict[str, float]
    tuned: dict[str, float]
    plain: dict[str, float]

    def ratio(self, way: str, floor: str = "floor") -> float:
        """Seconds of a way against those of a floor."""
        return float(getattr(self, way)["seconds"] / getattr(self, floor)["seconds"])


def _figures(table: Sequence[_Round], accounts: int, smallest: int) -> tuple[Figure, ...]:
    size = f"{accounts} accounts, {table[0].floor['rows']:.0f} rows, {len(table)} rounds"
    seconds = " / ".join(
        f"{median(getattr(turn, way)['seconds'] for turn in table):.2f} s"
        for way in ("pages", "parts", "floor", "tuned", "plain")
    )
    by_pages = (
        f"{size}; pages / parts / floor / floor with None bound cheaply / plain floor {seconds}; pages are "
        f"{_median(table, 'pages', 'tuned'):.2f} x the floor with None bound cheaply, "
        f"{_median(table, 'pages', 'plain'):.2f} x the plain floor"
    )
    by_parts = f"{size}; {_median(table, 'parts', 'tuned'):.2f} x the floor with None bound cheaply"
    received = {way: median(getattr(turn, way)["bytes"] for turn in table) for way in ("pages", "parts")}
    asked = ", ".join(f"{median(getattr(turn, way)['requests'] for turn in table):.0f} {way}" for way in received)
    memory = {way: max(getattr(turn, way)["memory"] for turn in table) / 2**20 for way in received}
    return (
        Figure("First sync by pages, time of the bare inserts", _median(table, "pages"), MOST_BY_PAGES, "x", by_pages),
        Figure("First sync by parts, time of the bare inserts", _median(table, "parts"), MOST_BY_PARTS, "x", by_parts),
        Figure(
            "First sync as a laptop does it (by parts), time of the bare inserts", _median(table, "parts"), MOST, "x",
            f"{size}; the same measurement against the first goal",
        ),
        Figure(
            "First sync by parts, bytes of the rows (zstd-3)", received["parts"] / smallest, MOST_BYTES, "x",
            f"{smallest / 1e6:.2f} MB of rows, {received['parts'] / 1e6:.2f} MB received; requests: {asked}",
        ),
        Figure(
            "First sync by pages, bytes of the rows (zstd-3)", received["pages"] / smallest, MOST_BYTES, "x",
            f"{received['pages'] / 1e6:.2f} MB received",
        ),
        Figure(
            "First sync, memory above idle", max(memory.values()), MOST_MEMORY, "MB",
            f"{size}; pages {memory['pages']:.0f} MB, parts {memory['parts']:.0f} MB",
        ),
    )  # fmt: skip


def _median(table: Sequence[_Round], way: str, floor: str = "floor") -> float:
    return median(turn.ratio(way, floor) for turn in table)


def _laptop(folder: Path, url: str, *way: str) -> dict[str, float]:
    environment = os.environ | {
        "CRM_PASSPHRASE": "benchmark",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    command = [sys.executable, "-m", "benchmarks.client", str(folder), url, LOGIN, PASSWORD, LAST_WORD, *way]
    try:
        return _told(command, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bare_inserts(folder: Path, target: Path, *how: str) -> dict[str, float]:
    """What floor.py tells of the pages in `folder`, put into a file that is removed again."""
    script = Path(__file__).with_name("floor.py")
    try:
        return _told([sys.executable, str(script), str(folder), str(target), *how], dict(os.environ))
    finally:
        for file in target.parent.glob(f"{target.name}*"):
            file.unlink()


def _told(command: Sequence[str], environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    found = measure(*(int(value) for value in sys.argv[1:]))
    sys.stdout.write("".join(f"{figure.line()}\n" for figure in found))
