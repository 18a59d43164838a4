"""The company of all histories is made once."""

from pathlib import Path

import pytest

from tests.simulation.company import Company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder: Path = tmp_path_factory.mktemp("company")
    return Company(folder)
