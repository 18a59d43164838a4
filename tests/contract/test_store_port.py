"""The laptop's store is what the sync engine asks for: checked by mypy through the annotation, by signature here."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from crm_desktop.store import backfill, filling, mending
from crm_desktop.store.client_store import ClientStore
from sync.ports import SyncStore
from sync.store_ports import Backfill, FirstFill, Mending

PORTS: tuple[tuple[type, type], ...] = (
    (SyncStore, ClientStore),
    (FirstFill, filling.Filling),
    (Backfill, backfill.Backfill),
    (Mending, mending.Mending),
)


def as_port(store: ClientStore) -> SyncStore:
    """Type-checks only while the store has every method of the port with fitting types."""
    return store


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        pytest.param(call, getattr(store, name), id=f"{port.__name__}.{name}")
        for port, store in PORTS
        for name, call in vars(port).items()
        if inspect.isfunction(call) and not name.startswith("_")
    ],
)
def test_store_takes_what_the_port_gives(asked: Callable[..., Any], offered: Callable[..., Any]) -> None:
    names = _parameters(asked)
    assert names == _parameters(offered)[: len(names)]


def _parameters(call: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(call).parameters if name != "self"]
