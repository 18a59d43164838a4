"""Laptops ten years ahead, ten years behind, and six minutes ahead."""

from pathlib import Path

import pytest

from tests.integration.faults.clocks import SKEWS, newest, work, wrong_clock
from tests.integration.faults.killing import Company
from tests.integration.faults.share import Part, Timed

pytestmark = pytest.mark.slow


def test_a_wrong_clock_loses_nothing_and_wins_nothing(tmp_path: Path) -> None:
    company = Company.found(tmp_path / "company")
    try:
        with Timed(Part("wrong clocks", of=len(SKEWS))) as part:
            for skew in SKEWS:
                part.points += 1
                part.failures += work(company, skew)
            stands = newest(company, wrong_clock("+10y"))
    finally:
        company.close()
    assert not part.failures, "\n".join(part.failures)
    assert stands == "2032-02-02"
