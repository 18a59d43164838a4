"""Brings a database up to date: entity tables by their own history, the server's tables by this one."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from crm_desktop.model.schema import migrate_entities

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "alembic_version_server"


def migrate(connection: Connection) -> None:
    """Run what is missing of both histories. The caller owns the transaction."""
    migrate_entities(connection)
    script = ScriptDirectory(str(MIGRATIONS))
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "fn": lambda revision, _context: script._upgrade_revs("head", revision),
        },
    )
    with Operations.context(context):
        context.run_migrations()
