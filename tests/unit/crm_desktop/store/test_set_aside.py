"""What was set aside on this laptop lies here alone: it ends when a person has decided it, and by nothing else."""

from typing import TYPE_CHECKING

import pytest

from crm_desktop.services.outbox import OutboxService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch
from tests.unit.crm_desktop.store.pulled import A, name_held

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def _set_aside(store: ClientStore) -> list[int]:
    return [refusal.client_seq for refusal in store.read(lambda reader: reader.local_quarantine())]


@pytest.mark.parametrize("way", ["sent again", "handed over"])
def test_a_decision_that_is_taken_back_from_the_outbox_leaves_what_it_was_about_set_aside(
    store: ClientStore, pages: "Pages", way: str
) -> None:
    """Nobody else has it: with the decision gone it would be in no list any more."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    again = patch("account", "a", {"name": "Mein Adler"})
    decided = again if way == "sent again" else create("quarantine", "entry", {"reason": "malformed"})
    store.commit([decided], closes=1)
    assert _set_aside(store) == []
    outbox = OutboxService(store)
    taken = outbox.take_back(2)
    assert (name_held(store), _set_aside(store)) == ("Adler", [1])
    outbox.put_back(taken)
    assert _set_aside(store) == []
    assert not store.discard(2)
    assert store.discard(3)
    assert _set_aside(store) == [1]
