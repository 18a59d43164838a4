"""Which form a prepared part of a first sync should have: bytes on the wire, processor time until search is ready.

The same rows, with everything the laptop's file keeps of them, three ways: rows as JSON arrays, columns as JSON
arrays, and a ready SQLite file that is attached and copied. The first two fill the laptop's encrypted file by
executemany; all build the search index by one statement a part, and the secondary indexes at the end.
`file` writes what it received to the disk in plain text, which the product may not do: it is here as a limit.

usage: python -m benchmarks.part_format [ACCOUNTS ROUNDS]
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import zstandard
from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.floor_files import KEY, product_schema
from benchmarks.generated import Generator
from crm_desktop.model.wire import row_hash
from crm_desktop.store.connection import Connection, connect
from crm_desktop.store.tables import ENTITY_NUMBER, SYNC_NAMES, Table, quoted, table

PART_ROWS = 20_000
REFERENCE_ROWS = 5_000
LEVELS = (3, 9, 15)
MOST_BYTES = 256 * 1024 * 1024
TERRITORY, OWNER = "01a20000-0000-7000-8000-000000000001", "01a20000-0000-7000-8000-000000000002"
SCOPES = orjson.dumps([f"territory:{TERRITORY}", f"user:{OWNER}"]).decode()

Part = tuple[str, list[list[Any]]]  # entity; rows as the file holds them, without rowid and sort key
Form = tuple[Callable[[Part], bytes], Callable[[Connection, str, bytes], None]]


def parts(accounts: int) -> list[Part]:
    """The generated records as parts, one entity after another."""
    rows: dict[str, list[list[Any]]] = {}
    account = ""
    for entity, record_id, row in Generator(accounts, TERRITORY, OWNER).records():
        account = record_id if entity == "account" else account
        spec = table(entity)
        root = str(row.get("account_id") or account)
        tail = [1, row_hash(entity, record_id, 1, row), SCOPES, root]
        rows.setdefault(entity, []).append([record_id, *spec.encode(spec.values(row)), *tail])
    return [
        (entity, listed[start : start + PART_ROWS])
        for entity, listed in rows.items()
        for start in range(0, len(listed), PART_ROWS)
    ]


# -- the three forms ----------------------------------------------------------------------------------


def _names(spec: Table) -> list[str]:
    return ["id", *spec.names, *SYNC_NAMES[:4]]


def _insert(spec: Table) -> str:
    names = _names(spec)
    listed = ", ".join(map(quoted, names))
    title = spec.names[spec.title[0]]
    marks = ", ".join(f"?{number}" for number in range(1, len(names) + 1))
    return (
        f"INSERT INTO {quoted(spec.entity)} ({listed}, sort_key) "
        f"VALUES ({marks}, {folding(f'?{names.index(title) + 1}')})"
    )


def folding(value: str) -> str:
    """SQL that folds a text: by SQLite's own functions where it is ASCII, by ours where it is not."""
    plain = f"replace(replace(replace(lower({value}), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')"
    return f"CASE WHEN {value} GLOB '*[^\x01-\x7f]*' THEN fold({value}) ELSE {plain} END"


def rows_of(part: Part) -> bytes:
    """Rows as JSON arrays."""
    return orjson.dumps(part[1])


def load_rows(connection: Connection, entity: str, data: bytes) -> None:
    """The counterpart of `rows_of`."""
    connection.executemany(_insert(table(entity)), orjson.loads(data))


def columns_of(part: Part) -> bytes:
    """Columns as JSON arrays."""
    return orjson.dumps(list(zip(*part[1], strict=True)))


def load_columns(connection: Connection, entity: str, data: bytes) -> None:
    """The counterpart of `columns_of`."""
    connection.executemany(_insert(table(entity)), zip(*orjson.loads(data), strict=True))


