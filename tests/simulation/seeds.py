"""Which histories a run takes, how many at least must have met each premise, and histories kept because they broke."""

import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

from tests.simulation.world import DRAFTS, LATE, RESTORED, WIDE, History, Plan

REGRESSIONS = Path(__file__).parent / "regressions"
SHARE = 20
# Every run of this many histories must have met each of these: a checker that was never asked proves nothing.
PREMISES = (
    "I1 local writes", "I1 laptop came back", "I1 operations", "I3 complete pulls", "I3 laptops converged",
    "I4 evictions told", "I5 rows told", "I5 entries in the hand of an owner", "I7 pages with more to come",
    "I8 pages that no longer fitted",
    "I9 pages applied", "I10 commits", "I11 waiting writes in view",
    "I11 answers ahead of the page", "I12 deletions", "I12 departures told",
    "I14 changes on waiting changes", "I14 values displaced", "I14 values replaced", "I14 words replaced",
    "I14 texts merged", "I15 orders", "I16 papers sent", "I20 clones", "I21 operations lost by a restore",
    "I21 restores that lose commits", "I21 office records that came back",
    "L1 rounds to rest", "L2 downloads beside a stuck push",
    "N11 differences found by the digest", "N11 differences repaired", "laptops killed",
    "killed inside a statement", "net server_dies", "net late",
    "net lose", "net stale", "net truncate", "net twice", "outcome conflict", "outcome conflict_copy",
    "outcome delete_request", "outcome duplicate", "outcome gone", "outcome merged", "outcome quarantined",
    "log entries cut off", "courier answers read twice", "courier answers taken",
    "courier answers: courier_old_answer", "courier answers: other_device",
    "courier files answered twice", "courier files damaged", "courier files with files",
    "courier files without room", "customers merged", "work on a customer that was merged", "I5 rows told in parts",
    "parts that arrived damaged", "I19 files added", "I19 files moved", "I19 files that broke off",
    "I19 files damaged on a disk", "I19 records whose bytes are there", "I19 files that arrived",
    "I19 bytes lost by a restore", "drafts forked", "drafts forked for a third author", "forks worked on again",
    "customers that left twice",
)  # fmt: skip
# Proven elsewhere, because there is nothing to simulate: named here so that nobody takes silence for a proof.
ELSEWHERE = {
    "I6 readers": "one process has no reader in the middle of a commit: tests/integration/faults",
    "refused work carried out later": "too rare to wait for: a scene in tests/simulation/test_scenes.py",
    "courier answers: courier_files_left": "too rare to wait for: tests/integration/test_courier.py",
    "I13": "part of the model: an operation on what nobody created is a violation",
    "I17": "part of the model: every step of a state is looked up in the declaration",
    "I18": "checked after every commit; a violation needs no premise of its own",
    "L3": "deadlines are the transport's: tests/contract/test_transport_hostile.py",
    "L4": "one apply transaction is one page: benchmarks count its rows",
}


def of_commit(count: int = SHARE) -> list[str]:
    """Seeds derived from the commit that is checked out; fixed ones where there is no repository."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        found = "no repository"
    seeds = [hashlib.sha256(f"{found}/{number}".encode()).hexdigest()[:8] for number in range(count)]
    # By number: a third of them wider, a sixth with meetings over drafts, a sixth with servers put back, every other of
    # these with a journal that comes late.
    kinds = {1: WIDE, 4: WIDE, 7: WIDE, 10: WIDE, 2: DRAFTS, 8: DRAFTS, 5: RESTORED, 11: LATE}
    return [kinds.get(number % 12, "") + seed for number, seed in enumerate(seeds)]


def regressions() -> list[Plan]:
    """Histories that once broke an invariant."""
    plans = []
    for file in sorted(REGRESSIONS.glob("*.json")):
        kept = json.loads(file.read_text(encoding="utf-8"))
        plans.append(Plan(kept["seed"], kept["steps"]))
    return plans


def keep(plan: Plan, history: History) -> Path:
    """Write a broken history down, to be run again for ever."""
    what = str(history.violation or repr(history.crash))
    file = REGRESSIONS / f"{plan.seed}.json"
    kept = {"seed": plan.seed, "steps": plan.steps, "broke": what}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def never_met(premises: Counter[str]) -> list[str]:
    """Premises that did not occur."""
    return [name for name in PREMISES if not premises[name]]
