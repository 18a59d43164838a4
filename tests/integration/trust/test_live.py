"""A change at one server process reaches a laptop that waits at another, also after the database hung up on it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.integration.server_process import Laptop, RunningServer

WAIT_S = 25  # of a long poll
HEARD_S = 20  # less: what nobody is told of would be found at the end of the poll alone


@pytest.fixture
def second(server_postgres: RunningServer, tmp_path: Path) -> Iterator[RunningServer]:
    """Another server process over the same database."""
    folder = tmp_path / "second"
    folder.mkdir()
    running = RunningServer(server_postgres.database, folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads that wait."""
    with ThreadPoolExecutor(max_workers=16) as threads:
        yield threads


def waiting(pool: ThreadPoolExecutor, laptop: Laptop) -> "Future[Any]":
    """A long poll under way."""
    return pool.submit(lambda: laptop.pull_once(wait=WAIT_S).json())


def names(page: dict[str, Any]) -> list[str]:
    """Names of the accounts of a page."""
    tables = [table for commit in page["commits"] for table in commit["put"] if table["e"] == "account"]
    return [str(row[3 + table["cols"].index("name")]) for table in tables for row in table["rows"]]


def test_a_change_at_one_process_wakes_who_waits_at_the_other(
    server_postgres: RunningServer, second: RunningServer, pool: ThreadPoolExecutor
) -> None:
    server_postgres.add_user("anna")
    here, there = server_postgres.device("anna"), second.device("anna")
    there.pull()
    heard = waiting(pool, there)
    assert not wait([heard], timeout=1.0).done
    here.account(name="Live")
    assert names(heard.result(timeout=HEARD_S)) == ["Live"]


def test_the_listening_connection_is_made_anew(
    server_postgres: RunningServer, second: RunningServer, pool: ThreadPoolExecutor
) -> None:
    server_postgres.add_user("anna")
    here, there = server_postgres.device("anna"), second.device("anna")
    there.pull()
    heard = waiting(pool, there)
    with psycopg.connect(server_postgres.database, autocommit=True) as connection:
        hung_up = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        ).fetchone()
        assert hung_up == (2,)
        here.account(name="While nobody listened")
        assert names(heard.result(timeout=HEARD_S)) == ["While nobody listened"]
        there.pull()
        for _ in range(100):  # both processes listen again before the next change
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            ).fetchone()
            if found == (2,):
                break
            connection.execute("SELECT pg_sleep(0.2)")
        assert found == (2,)
    heard = waiting(pool, there)
    here.account(name="And again")
    assert names(heard.result(timeout=HEARD_S)) == ["And again"]


def test_those_who_wait_keep_nobody_from_writing(server_postgres: RunningServer, pool: ThreadPoolExecutor) -> None:
    """More wait than the server has threads for pulls; a waiting one holds neither thread nor connection."""
    server_postgres.add_user("anna")
    server_postgres.add_user("ben")
    anna, ben, *laptops = [server_postgres.device(login) for login in ("anna", *["ben"] * 11)]
    for laptop in laptops:
        laptop.pull()
    polls = [waiting(pool, laptop) for laptop in laptops]
    anna.account(name="Anna's alone")
    anna.pull()
    assert not [poll for poll in polls if poll.done()]
    ben.account(name="Ben's")
    assert [names(poll.result(timeout=HEARD_S)) for poll in polls] == [["Ben's"]] * len(polls)
