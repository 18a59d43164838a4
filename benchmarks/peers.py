"""Our product beside what a rep would take instead: Anki with its own sync server, and PouchDB with its own.

All three hold the same customers of the peers' own seeded generator (10,000 accounts with notes, quotes and lines) and
do the same work in turn, round by round: a first sync, a sync with nothing to do, 1,000 edits of a field one by one,
their push, an edit on its way to another laptop, and once 1,000 edits of the same 500 records on two laptops. What
is compared is the work as each product does it. Ours alone encrypts its file, keeps 88,000 rows where the peers keep
55,000 (see peers_data), and has them searchable word by word; PouchDB's edits are not durable one by one; Anki knows
no live sync, so two syncs by hand stand for it.

Every round begins with the same data on all sides. Runs where PEERS_HOME names the folder of the installed peers; eight
to ten minutes on a machine with nothing else to do.

usage: python -m benchmarks.peers [ROUNDS], with PEERS_HOME (and PEERS_SCRIPTS) set.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import lost_edits
from benchmarks.figure import Figure
from benchmarks.peers_ours import OurProduct
from benchmarks.peers_theirs import PouchDb, Side, anki_round, available, data, versions

__all__ = ["NAME", "Round", "available", "figures", "measure"]

NAME = "peers"
ROUNDS = 5
RECORDS = 500  # edited on two laptops each: 1,000 edits


@dataclass(frozen=True)
class Round:
    """The three in one round."""

    ours: Side
    anki: Side
    pouch: Side


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
            table.append(Round(product.round(), anki, pouch.round()))
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

    def goal(title: str, ratio: float, limit: float, detail: str, *, at_least: bool = False) -> Figure:
        return Figure(title, ratio, limit, "x", f"{detail}, {len(table)} rounds", at_least=at_least)

    def faster(title: str, name: str, peer: str, least: float, detail: str) -> Figure:
        """How many times as long the peer takes."""
        return goal(title, 1 / _ratio(table, name, peer), least, detail, at_least=True)

    def by_parts(peer: str) -> str:
        pages, parts = 1 / _ratio(table, "rows_s", peer), 1 / _ratio(table, "ready_s", peer, "rows_s")
        return f"{shown('rows_s', peer)} s; by parts {parts:.2f} x; by the row {pages * size.more:.2f} x; {size}"

    return (
        faster("First sync by pages, times faster than PouchDB", "rows_s", "pouch", 9, by_parts("pouch")),
        faster("First sync by pages, times faster than Anki's row pull", "rows_s", "anki", 2.5, by_parts("anki")),
        goal(
            "First sync by parts, time of Anki's whole-file download", _ratio(table, "ready_s", "anki"), 0.5,
            f"{shown('ready_s', 'anki')} s; {size}",
        ),
        goal(
            "First sync by parts, bytes of PouchDB's", _ratio(table, "wire_bytes", "pouch"), 0.55,
            f"both ways; {shown('wire_bytes', 'pouch', factor=1e-6)} MB",
        ),
        goal(
            "First sync by parts, bytes of Anki's file", _ratio(table, "wire_bytes", "anki"), 1.0,
            f"both ways; {shown('wire_bytes', 'anki', factor=1e-6)} MB",
        ),
        goal(
            "Durable edits, rate of Anki's", _ratio(table, "edits_a_s", "anki"), 1.2,
            f"{shown('edits_a_s', 'anki', 'pouch')} (PouchDB, not durable) a second, 1,000 of them", at_least=True,
        ),
        faster(
            "Push of 1,000 edits, times faster than PouchDB", "push_s", "pouch", 4,
            f"{shown('push_s', 'pouch', 'anki')} (Anki) s, ours with the pull after it",
        ),
        faster(
            "Live edit, times faster than PouchDB's live sync", "live_ms", "pouch", 5,
            f"p50 {shown('live_ms', 'pouch')} ms",
        ),
        goal(
            "Live edit, time of Anki's two syncs", _ratio(table, "live_ms", "anki"), 1.0,
            f"p50 {shown('live_ms', 'anki')} ms",
        ),
        faster(
            "Nothing changed, times faster than PouchDB", "idle_ms", "pouch", 10,
            f"p50 {shown('idle_ms', 'pouch', 'anki')} (Anki) ms",
        ),
        Figure(
            "Edits lost without a word, beside the peers", lost.ours, 0, "",
            f"of 1,000 on {RECORDS} records; PouchDB hides {lost.pouch}, Anki drops {lost.anki}",
        ),
        goal(
            "First sync, memory of the whole program, of PouchDB's", _ratio(table, "memory_mb", "pouch"), 1.0,
            f"{shown('memory_mb', 'pouch', 'anki')} (Anki, three collections open) MB",
        ),
    )  # fmt: skip


def _ratio(table: Sequence[Round], name: str, peer: str, theirs: str = "") -> float:
    """Median of the rounds' ratios, ours to the peer's of the same name, or of another."""
    return _middle(getattr(turn.ours, name) / getattr(getattr(turn, peer), theirs or name) for turn in table)


def _median(table: Sequence[Round], side: str, name: str) -> float:
    return _middle(getattr(getattr(turn, side), name) for turn in table)


def _middle(values: Iterable[float]) -> float:
    """Of the rounds that have the value."""
    return median(value for value in values if not math.isnan(value))


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
