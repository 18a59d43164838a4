"""One figure: what was measured, beside its limit."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """A measured value and the limit it has to keep. `at_least`: the value must not fall below the limit."""

    name: str
    value: float
    limit: float
    unit: str
    detail: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Whether the figure keeps its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def line(self) -> str:
        """One row of the table."""
        sign = ">=" if self.at_least else "<="
        verdict = "reached" if self.reached else "MISSED"
        value, limit = f"{self.value:.2f} {self.unit}", f"{sign} {self.limit:g} {self.unit}"
        return f"| {self.name} | {value} | {limit} | {verdict} | {self.detail} |"


def interleaved(rounds: int, ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float, float]:
    """(median ratio ours/floor per round, median ours, median floor), both sides measured in turn."""
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return (
        median(mine / bare for mine, bare in pairs),
        median(mine for mine, _ in pairs),
        median(bare for _, bare in pairs),
    )
