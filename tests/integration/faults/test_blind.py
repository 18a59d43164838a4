"""Killed or broken at any write, fsync or send, by strace: a share of the points that moves with the commit."""

import time
from pathlib import Path

import pytest

from tests.integration.faults.blind import sweep_laptop, sweep_server
from tests.integration.faults.share import Part, Timed

pytestmark = pytest.mark.slow
NO_END = time.monotonic() + 3600


def test_a_laptop_killed_at_any_write_keeps_what_it_told(tmp_path: Path) -> None:
    with Timed(Part("laptop killed blindly")) as part:
        sweep_laptop(part, tmp_path, 127, NO_END, errors=False)
    assert part.points >= 2
    assert not part.failures, "\n".join(part.failures)


def test_a_laptop_whose_disk_is_full_or_broken_says_so_and_keeps_what_it_told(tmp_path: Path) -> None:
    with Timed(Part("laptop with a bad disk")) as part:
        sweep_laptop(part, tmp_path, 251, NO_END, errors=True)
    assert part.points >= 1
    assert not part.failures, "\n".join(part.failures)


def test_a_server_killed_at_any_write_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with Timed(Part("server killed blindly")) as part:
        sweep_server(part, tmp_path, 37, NO_END)
    assert part.points >= 1
    assert not part.failures, "\n".join(part.failures)
