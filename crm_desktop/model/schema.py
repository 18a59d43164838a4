"""Schema of the entity tables and its history: one Alembic folder, run by the laptop and by the server.

A field is added by its line in the declaration and one file in `migrations/versions`, numbered on. The number
of the newest file is the schema version; nothing else has to be told.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from crm_desktop.model import ENTITIES

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "alembic_version_entities"
_FILE = re.compile(r"(\d{4})_\w+\.py")


def newest_version(folder: Path) -> int:
    """Number of the newest migration file in `folder`/versions."""
    names = (_FILE.fullmatch(path.name) for path in (folder / "versions").iterdir())
    return max(int(name.group(1)) for name in names if name)


SCHEMA_VERSION = newest_version(MIGRATIONS)


def revision_of(version: int) -> str:
    """Alembic revision id of a schema version."""
    return f"{version:04d}"


def index_statements() -> list[str]:
    """The secondary indexes the declarations ask for; the same text serves both databases."""
    statements = []
    for name, record in ENTITIES.items():
        for columns in record.FACTS.indexes:
            listed = ", ".join(f'"{column}"' for column in columns)
            index = "_".join(("ix", name, *columns))
            statements.append(f'CREATE INDEX IF NOT EXISTS "{index}" ON "{name}" ({listed})')
    return statements


def table_statements() -> list[str]:
    """DDL of all entity tables as declared now, for a new SQLite database: what the migrations lead to.

    Running them instead spares a fresh laptop the import of Alembic; a test compares both.
    """
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateTable
    from sqlmodel import SQLModel

    dialect = sqlite.dialect()  # type: ignore[no-untyped-call, unused-ignore]
    return [str(CreateTable(SQLModel.metadata.tables[name]).compile(dialect=dialect)).strip() for name in ENTITIES]


def stamp_statements() -> list[str]:
    """Statements that mark a database made by `table_statements` as being at the newest version."""
    return [
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        f"INSERT INTO {VERSION_TABLE} (version_num) VALUES ('{revision_of(SCHEMA_VERSION)}')",
    ]


def migrate_entities(connection: "Connection", folder: Path = MIGRATIONS) -> None:
    """Bring the entity tables and their indexes up to date. The caller owns the transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder))
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "fn": lambda revision, _context: script._upgrade_revs("head", revision),
        },
    )
    with Operations.context(context):
        context.run_migrations()
    for statement in index_statements():
        connection.exec_driver_sql(statement)
