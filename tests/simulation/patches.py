"""Planted bugs: unified diffs put into a copy of the tree. Lines may have moved since; the words must be the same."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.chance import ROOM

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "mutants"
COPIED = ("crm_desktop", "server", "sync", "tests/simulation", "tests/unit", "pyproject.toml")


class DoesNotFit(Exception):
    """The code a patch speaks of is not there (any more), or is there twice."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug. `hint`: seeds that caught it before, tried first."""

    name: str
    why: str
    hint: str
    diff: str


def mutants() -> list[Mutant]:
    """All planted bugs by name."""
    found = []
    for file in sorted(FOLDER.glob("*.patch")):
        why, caught, _, diff = file.read_text(encoding="utf-8").split("\n", 3)
        found.append(Mutant(file.stem, why, caught.removeprefix("Caught by:").strip(), diff))
    return found


def write_hint(mutant: Mutant, seed: str) -> None:
    """Remember which seed caught a mutant."""
    text = f"{mutant.why}\nCaught by: {seed}\n\n{mutant.diff}"
    (FOLDER / f"{mutant.name}.patch").write_text(text, encoding="utf-8")


def apply(diff: str, root: Path, *, write: bool = True) -> None:
    """Put a diff into a tree, or only see whether it fits. DoesNotFit where a hunk has no one place."""
    target: Path | None = None
    for part in _hunks(diff):
        if part[0].startswith("+++ b/"):
            target = root / part[0].removeprefix("+++ b/").strip()
            continue
        assert target is not None
        old = "".join(line[1:] for line in part if line[0] in " -")
        new = "".join(line[1:] for line in part if line[0] in " +")
        text = target.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise DoesNotFit(f"{target.name}: {text.count(old)} places for\n{old}")
        if write:
            target.write_text(text.replace(old, new), encoding="utf-8")


def _hunks(diff: str) -> Iterator[list[str]]:
    """The file lines, each alone, and the hunks without their heads."""
    hunk: list[str] = []
    for line in diff.splitlines(keepends=True):
        if line.startswith(("--- a/", "+++ b/", "@@")):
            if hunk:
                yield hunk
            hunk = []
            if line.startswith("+++ b/"):
                yield [line]
        else:
            hunk.append(line if line.strip("\n") else " \n")
    if hunk:
        yield hunk


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy of everything the histories run, to be spoilt."""
    with TemporaryDirectory(dir=ROOM, prefix="crm-mutant-") as name:
        root = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, root / part)
        yield root
