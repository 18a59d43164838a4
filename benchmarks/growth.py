"""What a company's size does to the work of a day: a save, a sync with nothing to do, an edit on its way to another.

Companies of several sizes stand side by side, each with a server process and two laptops that hold all of it. Every
round does each piece of work once at each size, so that an hour in which the machine is slow meets all of them alike.
A sync with nothing to do stands beside a bare authenticated round trip of the same size: an empty push over a
connection that is kept, in `requests` alone.

usage: python -m benchmarks.growth [ACCOUNTS ...], smallest first.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

import requests

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from benchmarks.generated import Generator
from sync.driver import run_session
from sync.protocol import HEADER_DEVICE, HEADER_PROTOCOL, PROTOCOL
from ui.compose import open_profile

SIZES = (1_000, 10_000)
LARGE = (1_000, 10_000, 100_000, 300_000)
ROUNDS = 30
FIRST_SYNCS = 3
MOST_GROWTH = 1.3
MOST_TO_BARE = 2.0
MOST_GROWTH_OF_A_ROW = 1.15


def measure(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> tuple[Figure, ...]:
    """Median of the ratios per round, largest company to smallest, and of an idle sync to the bare round trip."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as open_until_the_end:
        houses = [open_until_the_end.enter_context(House(Path(temporary, str(size)), size)) for size in sizes]
        return compare(houses, rounds)


class House:
    """A company of one size, served, and two laptops that have synced all of it."""

    def __init__(self, folder: Path, accounts: int) -> None:
        (folder / "server").mkdir(parents=True)
        self.accounts = accounts
        self._folder = folder
        self._company = Company(folder / "server", accounts)
        self._value = 0

    def __enter__(self) -> Self:
        self.url = self._company.__enter__().url
        records = Generator(self.accounts, self._company.territory_id, self._company.user_id).records()
        self._account = next(record_id for entity, record_id, _ in records if entity == "account")
        self.one, self.other = _Laptop(self._folder / "one", self.url), _Laptop(self._folder / "other", self.url)
        self._bare = BareCall(self.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bare.close()
        self.one.close()
        self.other.close()
        self._company.__exit__(kind, error, traceback)

    def first_sync_s_a_row(self) -> float:
        """Seconds a row of a new laptop's first sync, whose parts the server has made before."""
        folder = self._folder / "new"
        laptop = _Laptop(folder, self.url)
        laptop.close()
        shutil.rmtree(folder)
        return laptop.first_sync_s / laptop.rows

    def save(self) -> None:
        """A durable edit of a plain field."""
        self._value += 1
        self.one.app.records.update("account", self._account, {"employees": self._value})

    def bring(self) -> None:
        """The edits since, from one laptop's store into the other's."""
        if self.one.sync() == 0:
            raise RuntimeError("nothing was sent")
        self.other.sync()
        row = self.other.app.store.read(lambda reader: reader.get("account", self._account))
        if row is None or row["employees"] != self._value:
            raise RuntimeError("the edit did not arrive")

    def idle(self) -> None:
        """A sync with nothing to do."""
        if self.other.sync() != 0:
            raise RuntimeError("not an idle sync")

    def bare(self) -> None:
        """One authenticated round trip."""
        self._bare.once()


class _Laptop:
    """A profile that has synced everything, with a line it keeps, as the program does."""

    def __init__(self, folder: Path, url: str) -> None:
        self.app = open_profile(folder)
        self.app.enrol(url, LOGIN, PASSWORD, folder.name)
        self._line = self.app.connect()
        began = time.perf_counter()
        self.rows = self.sync()
        self.first_sync_s = time.perf_counter() - began

    def sync(self) -> int:
        """One session; returns how much was pushed and pulled."""
        report = run_session(self.app.store, self._line, now=self.app.clock.now, log_idle=False)
        if report.error is not None or report.digest_ok is not True:
            raise RuntimeError(f"not in step: {report}")
        return report.pushed + report.pulled

    def close(self) -> None:
        """End the connection and close the profile."""
        self._line.close()
        self.app.close()


class BareCall:
    """The smallest call that proves a token, with nothing of the laptop's program."""

    def __init__(self, url: str) -> None:
        self._http = requests.Session()
        self._http.headers[HEADER_PROTOCOL] = str(PROTOCOL)
        login = {"login": LOGIN, "password": PASSWORD, "device_name": "bare"}
        enrolled = self._http.post(f"{url}/auth/v1/enrol", json=login).json()
        self._http.headers["Authorization"] = f"Bearer {enrolled['token']}"
        self._http.headers[HEADER_DEVICE] = enrolled["device_id"]
        self._url = f"{url}/sync/v1/push"
        self._body = {"epoch": enrolled["epoch"], "txns": []}

    def once(self) -> None:
        """An empty push and its answer."""
        self._http.post(self._url, json=self._body).raise_for_status()

    def close(self) -> None:
        """Give the connection up."""
        self._http.close()


def compare(houses: Sequence[House], rounds: int) -> tuple[Figure, ...]:
    """The figures of companies that stand, smallest first."""
    took: dict[str, list[list[float]]] = {name: [[] for _ in houses] for name in ("save", "bring", "idle", "bare")}
    for turn in range(rounds + 1):
        for name, columns in took.items():
            for house, column in zip(houses, columns, strict=True):
                seconds = _seconds(getattr(house, name))
                if turn:  # the first of each is not like those of a day
                    column.append(seconds)
    sizes = " / ".join(f"{house.accounts:,}" for house in houses)

    def growth(title: str, name: str) -> Figure:
        columns = took[name]
        ratio = median(last / first for first, last in zip(columns[0], columns[-1], strict=True))
        told = " / ".join(f"{median(column) * 1000:.1f}" for column in columns)
        return Figure(title, ratio, MOST_GROWTH, "x", f"{sizes} accounts: {told} ms, {rounds} rounds")

    to_bare = max(
        median(idle / bare for idle, bare in zip(mine, theirs, strict=True))
        for mine, theirs in zip(took["idle"], took["bare"], strict=True)
    )
    a_row = [[house.first_sync_s_a_row() for house in houses] for _ in range(FIRST_SYNCS)]
    told_a_row = " / ".join(f"{median(column) * 1e6:.0f}" for column in zip(*a_row, strict=True))
    bare = " / ".join(f"{median(column) * 1000:.1f}" for column in took["bare"])
    return (
        growth("Growth of a durable edit with the size of the company", "save"),
        growth("Growth of an edit's way to another laptop", "bring"),
        growth("Growth of a sync with nothing to do", "idle"),
        Figure(
            "Sync with nothing to do, time of a bare authenticated round trip", to_bare, MOST_TO_BARE, "x",
            f"{sizes} accounts: {bare} ms bare; the largest of the ratios",
        ),
        Figure(
            "Growth of a first sync by the row", median(one[-1] / one[0] for one in a_row), MOST_GROWTH_OF_A_ROW, "x",
            f"{sizes} accounts: {told_a_row} us a row by parts, {FIRST_SYNCS} rounds",
        ),
    )  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    for figure in measure([int(value) for value in sys.argv[1:]] or SIZES):
        sys.stdout.write(figure.line() + "\n")
