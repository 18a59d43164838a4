"""Our product beside what a rep would take instead: Anki with its own sync server, and PouchDB with its own.

All three hold the same customers of the peers' own seeded generator (10,000 accounts with notes, quotes and lines) and
do the same work in turn, round by round: a first sync, a sync with nothing to do, 1,000 edits of a field one by one,
their push, an edit on its way to another laptop, and once 1,000 edits of the same 500 records on two laptops. What
is compared is the work as each product does it. Ours alone encrypts its file, keeps 88,000 rows where the peers keep
55,000 (see peers_data), and has them searchable word by word; PouchDB's edits are not durable one by one; Anki knows
no live sync, so two syncs by hand stand for it.

Beside them stands the bare machine with the same work (see peers_floor): each detail tells what it is of the goal, and
says so where not even that reaches it (round trips go through our own server, which is told).

Every round begins with the same data on all sides. Runs where PEERS_HOME names the folder of the installed peers; eight
to ten minutes on a machine with nothing else to do.

usage: python -m benchmarks.peers [ROUNDS], with PEERS_HOME (and PEERS_SCRIPTS) set.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks import lost_edits
from benchmarks.figure import Figure
from benchmarks.peers_floor import Floor
from benchmarks.peers_ours import OurProduct
from benchmarks.peers_theirs import PouchDb, Side, anki_round, available, data, versions

__all__ = ["NAME", "Round", "available", "figures", "measure"]

NAME = "peers"
ROUNDS = 5
RECORDS = 500  # edited on two laptops each: 1,000 edits
WAY = "three commits and two round trips"
MACHINE = "the bare machine"
THROUGH = "the bare way through our server"  # which answers in Python: another server may be quicker


@dataclass(frozen=True)
class Round:
    """The three in one round, and the bare machine."""

    ours: Side
    anki: Side
    pouch: Side
    floor: Floor


@dataclass(frozen=True)
class Lost:
    """Of 1,000 edits of the same records: what nobody sees afterwards and nobody is told of."""

    ours: int
    anki: int
    pouch: int


@dataclass(frozen=True)
class Size:
    """Rows that hold the same customers."""

    ours: int
    theirs: int
    versions: str

    @property
    def more(self) -> float:
        """How many rows of ours hold what one of theirs holds."""
        return self.ours / self.theirs

    def __str__(self) -> str:
        return f"the same customers, {self.ours} rows of ours, {self.theirs} of theirs ({self.versions})"


def measure(rounds: int = ROUNDS) -> Sequence[Figure]:
    """Medians of the ratios per round. RuntimeError where a peer does not run."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    if not data().is_dir():
        raise RuntimeError(f"The peers' customers are missing at {data()}: make them with their gen.py.")
    table: list[Round] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        product, pouch = OurProduct(folder / "ours", data()), PouchDb(folder / "pouch")
        dropped: int | None = None
        for turn in range(1, rounds + 1):
            anki, counted = anki_round(folder / "anki", whole=turn == rounds and dropped is None)
            dropped = counted if dropped is None else dropped
            ours, floor = product.round()
            table.append(Round(ours, anki, pouch.round(), floor))
        lost = Lost(_lost_by_us(), dropped or 0, pouch.hidden())
        size = Size(product.company.rows, product.company.peer_rows, versions())
    return figures(table, lost, size)


def _lost_by_us() -> int:
    found = lost_edits.measure(records=RECORDS)
    return int(next(one.value for one in found if one.name.startswith("Edits lost")))


