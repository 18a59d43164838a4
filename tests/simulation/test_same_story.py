"""A seed is a history: told twice, and in another process, it is the same to the letter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.company import Company
from tests.simulation.world import Plan, live


@pytest.mark.parametrize("seed", ["1", "18"])
def test_twice(seed: str, company: Company) -> None:
    first, second = (live(Plan(seed), company) for _ in range(2))
    assert first.lines == second.lines
    assert first.digest == second.digest


def test_in_another_process(company: Company) -> None:
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
