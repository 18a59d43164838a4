"""Our product beside what a rep would take instead: Anki with its own sync server, and PouchDB with its own.

All three hold the same customers of the peers' own seeded generator (10,000 accounts with notes, quotes and lines) and
do the same work in turn, round by round: a first sync, a sync with nothing to do, 1,000 edits of a field one by one,
their push, an edit on its way to another laptop, and once 1,000 edits of the same 500 records on two laptops. What
is compared is the work as each product does it. Ours alone encrypts its file, keeps 88,000 rows where the peers keep
55,000 (see peers_data), and has them searchable word by word; PouchDB's edits are not durable one by one; Anki knows
no live sync, so two syncs by hand stand for it.

Runs where PEERS_HOME names the folder of the installed peers; about eight minutes.

usage: python -m benchmarks.peers [ROUNDS], with PEERS_HOME (and PEERS_SCRIPTS) set.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import lost_edits
from benchmarks.figure import Figure
from benchmarks.peers_ours import OurProduct
from benchmarks.peers_theirs import PouchDb, Side, anki_round, available, data

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

    def times(self, ours: str, peer: str, theirs: str) -> float:
        """Our value of a name as a multiple of the peer's of a name."""
        return float(getattr(self.ours, ours) / getattr(getattr(self, peer), theirs))


@dataclass(frozen=True)
class Lost:
    """Of 1,000 edits of the same records: what nobody sees afterwards and nobody is told of."""

    ours: int
    anki: int
    pouch: int


def measure(rounds: int = ROUNDS) -> Sequence[Figure]:
    """Medians of the ratios per round. RuntimeError where a peer does not run."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    if not data().is_dir():
        raise RuntimeError(f"The peers' customers are missing at {data()}: make them with their gen.py.")
    table: list[Round] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with OurProduct(folder / "ours", data()) as product, PouchDb(folder / "pouch") as pouch:
            dropped = 0
            for _ in range(rounds):
                anki, dropped = anki_round(folder / "anki")
                table.append(Round(product.round(), anki, pouch.round()))
            lost = Lost(_lost_by_us(), dropped, pouch.hidden())
            rows = f"{product.company.rows} rows of ours, {product.company.peer_rows} of theirs"
    return figures(table, lost, rows)


def _lost_by_us() -> int:
    found = lost_edits.measure(records=RECORDS)
    return int(next(one.value for one in found if one.name.startswith("Edits lost")))


def figures(table: Sequence[Round], lost: Lost, rows: str) -> Sequence[Figure]:
    """The goals against the peers; `rows` says what was compared."""
    rounds = f"{len(table)} rounds"

    def faster(title: str, name: str, peer: str, least: float, note: str, factor: float = 1.0) -> Figure:
        """How many times as long the peer takes."""
        ratio = median(1 / turn.times(name, peer, name) for turn in table)
        shown = " against ".join(
            f"{median(getattr(getattr(turn, side), name) for turn in table) * factor:.4g}" for side in ("ours", peer)
        )
        return Figure(title, ratio, least, "x", f"{note.format(shown)}, {rounds}", at_least=True)

    def share(title: str, name: str, peer: str, theirs: str, most: float, note: str, factor: float = 1.0) -> Figure:
        """Ours as a part of the peer's."""
        ratio = median(turn.times(name, peer, theirs) for turn in table)
        mine = median(getattr(turn.ours, name) for turn in table) * factor
        other = median(getattr(getattr(turn, peer), theirs) for turn in table) * factor
        return Figure(title, ratio, most, "x", f"{note.format(f'{mine:.4g} against {other:.4g}')}, {rounds}")

    by_parts = {peer: median(1 / turn.times("ready_s", peer, "rows_s") for turn in table) for peer in ("pouch", "anki")}
    edits = median(turn.times("edits_a_s", "anki", "edits_a_s") for turn in table)
    a_second = " against ".join(
        f"{median(getattr(turn, side).edits_a_s for turn in table):.0f}" for side in ("ours", "anki", "pouch")
    )
    return (
        faster("First sync by pages, times faster than PouchDB", "rows_s", "pouch", 9,
               f"{rows}; {{}} s; by parts {by_parts['pouch']:.2f} x"),
        faster("First sync by pages, times faster than Anki's row pull", "rows_s", "anki", 2.5,
               f"{rows}; {{}} s; by parts {by_parts['anki']:.2f} x"),
        share("First sync by parts, time of Anki's whole-file download", "ready_s", "anki", "ready_s", 0.5,
              f"{rows}; {{}} s"),
        share("First sync by parts, bytes of PouchDB's", "wire_bytes", "pouch", "wire_bytes", 0.55,
              "both ways; {} MB", 1e-6),
        share("First sync by parts, bytes of Anki's file", "wire_bytes", "anki", "wire_bytes", 1.0,
              "both ways; {} MB", 1e-6),
        Figure("Durable edits, rate of Anki's", edits, 1.2, "x",
               f"{a_second} (PouchDB, not durable) a second, {rounds} of 1000", at_least=True),
        faster("Push of 1,000 edits, times faster than PouchDB", "push_s", "pouch", 4,
               "{} s, ours with the pull after it"),
        share("Push of 1,000 edits, time of Anki's", "push_s", "anki", "push_s", 1.0, "stretch; {} s"),
        faster("Live edit, times faster than PouchDB's live sync", "live_ms", "pouch", 5, "p50 {} ms"),
        share("Live edit, time of Anki's two syncs", "live_ms", "anki", "live_ms", 1.0, "p50 {} ms"),
        faster("Nothing changed, times faster than PouchDB", "idle_ms", "pouch", 10, "p50 {} ms"),
        Figure("Edits lost without a word, beside the peers", lost.ours, 0, "",
               f"of 1000 on {RECORDS} records; PouchDB hides {lost.pouch}, Anki drops {lost.anki}"),
        share("First sync, memory of the whole program, of PouchDB's", "memory_mb", "pouch", "memory_mb", 1.0,
              "{} MB"),
        share("First sync, memory of the whole program, of Anki's", "memory_mb", "anki", "memory_mb", 1.0,
              "{} MB, Anki's with three collections open"),
    )  # fmt: skip


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
