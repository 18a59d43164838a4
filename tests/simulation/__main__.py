"""`python -m tests.simulation [--seeds N | --seed S]`: histories from seeds, and what they met."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.simulation.company import Company
from tests.simulation.world import Plan, live


def main() -> int:
    """Run histories; 1 where one of them violates an invariant, with its trace."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200, help="how many, counted from --first")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", help="run this one and tell its whole story")
    parser.add_argument("--steps", type=int, default=Plan("").steps)
    asked = parser.parse_args()
    seeds = [asked.seed] if asked.seed else [str(n) for n in range(asked.first, asked.first + asked.seeds)]
    premises: Counter[str] = Counter()
    broken = []
    with tempfile.TemporaryDirectory() as folder:
        company = Company(Path(folder))
        for seed in seeds:
            history = live(Plan(seed, asked.steps), company)
            premises.update(history.premises)
            if asked.seed or not history.held:
                sys.stdout.write(f"--- seed {seed}\n{history.story()}\n")
            if not history.held:
                broken.append(seed)
    for name, count in sorted(premises.items()):
        sys.stdout.write(f"{count:8} {name}\n")
    sys.stdout.write(
        f"{len(seeds) - len(broken)} of {len(seeds)} histories held; broken: {' '.join(broken) or 'none'}\n"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
