"""Measures every figure beside its limit: `python -m benchmarks [--quick | --large] [--only PART | --without PART]`.

Exit 1 where one is missed. A full run writes docs/performance.md, and says there which parts it was run without; one
with `--large` measures companies of up to 300,000 accounts (most of an hour) and writes docs/performance-large.md. A
quick one has fewer rounds and rows and proves only that all of it runs; one of some parts prints their figures and
writes nothing.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    cold_start,
    crowd,
    duplicates,
    durable_edits,
    eviction,
    first_sync,
    fsyncs,
    growth,
    idle_sync,
    kill_loop,
    list_open,
    live_edit,
    loop_gaps,
    lost_edits,
    peers,
    push_queue,
    scrolling,
    search_typed,
)
from benchmarks.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "performance.md"
LARGE_REPORT = ROOT / "docs" / "performance-large.md"
HEAD = "| Figure | Value | Limit | | How |\n|---|---|---|---|---|\n"

Part = tuple[str, Callable[[], Sequence[Figure]], Callable[[], Sequence[Figure]]]
# name, in full, quick
PARTS: tuple[Part, ...] = (
    ("kill loop", lambda: [kill_loop.measure()], lambda: [kill_loop.measure(kills=5)]),
    ("durable edits", durable_edits.measure, lambda: durable_edits.measure(edits=40, rounds=3)),
    ("fsyncs", lambda: [fsyncs.measure()], lambda: [fsyncs.measure(edits=20)]),
    ("first sync", first_sync.measure, lambda: first_sync.measure(accounts=300, rounds=1)),
    ("many first syncs", crowd.measure, lambda: crowd.measure(accounts=20, laptops=2)),
    ("idle sync", idle_sync.measure, lambda: idle_sync.measure(accounts=20, rounds=2)),
    ("live edit", live_edit.measure, lambda: live_edit.measure(edits=5, accounts=20)),
    (
        "push of a queue",
        lambda: [*push_queue.measure(), *push_queue.measure(*push_queue.LONG)],
        lambda: push_queue.measure(40, 20, 1),
    ),
    ("growth", growth.measure, lambda: growth.measure(sizes=(20, 40), rounds=2)),
    ("eviction", eviction.measure, lambda: eviction.measure(leaving=30, staying=60, rounds=1)),
    ("lost edits", lost_edits.measure, lambda: lost_edits.measure(records=20, restored=2)),
    (peers.NAME, peers.measure, lambda: peers.measure(rounds=1)),
    ("search", search_typed.measure, lambda: search_typed.measure(accounts=300, rounds=6)),
    ("duplicates", duplicates.measure, lambda: duplicates.measure(accounts=300, lookups=40)),
    ("cold start", cold_start.measure, lambda: cold_start.measure(accounts=300, rounds=1)),
    ("event loop", loop_gaps.measure, lambda: loop_gaps.measure(accounts=100)),
    ("scrolling", scrolling.measure, lambda: scrolling.measure(accounts=300, pages=3, many=3_000, history=40)),
    ("account list", lambda: [list_open.measure()], lambda: [list_open.measure(accounts=3000)]),
)
# What `--large` measures: its quick form is that of the same part above.
LARGE: tuple[Part, ...] = (
    ("first sync", lambda: first_sync.measure(accounts=100_000), lambda: first_sync.measure(accounts=300, rounds=1)),
    ("growth", lambda: growth.measure(growth.LARGE), lambda: growth.measure(sizes=(20, 40), rounds=2)),
)


def main(arguments: Sequence[str] | None = None, parts: Sequence[Part] = PARTS, report: Path = REPORT) -> int:
    """Run these parts, and write the report of a full run to that file; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows, no report")
    parser.add_argument(
        "--only", action="append", choices=[name for name, _, _ in parts], help="these parts, no report"
    )
    parser.add_argument(
        "--without", action="append", choices=[name for name, _, _ in parts], help="all but these; the report says so"
    )
    parser.add_argument("--large", action="store_true", help="companies of up to 300,000 accounts, a report of its own")
    asked = parser.parse_args(arguments)
    if asked.large:
        parts, report = LARGE, LARGE_REPORT
    quick, only, without = asked.quick, asked.only, asked.without or []
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    asks_for_peers = not asked.large and peers.NAME not in without and (not only or peers.NAME in only)
    if asks_for_peers and not peers.available():
        sys.stderr.write("Without the peers: PEERS_HOME names no folder where they are installed.\n")
        without = [*without, peers.NAME]
    figures: list[Figure] = []
    for name, full, short in parts:
        if (only and name not in only) or name in without:
            continue
        sys.stderr.write(f"{name} ...\n")
        figures += short() if quick else full()
    table = HEAD + "".join(f"{figure.line()}\n" for figure in figures)
    sys.stdout.write(table)
    if quick:
        sys.stdout.write("\nThis was a quick run: too few rounds and rows for a claim.\n")
    elif not only:
        call = "make bench-large" if asked.large else "make bench"
        report.write_text(_report(call, table, load, without), encoding="utf-8")
        sys.stdout.write(f"\nWritten to {report}.\n")
    return 0 if all(figure.reached for figure in figures) else 1


def _report(call: str, table: str, load: float | None, without: Sequence[str]) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    busy = "" if load is None else f", load average {load:.1f} at the start"
    left_out = f"Left out of this run: {', '.join(without)}.\n\n" if without else ""
    return (
        "# Performance\n\n"
        f"Measured {now} by `{call}` at commit {_commit()}, on {platform.system()} {platform.machine()} with "
        f"{os.cpu_count()} processors, Python {platform.python_version()}{busy}.\n\n"
        "Every value stands beside a limit measured in the same run, both sides in turn; a ratio is the median of "
        "the ratios per round. Times in seconds hold for that machine at that hour only.\n\n"
        f"{table}\n"
        f"{left_out}"
        "What the sides are is said at the top of each module of `benchmarks/`.\n"
    )


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
