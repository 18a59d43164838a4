"""Two processes on one profile, and a profile on two laptops."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.faults.killing import Company
from tests.integration.faults.profiles import copied, side_by_side, under_an_open_window
from tests.integration.faults.share import Part, Timed

pytestmark = pytest.mark.slow


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    company = Company.found(tmp_path / "company")
    yield company
    company.close()


def test_two_processes_on_one_profile_lose_nothing(company: Company) -> None:
    with Timed(Part("two processes on one profile", points=2)) as part:
        part.failures += side_by_side(company)
        part.failures += under_an_open_window(company)
    assert not part.failures, "\n".join(part.failures)


def test_all_work_of_a_copied_profile_arrives_once(company: Company, tmp_path: Path) -> None:
    with Timed(Part("a profile copied", points=1)) as part:
        part.failures += copied(company, tmp_path / "twin")
    assert not part.failures, "\n".join(part.failures)
