"""A company in this process, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.integration.in_process import Company, company_at


@pytest.fixture
def company(database: str) -> Iterator[Company]:
    """A company over a database of each kind."""
    with company_at(database) as made:
        yield made
