"""The migrations lead to what the declarations say, and nobody rewrites their past."""

from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

from crm_desktop.model import ENTITIES
from crm_desktop.model.schema import (
    MIGRATIONS,
    SCHEMA_VERSION,
    VERSION_TABLE,
    index_statements,
    migrate_entities,
    newest_version,
    revision_of,
)


def _database(path: Path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{path}")


def test_migrations_lead_to_the_declarations(tmp_path: Path) -> None:
    engine = _database(tmp_path / "a.db")
    with engine.begin() as connection:
        migrate_entities(connection)
    found = sa.inspect(engine)
    for entity in ENTITIES:
        declared = {
            (column.name, _family(column.type), bool(column.nullable), column.primary_key)
            for column in SQLModel.metadata.tables[entity].columns
        }
        keys = found.get_pk_constraint(entity)["constrained_columns"]
        migrated = {
            (column["name"], _family(column["type"]), column["nullable"], column["name"] in keys)
            for column in found.get_columns(entity)
        }
        assert migrated == declared, entity
    engine.dispose()


def _family(kind: object) -> str:
    """Name of the column type both databases store."""
    inner = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    made = inner() if isinstance(inner, type) else inner
    return type(made).__name__.upper().replace("BIGINTEGER", "BIGINT")


def test_running_again_changes_nothing(tmp_path: Path) -> None:
    engine = _database(tmp_path / "a.db")
    for _ in range(2):
        with engine.begin() as connection:
            migrate_entities(connection)
            version = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()
            assert version == [revision_of(SCHEMA_VERSION)]
    engine.dispose()


def test_declared_indexes_are_made(tmp_path: Path) -> None:
    engine = _database(tmp_path / "a.db")
    with engine.begin() as connection:
        migrate_entities(connection)
    made = {index["name"] for entity in ENTITIES for index in sa.inspect(engine).get_indexes(entity)}
    assert {statement.split('"')[1] for statement in index_statements()} <= made
    assert "ix_order_account_id_ordered_on" in made
    engine.dispose()


def test_schema_version_is_the_newest_file() -> None:
    assert newest_version(MIGRATIONS) == SCHEMA_VERSION
    numbers = sorted(int(path.name[:4]) for path in (MIGRATIONS / "versions").glob("0*.py"))
    assert numbers == list(range(1, SCHEMA_VERSION + 1))
