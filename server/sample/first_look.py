"""Writes the sample as one packed file: what a laptop without a server shows to somebody who wants to look.

The file is part of the client, which knows nothing of the server; `python -m server.sample.first_look` makes it anew.
Days are those of a fixed one; the client moves them to its own.
"""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from crm_desktop.model.wire import columns
from server.sample.demo_layer import demo_layer
from server.sample.northwind import read_northwind
from server.sample.record import sample_id

DAY = date(2026, 1, 14)
_SEED = 7
_REPRESENTATIVE = "4"
_RESOURCES = Path(__file__).parents[2] / "resources"
FILE = _RESOURCES / "first_look" / "sample.json.gz"


def first_look(folder: Path) -> dict[str, Any]:
    """The day, the user whose laptop it is, and per entity its columns and rows with id and version first."""
    tables: dict[str, list[list[Any]]] = {}
    for record in demo_layer(read_northwind(folder), _SEED, DAY):
        values = [record.row.get(name) for name in columns(record.entity)]
        tables.setdefault(record.entity, []).append([record.id, record.id, 0, *values])
    put = [{"e": entity, "cols": list(columns(entity)), "rows": rows} for entity, rows in tables.items()]
    return {"day": DAY.isoformat(), "user": sample_id("user", _REPRESENTATIVE), "put": put}


def write(file: Path = FILE) -> int:
    """Write the file; returns its bytes. Equal data makes equal bytes."""
    text = json.dumps(first_look(_RESOURCES / "sample" / "northwind"), ensure_ascii=False, separators=(",", ":"))
    file.parent.mkdir(exist_ok=True)
    return file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    write()
