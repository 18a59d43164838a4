"""PostgreSQL crashes during pushes and is restored from backups: what was acknowledged comes back."""

from pathlib import Path

import pytest

from tests.integration.faults.postgres import sweep
from tests.integration.faults.share import Part, Timed, rotation


@pytest.mark.slow
def test_postgres_may_crash_and_be_restored(tmp_path: Path) -> None:
    with Timed(Part("PostgreSQL killed and restored")) as part:
        sweep(part, tmp_path, 3, rotation())
    assert not part.failures, "\n".join(part.failures)
