"""Which points of a sweep one run visits: all of them in the full proof, a share that moves with the commit else."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.integration.server_process import ROOT

T = TypeVar("T")


def rotation() -> int:
    """A number that differs from commit to commit, so that over time every point is visited; 0 outside git."""
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(told.stdout.strip()[:12], 16) if told.returncode == 0 else 0


def every(points: Sequence[T], step: int) -> list[T]:
    """Each `step`-th point, begun at a place that the commit decides; all with step 1."""
    return list(points[rotation() % step :: step])


@dataclass(slots=True)
class Part:
    """What one part of the proof did."""

    name: str
    points: int = 0
    of: int = 0  # points there are
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    note: str = ""
    unfinished: bool = False  # the time was over before its last point

    def line(self) -> str:
        """The part as one line of the report."""
        of = f" of {self.of}" if self.of else ""
        words = ", ".join(text for text in (self.note, "time is over" if self.unfinished else "") if text)
        note = f" ({words})" if words else ""
        failures = f"{len(self.failures)} failures"
        return f"{self.name:<34} {self.points:>5}{of} points, {failures:>10}, {self.seconds:7.1f} s{note}"


DONE: list[Part] = []  # the parts of this run, for the report at its end


class Timed:
    """Times a part and keeps it for the report."""

    def __init__(self, part: Part) -> None:
        self.part = part

    def __enter__(self) -> Part:
        DONE.append(self.part)
        self._began = time.monotonic()
        return self.part

    def __exit__(self, *_error: object) -> None:
        self.part.seconds = time.monotonic() - self._began


def tell(parts: Sequence[Part]) -> None:
    """Print the report of these parts."""
    for part in parts:
        sys.stdout.write(part.line() + "\n")
        for failure in part.failures[:20]:
            sys.stdout.write(f"    {failure}\n")
    sys.stdout.flush()
