"""Where prepared snapshots lie, for who makes them and for who has to remove them."""

import shutil
from pathlib import Path


def beside(files: Path) -> Path:
    """The folder of a database's prepared snapshots, given that of its files."""
    return files.with_name(files.name.removesuffix(".files") + ".parts")


def remove(files: Path | None) -> None:
    """Remove all of them: something was erased that may stand in them. They are made anew when asked for."""
    if files is not None:
        shutil.rmtree(beside(files), ignore_errors=True)
