"""The server's disk is full or broken: one clear answer with a stable code; nothing is lost, and it goes on later."""

import time
from pathlib import Path

import pytest

from tests.integration.faults.bad_disk import fill, sweep
from tests.integration.faults.share import Part, Timed

pytestmark = pytest.mark.slow
NO_END = time.monotonic() + 3600


def test_a_server_whose_disk_fails_at_any_write_says_so_and_goes_on(tmp_path: Path) -> None:
    with Timed(Part("server with a bad disk")) as part:
        sweep(part, tmp_path, 37, NO_END)
    assert part.points >= 3
    assert not part.failures, "\n".join(part.failures)


def test_a_server_on_postgresql_with_a_full_disk_says_so_and_goes_on(tmp_path: Path) -> None:
    with Timed(Part("PostgreSQL on a full disk")) as part:
        fill(part, tmp_path, 1, NO_END)
    assert not part.failures, "\n".join(part.failures)
