"""The search index in the file: an edit is quick, what leaves leaves no word, also not of what it said before."""

from itertools import count, islice
from typing import TYPE_CHECKING

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, delete, patch
from crm_desktop.store.page_documents import MANY
from crm_desktop.store.search import matching_documents
from crm_desktop.store.search_index import AUTOMERGE

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

A, B = ("account", "a"), ("account", "b")


def _lies_in_the_index(store: ClientStore, tail: str) -> bool:
    """Whether the end of a word lies anywhere in the pages of the index, found by search or not."""
    blocks = store.read(lambda reader: reader._connection.execute("SELECT block FROM search_data").fetchall())
    return any(tail.encode() in bytes(block) for (block,) in blocks)


def _found(store: ClientStore, word: str) -> list[str]:
    return [hit.id for hit in store.read(lambda reader: reader.search(word))]


def _documents(store: ClientStore, match: str) -> list[int]:
    return store.read(lambda reader: matching_documents(reader._connection, match))


def test_what_leaves_leaves_no_word_at_once(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler Quxzyvw"}, B: {"name": "Bussard"}}))
    assert _lies_in_the_index(store, "uxzyvw")
    store.apply_page(pages.page(evict=(A,)))
    assert not _lies_in_the_index(store, "uxzyvw")
    assert _found(store, "bussard") == ["b"]


def test_earlier_words_of_what_left_go_with_the_next_sessions(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler Quxzyvw"}, B: {"name": "Bussard"}}))
    store.apply_page(pages.page({A: {"name": "Adler Jhgfkdp"}}))
    assert (_found(store, "quxzyvw"), _found(store, "jhgfkdp")) == ([], ["a"])
    store.apply_page(pages.page(evict=(A,)))
    assert not _lies_in_the_index(store, "hgfkdp")
    for _ in range(4):
        store.log_session({"at": "2026-03-02T09:30:00.000Z"})
    assert not _lies_in_the_index(store, "uxzyvw")
    assert (_found(store, "bussard"), _found(store, "adler")) == (["b"], [])


def test_a_word_that_went_and_came_back_before_its_record_left_is_gone(store: ClientStore, pages: "Pages") -> None:
    def others(segments: int) -> None:
        for turn in islice(turns, segments):
            store.apply_page(pages.page({("account", f"other{turn}"): {"name": f"Bussard {turn}"}}))

    turns = count()
    store.apply_page(pages.page({A: {"name": "Adler Quxzyvw"}}))
    others(AUTOMERGE * AUTOMERGE)  # its first words lie two merges deep
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.apply_page(pages.page({A: {"name": "Adler Quxzyvw"}}))
    others(AUTOMERGE)  # its later ones were merged with each other
    assert _found(store, "quxzyvw") == ["a"]
    store.apply_page(pages.page(evict=(A,)))
    assert _documents(store, "adler OR quxzyvw OR quxz*") == []
    for _ in range(4):
        store.log_session({"at": "2026-03-02T09:30:00.000Z"})
    assert not _lies_in_the_index(store, "uxzyvw")
    assert len(_documents(store, "bussard")) == AUTOMERGE * (AUTOMERGE + 1)


def test_what_is_deleted_here_leaves_no_word_either(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Adler Quxzyvw"})])
    store.commit([delete("account", "a")])
    assert not _lies_in_the_index(store, "uxzyvw")


def test_edits_are_found_by_their_new_words_alone(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    for turn in range(30):
        store.commit([patch("account", "a", {"name": f"Adler number{turn}"})])
    assert _found(store, "number29") == ["a"]
    assert [_found(store, f"number{turn}") for turn in range(29)] == [["a"] if turn == 2 else [] for turn in range(29)]


def test_where_much_leaves_no_word_is_left_after_the_session(store: ClientStore, pages: "Pages") -> None:
    many = [("account", f"{number:04d}") for number in range(200)]
    store.apply_page(pages.page({key: {"name": f"Adler Quxzyvw{key[1]}"} for key in many}))
    store.apply_page(pages.page({B: {"name": "Bussard"}}))
    store.apply_page(pages.page(evict=tuple(many[:-1])))
    assert _found(store, "quxzyvw") == ["0199"]
    store.log_session({"at": "2026-03-02T09:30:00.000Z"})
    store.apply_page(pages.page(evict=(many[-1],)))
    assert not _lies_in_the_index(store, "uxzyvw")
    assert (_found(store, "bussard"), _found(store, "adler")) == (["b"], [])


def test_where_more_leaves_than_stays_the_index_is_of_what_stays(store: ClientStore, pages: "Pages") -> None:
    many = [("account", f"{number:04d}") for number in range(MANY + 100)]
    store.apply_page(pages.page({key: {"name": f"Adler Quxzyvw{key[1]}"} for key in many} | {B: {"name": "Bussard"}}))
    store.commit([patch("account", "0007", {"name": "Adler Jhgfkdp"}), patch("account", "b", {"employees": 5})])
    new = {("account", "c"): {"name": "Condor"}, B: {"name": "Bussard Zwei"}}
    done = store.apply_page(pages.page(new, evict=tuple(many[:-1])))
    assert done.evicted == len(many) - 1
    assert not _lies_in_the_index(store, "hgfkdp")
    words = ("adler", "bussard", "zwei", "condor", "0007", f"quxzyvw{many[-1][1]}")
    assert [_found(store, word) for word in words] == [[many[-1][1]], ["b"], ["b"], ["c"], [], [many[-1][1]]]
    assert len(store.pending(10)) == 1  # what waits on a record that left is sent all the same
    store.apply_page(pages.page(evict=(many[-1],)))
    assert (_lies_in_the_index(store, "uxzyvw"), _found(store, "bussard")) == (False, ["b"])
