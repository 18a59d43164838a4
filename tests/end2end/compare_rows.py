"""Compares every device's rows with the server's, reading the databases directly and with none of the product's code.

A device must hold exactly the live rows that share a scope with its user, each with equal values. Fields that need a
permission are empty on the devices of people without it. Usage:

    python -m tests.end2end.compare_rows SERVER NAME=CLIENT.db:KEYHEX [...]

SERVER is an SQLite file or a postgresql:// address.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlcipher3 import dbapi2 as sqlcipher

OWN_COLUMNS = {"sync_ver", "sync_hash", "sync_scopes", "sync_root", "sort_key"}
CONFIDENTIAL = {"product": {"cost", "margin_floor_percent"}}
PRIVILEGED = {"inside_sales", "admin"}


@dataclass(frozen=True)
class Device:
    """One laptop: a name for the report, its file and the raw key."""

    name: str
    path: Path
    key: bytes


class _Postgres:
    """A connection to PostgreSQL that is asked like one to SQLite."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        return self._connection.execute(sql.replace("?", "%s").encode(), values)

    def close(self) -> None:
        self._connection.close()


def open_server(database: str | Path) -> Any:
    """The server's database, to be read."""
    if str(database).startswith("postgresql://"):
        return _Postgres(str(database))
    return sqlcipher.connect(f"file:{database}?mode=ro", uri=True)


def open_device(device: Device) -> Any:
    """A device's encrypted file."""
    connection = sqlcipher.connect(str(device.path))
    connection.execute(f"PRAGMA key = \"x'{device.key.hex()}'\"")
    connection.execute("PRAGMA query_only = ON")
    return connection


def entity_tables(device: Any) -> dict[str, list[str]]:
    """Entity table -> its declared columns, found by the sync columns only entity tables have."""
    tables: dict[str, list[str]] = {}
    for (name,) in device.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = [row[1] for row in device.execute(f'PRAGMA table_info("{name}")')]
        if "sync_ver" in columns:
            tables[name] = sorted(set(columns) - OWN_COLUMNS)
    return tables


def rows(connection: Any, table: str, columns: list[str]) -> dict[str, dict[str, Any]]:
    """id -> row of a table."""
    listed = ", ".join(f'"{column}"' for column in columns)
    found = connection.execute(f'SELECT {listed} FROM "{table}"').fetchall()
    return {row["id"]: row for row in (dict(zip(columns, values, strict=True)) for values in found)}


def expected_ids(server: Any, table: str, user_id: str) -> set[str]:
    """Ids of the live rows of a table that share a scope with the user."""
    wanted = {
        scope
        for (scope,) in server.execute(
            "SELECT scope FROM user_scope WHERE user_id = ? AND until_seq IS NULL", (user_id,)
        )
    }
    sets = {number: set(json.loads(scopes)) for number, scopes in server.execute("SELECT id, scopes FROM scope_set")}
    found = server.execute("SELECT id, scope_set FROM row_meta WHERE entity = ? AND NOT deleted", (table,))
    return {record_id for record_id, number in found if sets[number] & wanted}


def compare(database: str | Path, devices: list[Device]) -> list[str]:
    """Differences as sentences; empty when every device holds what it should."""
    differences: list[str] = []
    server = open_server(database)
    for device in devices:
        connection = open_device(device)
        user_id = dict(connection.execute("SELECT key, value FROM meta").fetchall())["user_id"]
        role = server.execute("SELECT role FROM user_account WHERE user_id = ?", (user_id,)).fetchone()[0]
        waiting = connection.execute("SELECT count(*) FROM outbox_txn WHERE state = 'pending'").fetchone()[0]
        if waiting:
            differences.append(f"{device.name}: {waiting} changes still wait")
        compared = 0
        for table, columns in entity_tables(connection).items():
            theirs, mine = rows(server, table, columns), rows(connection, table, columns)
            expected = expected_ids(server, table, user_id)
            differences += [f"{device.name}: {table} {i} is missing" for i in sorted(expected - mine.keys())]
            differences += [f"{device.name}: {table} {i} should not be here" for i in sorted(mine.keys() - expected)]
            hidden = set() if role in PRIVILEGED else CONFIDENTIAL.get(table, set())
            for record_id in sorted(expected & mine.keys()):
                compared += 1
                for column in columns:
                    wanted = None if column in hidden else theirs[record_id][column]
                    if mine[record_id][column] != wanted:
                        differences.append(
                            f"{device.name}: {table}.{column} of {record_id} is {mine[record_id][column]!r}, "
                            f"the server holds {wanted!r}"
                        )
        sys.stdout.write(f"{device.name}: {compared} rows compared\n")
        connection.close()
    server.close()
    return differences


def main(arguments: list[str]) -> int:
    """Command line; 0 when equal."""
    devices = []
    for argument in arguments[1:]:
        name, _, rest = argument.partition("=")
        path, _, key = rest.rpartition(":")
        devices.append(Device(name, Path(path), bytes.fromhex(key)))
    differences = compare(arguments[0], devices)
    sys.stdout.write("".join(f"{line}\n" for line in differences) or "every device holds what the server holds\n")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
