"""The share of histories that every test run takes: those that broke once, and those of this commit."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.__main__ import report
from tests.simulation.company import Company
from tests.simulation.seeds import never_met, of_commit, regressions
from tests.simulation.world import Plan, live

# Long ones in which everything may happen, so that a rare premise is not a matter of luck.
PREMISE_PLANS = [Plan(f"all-{number}", 200) for number in range(8)]


@pytest.mark.parametrize("plan", regressions(), ids=lambda plan: plan.seed)
def test_what_broke_once_holds(plan: Plan, company: Company) -> None:
    history = live(plan, company)
    assert history.held, history.story()


def test_the_histories_of_this_commit_hold_and_meet_every_premise(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    premises: Counter[str] = Counter()
    plans = [*(Plan(seed) for seed in of_commit()), *PREMISE_PLANS]
    for plan in plans:
        history = live(plan, company)
        assert history.held, history.story()
        premises.update(history.premises)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(plans)} histories held\n{report(premises)}")
    assert not never_met(premises)


@pytest.mark.parametrize("seed", ["1", "18"])
def test_a_seed_tells_the_same_story_twice(seed: str, company: Company) -> None:
    first, second = (live(Plan(seed), company) for _ in range(2))
    assert first.lines == second.lines
    assert first.digest == second.digest


def test_a_seed_tells_the_same_story_in_another_process(company: Company) -> None:
    """Sets are in another order there: nothing may hang on it."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", "5"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "4711"},
    ).stdout
    here = live(Plan("5"), company)
    assert here.held, here.story()
    assert here.story() in told
