"""A laptop loses its power while a note is typed: the real window is killed in the middle of a word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end2end.processes import PersonProcess
from ui.compose import open_profile

SAVED = "Asked for a tasting. "
DURABLE = "Wants the new price list "
LAST_KEYS = "by"


@pytest.fixture
def account(tmp_path: Path) -> str:
    """A customer on a laptop without a network."""
    app = open_profile(tmp_path / "anna")
    account_id = app.records.create("account", {"name": "Alfreds Futterkiste"})
    app.close()
    return account_id


@pytest.fixture
def person(tmp_path: Path, account: str) -> Iterator[PersonProcess]:
    """Somebody at that laptop."""
    made = PersonProcess("anna", tmp_path / "anna", tmp_path / "pictures")
    made.start()
    yield made
    made.close()


def test_what_was_typed_more_than_a_moment_ago_is_there_again(person: PersonProcess, account: str) -> None:
    person.do("navigate", page="note", account_id=account)
    person.do("type", text=SAVED, into="Note")
    person.do("press", keys="Ctrl+S")
    person.do("wait_for", text="Saved on this laptop")
    person.do("type", text=DURABLE)
    person.do("wait_for", text="Draft kept on this laptop")
    person.do("type", text=LAST_KEYS)
    person.kill()
    person.start()
    person.do("navigate", page="note", account_id=account)
    person.do("wait_for", text=SAVED + DURABLE.strip())
    person.do("type", text="again")
    person.do("wait_for", text=SAVED + DURABLE + "again")
