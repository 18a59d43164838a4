"""`python -m tests.simulation [--seeds N | --seed S]`: histories from seeds, and what they met."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.simulation.chance import ROOM
from tests.simulation.company import Company
from tests.simulation.seeds import ELSEWHERE, keep, never_met
from tests.simulation.world import Plan, live


def main() -> int:
    """Run histories; 1 where one of them violates an invariant, with its trace."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200, help="how many, counted from --first")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", help="run this one and tell its whole story")
    parser.add_argument("--try-first", default="", help="seeds before the others, with commas between them")
    parser.add_argument("--steps", type=int, default=Plan("").steps)
    parser.add_argument("--until-broken", action="store_true", help="end at the first violation, without its story")
    parser.add_argument("--keep", action="store_true", help="write broken histories to regressions/")
    asked = parser.parse_args()
    counted = [str(n) for n in range(asked.first, asked.first + asked.seeds)]
    seeds = [asked.seed] if asked.seed else list(dict.fromkeys([*filter(None, asked.try_first.split(",")), *counted]))
    premises: Counter[str] = Counter()
    broken = []
    with tempfile.TemporaryDirectory(dir=ROOM) as folder:
        company = Company(Path(folder))
        for seed in seeds:
            plan = Plan(seed, asked.steps)
            history = live(plan, company)
            premises.update(history.premises)
            if not history.held:
                broken.append(seed)
                if asked.until_broken:
                    sys.stdout.write(f"broken {seed} {history.violation or repr(history.crash)}\n")
                    return 1
                if asked.keep:
                    keep(plan, history)
            if asked.seed or not history.held:
                sys.stdout.write(f"--- seed {seed}\n{history.story()}\n")
    sys.stdout.write(report(premises))
    held = len(seeds) - len(broken)
    sys.stdout.write(f"{held} of {len(seeds)} histories held; broken: {' '.join(broken) or 'none'}\n")
    return 1 if broken else 0


def report(premises: Counter[str]) -> str:
    """How often each premise occurred, and what is proven elsewhere."""
    lines = [f"{count:8} {name}" for name, count in sorted(premises.items())]
    lines += [f"   never {name}" for name in never_met(premises)]
    lines += [f"       - {name}: {where}" for name, where in ELSEWHERE.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
