"""One figure: what was measured, beside its limit."""

from dataclasses import dataclass


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
