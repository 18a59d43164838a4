"""The driver's two defaults that are ours: compiled statements stay, None is stored as it is."""

from pathlib import Path

from crm_desktop.sqlite_driver import dbapi2
from crm_desktop.store.connection import connect

KEY = bytes(32)
MANY = 500


def test_a_statement_that_comes_late_is_compiled_once(tmp_path: Path) -> None:
    connection = connect(tmp_path / "store.db", KEY)
    compiled: list[int] = []

    def asked(*_what: object) -> int:  # SQLite asks what a statement may do when it compiles it
        compiled.append(1)
        return 0

    connection.set_authorizer(asked)
    for number in range(MANY):
        connection.execute(f"SELECT {number}").fetchone()
    late = [f"SELECT 'late {number}'" for number in range(3)]
    for statement in late:
        connection.execute(statement).fetchone()
    compiled.clear()
    for statement in late:
        connection.execute(statement).fetchone()
    assert compiled == []
    connection.execute("SELECT 'another'").fetchone()
    assert compiled != []
    connection.close()


def test_none_is_stored_at_the_first_lookup() -> None:
    assert (type(None), dbapi2.PrepareProtocol) in dbapi2.adapters


def test_none_is_null_and_comes_back_as_none(tmp_path: Path) -> None:
    connection = connect(tmp_path / "store.db", KEY)
    assert connection.execute("SELECT ?1 IS NULL, ?1, ?2", (None, "")).fetchone() == (1, None, "")
    connection.close()
