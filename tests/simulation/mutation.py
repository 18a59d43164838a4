"""`python -m tests.simulation.mutation`: is every planted bug caught within the seed list?"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.patches import Mutant, apply, copied_tree, mutants, write_hint

HISTORIES = 300
SECONDS = 1800  # for all histories of one mutant; what does not end is caught too


@dataclass(frozen=True, slots=True)
class Verdict:
    """`seed` is empty where no history noticed the bug."""

    mutant: Mutant
    seed: str
    what: str


def judge(mutant: Mutant, histories: int = HISTORIES) -> Verdict:
    """Plant one bug in a copy and run histories until one breaks."""
    with copied_tree() as root:
        apply(mutant.diff, root)
        return _run(mutant, root, histories)


def _run(mutant: Mutant, root: Path, histories: int) -> Verdict:
    command = [sys.executable, "-m", "tests.simulation", "--until-broken", "--seeds", str(histories)]
    try:
        told = subprocess.run(
            [*command, "--try-first", mutant.hint], cwd=root, capture_output=True, text=True, check=False,
            timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Verdict(mutant, mutant.hint or "0", "does not come to an end")
    for line in told.stdout.splitlines():
        if line.startswith("broken "):
            _, seed, what = line.split(" ", 2)
            return Verdict(mutant, seed, what)
    if told.returncode:
        return Verdict(mutant, "start", told.stderr.strip().splitlines()[-1] if told.stderr else "no start")
    return Verdict(mutant, "", "")


def share(found: Sequence[Mutant], key: str, size: int) -> list[Mutant]:
    """A part of the mutants, another one for each commit."""
    start = int(key, 16) % len(found)
    return [*found[start:], *found[:start]][:size]


def main() -> int:
    """Judge all mutants, or those named; 1 where one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutation")
    parser.add_argument("names", nargs="*", help="names of mutants (default: all)")
    parser.add_argument("--histories", type=int, default=HISTORIES)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    wanted = [mutant for mutant in mutants() if not asked.names or mutant.name in asked.names]
    alive = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        for done in as_completed(pool.submit(judge, mutant, asked.histories) for mutant in wanted):
            verdict = done.result()
            name = verdict.mutant.name
            if verdict.seed:
                write_hint(verdict.mutant, verdict.seed)
                sys.stdout.write(f"caught   {name:36} seed {verdict.seed:8} {verdict.what[:150]}\n")
            else:
                alive.append(name)
                sys.stdout.write(f"SURVIVED {name:36} {verdict.mutant.why}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(wanted) - len(alive)} of {len(wanted)} planted bugs caught\n")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
