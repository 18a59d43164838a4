"""Files a person names: where one cannot be read or written, one sentence says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_desktop.errors import KnownError


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Around what reads the file: an error of the system becomes KnownError `cannot_read`."""
    try:
        yield
    except OSError as error:
        raise KnownError(
            "cannot_read", f"The file {path} cannot be read.", "Check its name.", file=str(path)
        ) from error


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Around what writes the file: an error of the system becomes KnownError `cannot_write`."""
    try:
        yield
    except OSError as error:
        raise KnownError(
            "cannot_write", f"The file {path} cannot be written.", "Choose another place.", file=str(path)
        ) from error
