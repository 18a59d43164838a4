"""The whole day on real windows, a real server and real files; also on another company and another seed."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.end2end.story import Story

NORTHWIND = Path(__file__).resolve().parents[2] / "resources" / "sample" / "northwind"


def other_company(folder: Path) -> Path:
    """The same columns with other names, prices and quantities."""
    shutil.copytree(NORTHWIND, folder)
    with (folder / "customers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["CompanyName"] = f"Müßig & Søn {number:03d} {row['City']}"
    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize(("company", "seed"), [("northwind", 1), ("other", 7)])
def test_the_day_ends_with_equal_rows_everywhere(tmp_path: Path, company: str, seed: int) -> None:
    data = NORTHWIND if company == "northwind" else other_company(tmp_path / "other")
    told: list[str] = []
    wrong = Story(tmp_path / "work", tmp_path / "output", told.append).run(data, seed)
    assert not wrong, "\n".join([*told, *wrong])
    assert (tmp_path / "output" / "quote.pdf").read_bytes().startswith(b"%PDF")
