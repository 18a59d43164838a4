"""Prepares what the floor of a first sync reads: the product's DDL and the generated rows as pages."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import zstandard

from benchmarks.company import LAST_WORD
from benchmarks.generated import Record
from crm_desktop.clock import SystemClock
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import connect
from crm_desktop.store.search_index import INSERT_DOCUMENT
from crm_desktop.store.tables import ENTITY_NUMBER, Table, table

PAGE_ROWS = 5000
KEY = bytes(range(32))
# What the peers' own floor has beside its primary keys.
PLAIN_INDEXES = (
    "CREATE INDEX a_name ON account (name COLLATE NOCASE)",
    "CREATE INDEX n_acc ON visit (account_id)",
    "CREATE INDEX q_acc ON quote (account_id)",
    "CREATE INDEX l_q ON quote_line (quote_id)",
)


def prepare(folder: Path, records: Sequence[Record], roots: Sequence[str], scopes: Sequence[str]) -> tuple[Path, Path]:
    """Folders of the full floor (the product's file) and of the plain one (unencrypted, four indexes)."""
    full, plain = folder / "floor", folder / "plain"
    tables = _pages(full, records, roots, json.dumps(sorted(scopes)))
    find = "SELECT rowid FROM search WHERE search MATCH ?"
    schema = product_schema(folder / "empty")
    _manifest(full, KEY.hex(), schema, INSERT_DOCUMENT, find, LAST_WORD, tables)
    plain.mkdir()
    for name in full.glob("*.zst"):
        (plain / name.name).symlink_to(name)
    bare = [statement for statement in schema if statement.startswith("CREATE TABLE") and "fts5" not in statement]
    find = "SELECT rowid FROM visit WHERE note LIKE '%' || ? || '%'"
    _manifest(plain, "", [*bare, *PLAIN_INDEXES], "", find, LAST_WORD, tables)
    return full, plain


def _manifest(
    folder: Path, key: str, schema: list[str], search: str, find: str, word: str, tables: list[dict[str, Any]]
) -> None:
    described = {"key": key, "schema": schema, "search": search, "find": find, "word": word, "tables": tables}
    (folder / "manifest.json").write_text(json.dumps(described))


def product_schema(folder: Path) -> list[str]:
    """DDL of a fresh profile, made in `folder`: tables, indexes, full-text index; no triggers."""
    store = ClientStore.open(folder, KEY, SystemClock())
    store.close()
    connection = connect(store.path, KEY, read_only=True)
    found = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%' ORDER BY type = 'index', rowid"
    ).fetchall()
    connection.close()
    return [str(row[0]) for row in found]


def _pages(folder: Path, records: Sequence[Record], roots: Sequence[str], scopes: str) -> list[dict[str, Any]]:
    """The rows as the file holds them: (rowid, id, columns, version, hash, scopes, root, title)."""
    folder.mkdir()
    rows: dict[str, list[list[Any]]] = {}
    for (entity, record_id, row), root in zip(records, roots, strict=True):
        spec = table(entity)
        listed = rows.setdefault(entity, [])
        values = spec.values(row)
        title = next((str(values[index]) for index in spec.title if values[index]), "")
        listed.append([len(listed) + 1, record_id, *spec.encode(values), 1, len(listed), scopes, root, title])
    compressor = zstandard.ZstdCompressor(level=3)
    described = []
    for entity, listed in rows.items():
        names = []
        for start in range(0, len(listed), PAGE_ROWS):
            names.append(f"{entity}-{start}.zst")
            (folder / names[-1]).write_bytes(compressor.compress(orjson.dumps(listed[start : start + PAGE_ROWS])))
        spec = table(entity)
        described.append(
            {"insert": spec.insert, "number": ENTITY_NUMBER[entity], "pages": names, "texts": _text_columns(spec)}
        )
    return described


def row_bytes(records: Sequence[Record]) -> int:
    """Bytes of the rows alone, as wire values in JSON arrays, in pages under zstd level 3: what cannot be spared."""
    compressor = zstandard.ZstdCompressor(level=3)
    rows: dict[str, list[list[Any]]] = {}
    for entity, record_id, row in records:
        rows.setdefault(entity, []).append([record_id, *table(entity).values(row)])
    return sum(
        len(compressor.compress(orjson.dumps(listed[start : start + PAGE_ROWS])))
        for listed in rows.values()
        for start in range(0, len(listed), PAGE_ROWS)
    )


def _text_columns(spec: Table) -> list[list[int]]:
    """Places of the searched texts in a page's row: title, names, body, digits; empty where nothing is searched."""
    if not spec.searched:
        return []
    number = [] if spec.number is None else [spec.number[1]]
    return [[index + 2 for index in group] for group in (spec.in_title, spec.in_names, spec.in_body, number)]
