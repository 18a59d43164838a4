"""A simulator that misses a planted bug is blind: every patch must fit, and a part of them is hunted in every run."""

import pytest

from tests.simulation.mutation import judge, share
from tests.simulation.patches import ROOT, Mutant, apply, mutants
from tests.simulation.seeds import of_commit

SHARE = 3  # of those whose seed is known; `make mutants` hunts all and writes the seeds down
FEWEST = 25


def test_there_are_enough() -> None:
    assert len(mutants()) >= FEWEST


def test_every_patch_fits() -> None:
    for mutant in mutants():
        apply(mutant.diff, ROOT, write=False)


@pytest.mark.parametrize(
    "mutant", share([m for m in mutants() if m.hint], of_commit(1)[0], SHARE), ids=lambda mutant: mutant.name
)
def test_is_caught(mutant: Mutant) -> None:
    assert judge(mutant).seed, mutant.why
