"""The company of all histories is made once."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulation.chance import ROOM
from tests.simulation.company import Company


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    with TemporaryDirectory(dir=ROOM) as folder:
        yield Company(Path(folder))
