"""The laptop's store is what the sync engine asks for: checked by mypy through the annotation, by signature here."""

import inspect

import pytest

from crm_desktop.store.client_store import ClientStore
from sync.ports import SyncStore


def as_port(store: ClientStore) -> SyncStore:
    """Type-checks only while the store has every method of the port with fitting types."""
    return store


@pytest.mark.parametrize("name", [name for name in vars(SyncStore) if not name.startswith("_")])
def test_store_takes_what_the_port_gives(name: str) -> None:
    asked = inspect.signature(getattr(SyncStore, name)).parameters
    offered = inspect.signature(getattr(ClientStore, name)).parameters
    assert list(asked) == list(offered)[: len(asked)]
