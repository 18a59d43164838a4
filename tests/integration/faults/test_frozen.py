"""A process stands still in the middle of a session and goes on: nothing is lost, nothing is done twice."""

import time
from pathlib import Path

import pytest

from tests.integration.faults.frozen import sweep_laptop, sweep_server
from tests.integration.faults.share import Part, Timed

pytestmark = pytest.mark.slow
NO_END = time.monotonic() + 3600


def test_a_server_that_stands_still_is_not_online_and_goes_on(tmp_path: Path) -> None:
    with Timed(Part("server standing still")) as part:
        sweep_server(part, tmp_path, 37, NO_END)
    assert part.points >= 2
    assert not part.failures, "\n".join(part.failures)


def test_a_laptop_that_stands_still_goes_on(tmp_path: Path) -> None:
    with Timed(Part("laptop standing still")) as part:
        sweep_laptop(part, tmp_path, 200, NO_END)
    assert not part.failures, "\n".join(part.failures)
