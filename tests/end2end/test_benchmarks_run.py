"""The benchmarks still run, and what they count (never what they time) keeps its limit.

Those that count run in every test run; of those that only time, half, chosen by the commit.
"""

import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import PARTS
from tests.integration.faults.share import every

ROOT = Path(__file__).resolve().parents[2]
COUNTED = {
    "kill loop": {"Reported saves missing after SIGKILL"},
    "fsyncs": {"Fsyncs a save"},
    "first sync": {
        "First sync by parts, bytes of the rows (zstd-3)",
        "First sync by pages, bytes of the rows (zstd-3)",
    },
    "idle sync": {"Requests of a sync with nothing to do", "Bytes of a sync with nothing to do"},
    "lost edits": {
        "Edits on different fields that stand on both laptops",
        "Edits on the same field in the list of their author",
        "Of these taken back and seen on the other laptop",
        "Edits lost without a word, of 40",
    },
    "account list": {"Records read by opening the account list, of the visible rows"},
    "scrolling": {"Reads on the window's thread while scrolling"},
}
# Figures of time or memory in the table, by part: they only have to be there.
TIMED = {
    "durable edits": 4, "first sync": 4, "many first syncs": 3, "live edit": 2, "push of a queue": 2, "growth": 5,
    "eviction": 2, "search": 5, "duplicates": 2, "cold start": 1, "event loop": 1, "scrolling": 3,
}  # fmt: skip
ELSEWHERE = {"peers"}  # needs programs that are not ours: left out where they are not installed


def test_the_benchmarks_run_and_their_counts_keep_their_limits() -> None:
    assert {name for name, _, _ in PARTS} == COUNTED.keys() | TIMED.keys() | ELSEWHERE
    parts = [*COUNTED, *every(sorted(TIMED.keys() - COUNTED.keys()), 2)]
    chosen = [word for part in parts for word in ("--only", part)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *chosen],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    cells = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    verdicts = {line[0]: line[3] for line in cells if len(line) > 3 and line[0] != "Figure"}
    counted = set().union(*COUNTED.values())
    assert {name: verdicts.get(name) for name in counted} == dict.fromkeys(counted, "reached"), done.stdout
    assert len(verdicts) == len(counted) + sum(TIMED.get(part, 0) for part in parts)
