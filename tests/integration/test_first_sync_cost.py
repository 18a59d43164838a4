"""What a first sync by parts costs: requests, bytes, and what the server prepares. Counts only, never seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.floor_files import row_bytes
from benchmarks.generated import Generator
from server.settings import Settings
from tests.integration.parts_house import House, house

ACCOUNTS = 250
MOST_BYTES = 1.10  # of the rows alone under zstd level 3


@pytest.fixture
def served(sqlite_database: str, tmp_path: Path) -> Iterator[House]:
    """A company with some thousand rows and the parts of a real server."""
    with house(sqlite_database, tmp_path, Settings(snapshot_from_rows=1)) as made:
        made.territory = made.add_territory("T1")
        made.anna = made.add_user("anna", "--territory", "T1")
        made.write(*Generator(ACCOUNTS, made.territory, made.anna).records())
        yield made


def test_a_first_sync_is_a_manifest_the_parts_and_one_pull(served: House) -> None:
    records = list(Generator(ACCOUNTS, served.territory, served.anna).records())
    first, second = served.laptop(), served.laptop()
    first.sync()
    prepared = sorted(path.name for path in served.folder.glob("*.parts/*"))
    report = second.sync()
    assert report.pulled >= len(records)
    traffic = second.line.traffic()
    assert traffic.requests == 1 + len(second.line.fetched) + 1
    assert len(second.line.fetched) == len({part for _, part, _ in second.line.fetched}) < 15
    assert traffic.bytes_in <= MOST_BYTES * row_bytes(records) + 300 * traffic.requests  # headers of so small parts
    assert sorted(path.name for path in served.folder.glob("*.parts/*")) == prepared
