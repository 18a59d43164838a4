"""PostgreSQL crashes during pushes and is restored from backups: what was acknowledged comes back."""

from pathlib import Path

import psycopg
import pytest

from tests.integration.faults.cluster import Cluster
from tests.integration.faults.postgres import CHANGES, sweep
from tests.integration.faults.share import Part, Timed, every, rotation


@pytest.mark.slow
def test_postgres_may_crash_and_be_restored(tmp_path: Path) -> None:
    with Timed(Part("PostgreSQL killed and restored")) as part:
        sweep(part, tmp_path, 3, rotation(), changes=every(tuple(CHANGES), 2))
    assert not part.failures, "\n".join(part.failures)


@pytest.mark.slow
def test_a_damaged_page_is_found_after_a_crash() -> None:
    with Cluster() as cluster:
        with psycopg.connect(cluster.address(), autocommit=True) as connection:
            connection.execute("CREATE TABLE probe (id text PRIMARY KEY, body text)")
            connection.execute("INSERT INTO probe SELECT n::text, repeat('x', 100) FROM generate_series(1, 2000) n")
            connection.execute("CHECKPOINT")
            found = connection.execute("SELECT pg_relation_filepath('probe_pkey')").fetchone()
        assert found is not None
        assert cluster.damage() == []
        cluster.crash()
        path = cluster.data / found[0]
        content = bytearray(path.read_bytes())
        start = content.rindex(b"1999")
        content[start : start + 4] = b"2999"  # a key that no row has
        path.write_bytes(content)
        cluster.start()
        assert any("probe" in line for line in cluster.damage())
