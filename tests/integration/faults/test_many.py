"""Several laptops at once through two servers on one PostgreSQL: nothing of what they write is told nowhere."""

from pathlib import Path

import pytest

from tests.integration.faults.many import meet
from tests.integration.faults.share import Part, Timed, rotation


@pytest.mark.slow
def test_many_laptops_at_once(tmp_path: Path) -> None:
    with Timed(Part("many at once on two servers")) as part:
        meet(part, tmp_path, 12, rotation())
    assert not part.failures, "\n".join(part.failures)
