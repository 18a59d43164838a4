"""Every benchmark still runs, and what it counts (never what it times) keeps its limit."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNTED = (
    "Reported saves missing after SIGKILL",
    "Fsyncs a save",
    "First sync by parts, bytes of the rows (zstd-3)",
    "First sync by pages, bytes of the rows (zstd-3)",
    "Requests of a sync with nothing to do",
    "Bytes of a sync with nothing to do",
    "Edits on different fields that stand on both laptops",
    "Edits on the same field in the list of their author",
    "Of these taken back and seen on the other laptop",
    "Edits lost without a word, of 40",
    "Records read by opening the account list, of the visible rows",
    "Reads on the window's thread while scrolling",
)
TIMED = 32  # figures of time or memory in the table: they only have to be there


def test_every_benchmark_runs_and_its_counts_keep_their_limits() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    cells = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    verdicts = {line[0]: line[3] for line in cells if len(line) > 3 and line[0] != "Figure"}
    assert {name: verdicts.get(name) for name in COUNTED} == dict.fromkeys(COUNTED, "reached"), done.stdout
    assert len(verdicts) == len(COUNTED) + TIMED + 1
