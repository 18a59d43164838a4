"""The share of histories that every test run takes: those that broke once, those of this commit, those that do all."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.__main__ import report
from tests.simulation.company import Company
from tests.simulation.seeds import SHARE, never_met, of_commit, regressions
from tests.simulation.world import Plan, live

# Long ones in which everything may happen, so that a rare premise is not a matter of luck: the first of them always,
# the others as long as a premise is wanting. In all-62 a restore loses the bytes of files, the rarest of all.
PREMISE_PLANS = [Plan("restored-5"), *(Plan(f"all-{number}", 200) for number in (62, *range(16)))]
ALWAYS = 3


@pytest.mark.parametrize("plan", regressions(), ids=lambda plan: plan.seed)
def test_what_broke_once_holds(plan: Plan, company: Company) -> None:
    history = live(plan, company)
    assert history.held, history.story()


def test_the_histories_of_this_commit_hold_and_meet_every_premise(
    company: Company, record_property: Callable[[str, object], None]
) -> None:
    premises: Counter[str] = Counter()
    held = 0
    for number, plan in enumerate([*(Plan(seed) for seed in of_commit()), *PREMISE_PLANS]):
        if number >= SHARE + ALWAYS and not never_met(premises):
            break
        history = live(plan, company)
        assert history.held, history.story()
        premises.update(history.premises)
        held += 1
    record_property("told", f"{held} histories held\n{report(premises)}")
    assert not never_met(premises)
