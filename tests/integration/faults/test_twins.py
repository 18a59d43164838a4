"""The same history on SQLite and PostgreSQL ends in equal rows."""

from collections import Counter
from pathlib import Path

import pytest

from tests.integration.faults.cluster import Cluster
from tests.integration.faults.share import Part, Timed, rotation
from tests.integration.faults.twins import Twins, differences, live

STEPS = 110
TURNS = 6  # at most, until every outcome came that has to be compared
NEEDED = {"applied", "merged", "conflict", "conflict_copy", "quarantined"}


@pytest.mark.slow
def test_one_history_gives_equal_rows_on_both_databases(tmp_path: Path) -> None:
    with Cluster() as cluster, Timed(Part("SQLite beside PostgreSQL")) as part:
        twins = Twins.found(tmp_path, cluster)
        try:
            part.points = STEPS
            outcomes: Counter[str] = Counter()
            for turn in range(TURNS):
                wrong, met = live(twins, STEPS, rotation() + turn)
                part.failures += wrong
                outcomes.update(met)
                if outcomes.keys() >= NEEDED:
                    break
            part.failures += differences(twins)
        finally:
            twins.close()
        part.note = " ".join(f"{name} {count}" for name, count in sorted(outcomes.items()))
    assert not part.failures, "\n".join(part.failures)
    assert outcomes.keys() >= NEEDED
