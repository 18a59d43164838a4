"""The floor of a first sync: the least a Python program can do to have the same rows on the disk.

No product code. It decodes prepared pages (zstd, JSON arrays) and inserts them by executemany, in one commit, into
a file made from the product's own DDL, full-text rows included: their texts go in as they came. It stops the
clock when the last note is found by search.

usage: floor.py FOLDER TARGET [cheap-none], where FOLDER holds manifest.json, schema.json and the pages. With
`cheap-none` the driver is told beforehand how None is stored, as the product tells it.
"""

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import zstandard
from sqlcipher3 import dbapi2 as sqlcipher

MOST_BYTES = 256 * 1024 * 1024


def load(folder: Path, target: Path) -> tuple[float, int]:
    """Insert all pages into a new file; (seconds, rows)."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    connection = sqlcipher.connect(str(target), isolation_level=None)
    if manifest["key"]:
        connection.execute(f"PRAGMA key = \"x'{manifest['key']}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -32768")
    for statement in manifest["schema"]:
        connection.execute(statement)
    search = manifest["search"]
    rows = 0
    gc.collect()
    began = time.perf_counter()
    inflater = zstandard.ZstdDecompressor()
    connection.execute("BEGIN IMMEDIATE")
    for table in manifest["tables"]:
        texts = table["texts"]
        for name in table["pages"]:
            page = orjson.loads(inflater.decompress((folder / name).read_bytes(), max_output_size=MOST_BYTES))
            connection.executemany(table["insert"], page)
            rows += len(page)
            if search and texts:
                documents = [(row[0] * 64 + table["number"], *_texts(row, texts)) for row in page]
                connection.executemany(search, documents)
    connection.execute("COMMIT")
    found = connection.execute(manifest["find"], (manifest["word"],)).fetchall()
    took = time.perf_counter() - began
    if len(found) != 1:
        raise RuntimeError(f"the last note was found {len(found)} times")
    connection.close()
    return took, rows


def _texts(row: list[Any], texts: list[list[int]]) -> list[str]:
    return [" ".join([row[index] for index in group if row[index]]) for group in texts]


if __name__ == "__main__":
    if "cheap-none" in sys.argv:
        sqlcipher.register_adapter(type(None), {}.get)
    seconds, count = load(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": count}) + "\n")
