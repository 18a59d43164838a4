"""What tests of pulled pages ask a store."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_desktop.store.client_store import ClientStore

if TYPE_CHECKING:
    pass


A = ("account", "a")


Acknowledge = Callable[..., None]


def held(store: ClientStore, key: tuple[str, str] = A) -> dict[str, Any] | None:
    return store.read(lambda reader: reader.get(*key))


def name_held(store: ClientStore) -> str | None:
    row = held(store)
    return None if row is None else row["name"]


def stored(store: ClientStore, sql: str) -> list[Any]:
    return store.read(lambda reader: reader._connection.execute(sql).fetchall())


def found_by(store: ClientStore, word: str) -> list[str]:
    return [hit.id for hit in store.read(lambda reader: reader.search(word))]


def name_of(store: ClientStore, record_id: str) -> str:
    row = held(store, ("account", record_id))
    assert row is not None
    return str(row["name"])
