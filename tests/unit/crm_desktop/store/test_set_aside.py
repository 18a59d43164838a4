"""What was set aside on this laptop lies here alone: it ends when a person has decided it, and by nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
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


def test_a_part_of_what_is_handed_over_that_is_taken_back_leaves_it_set_aside(store: ClientStore) -> None:
    """It goes in several entries, and is through with the last of them."""
    store.commit([create("tag", "t", {"name": "x"})])
    store.quarantine_locally(1, "too_large", "Too many changes in one request.")
    store.commit([create("quarantine", "part 1", {})], part_of=1)
    assert _set_aside(store) == [1]  # cut short here it would go on
    store.commit([create("quarantine", "part 2", {})], closes=1)
    assert _set_aside(store) == []
    assert store.discard(2)
    assert _set_aside(store) == [1]


def test_what_was_set_aside_is_written_to_the_file_of_the_outbox_until_it_is_decided(
    store: ClientStore, pages: "Pages", acknowledge: Callable[..., None], tmp_path: Path
) -> None:
    """Also when the server has long heard that nothing came of it; what the server refused stands below it."""
    target = tmp_path / "outbox.jsonl"
    store.commit([create("tag", "aside", {"name": "aside"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    acknowledge(commit_seq=1, outcome="void")
    refused = {"txn_id": "t", "reason": "dangling", "payload": '{"txn_id":"t","ops":[]}'}
    done = refused | {"txn_id": "u", "status": "discarded"}
    store.apply_page(pages.page({("quarantine", "q"): refused, ("quarantine", "r"): done}, seq=1))
    assert store.export_outbox(target) == 2
    lines = [orjson.loads(line) for line in target.read_bytes().splitlines()]
    assert [(line["txn_id"], line["code"]) for line in lines][1:] == [("t", "dangling")]
    assert [(op["id"], op["v"]["name"]) for op in lines[0]["ops"]] == [("aside", "aside")]
    store.close_quarantine(1, "not needed")
    assert store.export_outbox(target) == 1


@pytest.mark.parametrize("end", ["taken back", "answered"])
def test_what_the_server_refused_is_out_of_the_list_only_while_it_is_sent_again(
    store: ClientStore, pages: "Pages", acknowledge: Callable[..., None], end: str
) -> None:
    refused = {"txn_id": "t", "reason": "dangling", "payload": "{}"}
    store.apply_page(pages.page({A: {"name": "Adler"}, ("quarantine", "q"): refused}))

    def to_decide() -> tuple[frozenset[str], int]:
        return store.read(lambda reader: (reader.resolving(), reader.counts()["quarantine"]))

    assert to_decide() == (frozenset(), 1)
    store.commit([patch("account", "a", {"name": "Mein Adler"})], resolves="t")
    assert to_decide() == (frozenset({"t"}), 0)
    if end == "taken back":
        assert store.discard(1)
    else:
        acknowledge(commit_seq=2, outcome="duplicate")
        assert to_decide() == (frozenset({"t"}), 0)
        store.apply_page(pages.page(seq=2))
    assert to_decide() == (frozenset(), 1)