def figures(table: Sequence[Round], lost: Lost, size: Size) -> Sequence[Figure]:
    """The goals against the peers."""

    def shown(name: str, *peers: str, factor: float = 1.0) -> str:
        return " against ".join(f"{_median(table, side, name) * factor:.4g}" for side in ("ours", *peers))

    def goal(
        title: str, name: str, peer: str, limit: float, detail: str, *, faster: bool = False,
        more: bool = False, bare: str = "", aside: str = "", who: str = MACHINE,
    ) -> Figure:  # fmt: skip
        """Ours to the peer's; `faster`: how many times as long the peer takes, `more`: to be above the limit too.

        `bare`: what the bare machine does, `aside`: a word on it, `who`: what it is called.
        """

        def ratio(side: str) -> float:
            found = _ratio(table, name, peer, side=side)
            return 1 / found if faster else found

        found = Figure(title, ratio("ours"), limit, "x", detail, at_least=faster or more)
        told, words = [detail], ""
        if bare:
            floor = replace(found, value=ratio("floor"))
            told.append(f"{bare} alone {floor.value:.2f} x{aside}")
            words = "" if floor.reached else f"; {who} does not reach this goal"
        return replace(found, detail="; ".join(told) + f", {len(table)} rounds{words}")

    def by_pages(title: str, peer: str, limit: float) -> Figure:
        pages, parts, plain = (
            1 / _ratio(table, name, peer, "rows_s", side)
            for side, name in (("ours", "rows_s"), ("ours", "ready_s"), ("floor", "plain_s"))
        )
        detail = f"{shown('rows_s', peer)} s; by parts {parts:.2f} x; by the row {pages * size.more:.2f} x; {size}"
        aside = f" (unencrypted, without search {plain:.2f} x)"
        return goal(title, "rows_s", peer, limit, detail, faster=True, bare="the bare inserts", aside=aside)

    return (
        by_pages("First sync by pages, times faster than PouchDB", "pouch", 9),
        by_pages("First sync by pages, times faster than Anki's row pull", "anki", 2.5),
        goal(
            "First sync by parts, time of Anki's whole-file download", "ready_s", "anki", 0.5,
            f"{shown('ready_s', 'anki')} s; {size}; the bare inserts "
            f"{_ratio(table, 'rows_s', 'anki', 'ready_s', 'floor'):.2f} x",
            bare="a ready file encrypted anew",
        ),
        goal(
            "First sync by parts, bytes of PouchDB's", "wire_bytes", "pouch", 0.55,
            f"both ways; {shown('wire_bytes', 'pouch', factor=1e-6)} MB",
        ),
        goal(
            "First sync by parts, bytes of Anki's file", "wire_bytes", "anki", 1.0,
            f"both ways; {shown('wire_bytes', 'anki', factor=1e-6)} MB",
        ),
        goal(
            "Durable edits, rate of Anki's", "edits_a_s", "anki", 1.2,
            f"{shown('edits_a_s', 'anki', 'pouch')} (PouchDB, not durable) a second, 1,000 of them", more=True,
            bare="bare transactions of the same rows",
        ),
        goal(
            "Push of 1,000 edits, times faster than PouchDB", "push_s", "pouch", 4,
            f"{shown('push_s', 'pouch', 'anki')} (Anki) s, ours with the pull after it; the server's own work "
            f"{1 / _ratio(table, 'own_s', 'pouch', 'push_s', 'floor'):.2f} x",
            faster=True, bare="one round trip and bare writing",
        ),
        goal(
            "Live edit, times faster than PouchDB's live sync", "live_ms", "pouch", 5,
            f"p50 {shown('live_ms', 'pouch')} ms", faster=True, bare=WAY, who=THROUGH,
        ),
        goal(
            "Live edit, time of Anki's two syncs", "live_ms", "anki", 1.0,
            f"p50 {shown('live_ms', 'anki')} ms", bare=WAY, who=THROUGH,
        ),
        goal(
            "Nothing changed, times faster than PouchDB", "idle_ms", "pouch", 10,
            f"p50 {shown('idle_ms', 'pouch', 'anki')} (Anki) ms", faster=True,
            bare="one authenticated round trip", who=THROUGH,
        ),
        Figure(
            "Edits lost without a word, beside the peers", lost.ours, 0, "",
            f"of 1,000 on {RECORDS} records; PouchDB hides {lost.pouch}, Anki drops {lost.anki}",
        ),
        goal(
            "First sync, memory of the whole program, of PouchDB's", "memory_mb", "pouch", 1.0,
            f"{shown('memory_mb', 'pouch', 'anki')} (Anki, three collections open) MB",
        ),
    )  # fmt: skip


def _ratio(table: Sequence[Round], name: str, peer: str, theirs: str = "", side: str = "ours") -> float:
    """Median of the rounds' ratios, of a side (ours, the bare one) to the peer's of the same name, or of another."""
    return _middle(getattr(getattr(turn, side), name) / getattr(getattr(turn, peer), theirs or name) for turn in table)


def _median(table: Sequence[Round], side: str, name: str) -> float:
    return _middle(getattr(getattr(turn, side), name) for turn in table)


def _middle(values: Iterable[float]) -> float:
    """Of the rounds that have the value."""
    return median(value for value in values if not math.isnan(value))


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