def file_of(part: Part) -> bytes:
    """An SQLite file with one table without indexes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.db"
        plain = sqlcipher.connect(str(path), isolation_level=None)
        names = _names(table(part[0]))
        plain.execute("PRAGMA journal_mode = OFF")
        plain.execute(f"CREATE TABLE part ({', '.join(map(quoted, names))})")
        plain.execute("BEGIN")
        plain.executemany(f"INSERT INTO part VALUES ({', '.join('?' * len(names))})", part[1])
        plain.execute("COMMIT")
        plain.close()
        return path.read_bytes()


def load_file(connection: Connection, entity: str, data: bytes) -> None:
    """The counterpart of `file_of`."""
    spec = table(entity)
    listed = ", ".join(map(quoted, _names(spec)))
    title = quoted(spec.names[spec.title[0]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.db"
        path.write_bytes(data)
        connection.execute("COMMIT")
        connection.execute("ATTACH ? AS arrived KEY ''", (str(path),))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            f"INSERT INTO main.{quoted(entity)} ({listed}, sort_key) "
            f"SELECT {listed}, {folding(title)} FROM arrived.part"
        )
        connection.execute("COMMIT")
        connection.execute("DETACH arrived")
        connection.execute("BEGIN IMMEDIATE")


FORMS: dict[str, Form] = {
    "rows": (rows_of, load_rows),
    "columns": (columns_of, load_columns),
    "file": (file_of, load_file),
}


# -- measuring ----------------------------------------------------------------------------------------


def index_part(connection: Connection, entity: str, after: int) -> None:
    """Search documents of the rows behind a rowid, by one statement."""
    spec = table(entity)
    if not spec.searched:
        return

    def text(indexes: Sequence[int]) -> str:
        values = " || ' ' || ".join(f"ifnull({quoted(spec.names[index])}, '')" for index in indexes) or "''"
        return folding(f"({values})")

    connection.execute(
        f"INSERT INTO search (rowid, title, names, body, digits) SELECT (rowid << 6) | {ENTITY_NUMBER[entity]}, "
        f"{text(spec.in_title)}, {text(spec.in_names)}, {text(spec.in_body)}, '' "
        f"FROM {quoted(entity)} WHERE rowid > ?",
        (after,),
    )


def load(form: Form, packed: Iterable[tuple[str, bytes]], schema: Sequence[str], path: Path) -> float:
    """Processor seconds from compressed parts to a filled file with its indexes."""
    connection = connect(path, KEY)
    late = [statement for statement in schema if statement.startswith("CREATE INDEX")]
    for statement in schema:
        if statement not in late:
            connection.execute(statement)
    # One segment of many documents instead of a pyramid of merges.
    connection.execute("INSERT INTO search (search, rank) VALUES ('hashsize', ?)", (64 * 1024 * 1024,))
    gc.collect()
    began = time.process_time()
    inflater = zstandard.ZstdDecompressor()
    connection.execute("BEGIN IMMEDIATE")
    for entity, data in packed:
        after = connection.execute(f"SELECT ifnull(max(rowid), 0) FROM {quoted(entity)}").fetchone()[0]
        form[1](connection, entity, inflater.decompress(data, max_output_size=MOST_BYTES))
        index_part(connection, entity, after)
    for statement in late:
        connection.execute(statement)
    connection.execute("COMMIT")
    took = time.process_time() - began
    connection.close()
    return took


def measure(accounts: int = 10_000, rounds: int = 3) -> str:
    """A table: bytes by level against zstd-3 of the rows alone, and seconds of the processor to load."""
    prepared = parts(accounts)
    reference = 0
    for _, rows in prepared:
        for start in range(0, len(rows), REFERENCE_ROWS):
            bare = [row[:-4] for row in rows[start : start + REFERENCE_ROWS]]
            reference += len(zstandard.ZstdCompressor(level=3).compress(orjson.dumps(bare)))
    lines = [f"{accounts} accounts, {sum(len(rows) for _, rows in prepared)} rows; reference {reference / 1e6:.2f} MB"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        schema = product_schema(folder / "empty")
        seconds: dict[str, list[float]] = {name: [] for name in FORMS}
        packed: dict[str, list[tuple[str, bytes]]] = {}
        for name, (encode, _) in FORMS.items():
            raw = [(part[0], encode(part)) for part in prepared]
            sizes = []
            for level in LEVELS:
                compressor = zstandard.ZstdCompressor(level=level)
                packed[name] = [(entity, compressor.compress(data)) for entity, data in raw]
                size = sum(len(data) for _, data in packed[name])
                sizes.append(f"zstd-{level} {size / 1e6:.2f} MB = {size / reference:.2f}x")
            lines.append(f"{name}: {', '.join(sizes)}")
        for number in range(rounds):
            for name, form in FORMS.items():
                path = folder / f"{name}{number}.db"
                seconds[name].append(load(form, packed[name], schema, path))
                path.unlink()
    lines += [f"{name}: {median(taken):.2f} s of the processor to load" for name, taken in seconds.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(measure(*(int(value) for value in sys.argv[1:])) + "\n")
