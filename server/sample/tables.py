"""The Northwind tables as text cells: which files and columns there are, and forgiving access to cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from crm_desktop.errors import InvalidInput
from crm_desktop.rules.delimited import read_table

Cells = Mapping[str, str]

# Columns without which a table says nothing; any other column may be missing.
_NEEDED: dict[str, tuple[str, ...]] = {
    "employees": ("EmployeeID", "LastName"),
    "regions": ("RegionID", "RegionDescription"),
    "territories": ("TerritoryID", "TerritoryDescription", "RegionID"),
    "employee_territories": ("EmployeeID", "TerritoryID"),
    "customers": ("CustomerID", "CompanyName"),
    "categories": ("CategoryID", "CategoryName"),
    "products": ("ProductID", "ProductName", "UnitPrice"),
    "shippers": ("ShipperID", "CompanyName"),
    "orders": ("OrderID", "CustomerID", "EmployeeID", "OrderDate"),
    "order_details": ("OrderID", "ProductID", "UnitPrice", "Quantity"),
}


@dataclass(frozen=True)
class Tables:
    """Rows of each table in file order, and what was odd about them."""

    rows: dict[str, list[dict[str, str]]]
    problems: list[str] = field(default_factory=list)

    def keyed(self, table: str, column: str) -> Iterator[tuple[str, Cells]]:
        """(key, row) of the rows with a key, in file order; a key that comes again is reported and skipped."""
        seen: set[str] = set()
        for row in self.rows[table]:
            key = row.get(column, "")
            if not key or key in seen:
                self.problems.append(f"{table}: {column} {key!r} is empty or comes twice; the row was left out.")
                continue
            seen.add(key)
            yield key, row

    def names(self, table: str, key: str, column: str) -> dict[str, str]:
        """Key -> text of one column."""
        return {row[key]: row.get(column, "") for row in self.rows[table] if row.get(key)}


def read_tables(folder: Path) -> Tables:
    """The tables of a folder; InvalidInput when a file or one of its key columns is missing."""
    rows: dict[str, list[dict[str, str]]] = {}
    problems: list[str] = []
    for name, needed in _NEEDED.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            raise InvalidInput(
                "sample_file_missing",
                f"The folder has no file {path.name}.",
                "Choose a folder with the Northwind tables, one CSV file each.",
            )
        table = read_table(path.read_bytes())
        missing = [column for column in needed if column not in table.header]
        if missing:
            raise InvalidInput(
                "sample_column_missing",
                f"The file {path.name} has no column {missing[0]}.",
                "Choose a folder with the columns of the Northwind tables.",
            )
        problems += [f"{path.name}: {problem.text}" for problem in table.problems]
        rows[name] = [
            {column: cell.strip() for column, cell in zip(table.header, row.cells, strict=True)} for row in table.rows
        ]
    return Tables(rows, problems)


def number(text: str) -> Decimal | None:
    """Exact number of a cell, None when it holds none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def day(text: str) -> str | None:
    """ISO date of a cell (a time behind it is ignored), None when it holds none."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None
