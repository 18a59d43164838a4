"""Moving bytes with a server in memory: where it goes on, what it refuses, and who goes first."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import SessionError
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from sync.bytes_first import BytesFirst
from sync.files import PIECE, FileMover
from sync.ports import Traffic
from sync.transport import HttpTransport
from tests.fresh_files import open_fresh
from tests.harmed_files import harm
from tests.records_only import RecordsOnly
from tests.unit.sync.scripted_engine import NOW

DATA = bytes(range(256)) * 5000
SHA = hashlib.sha256(DATA).hexdigest()


class Server(RecordsOnly):
    """Keeps what it is sent; `most` bytes a file; `before` is called at each piece."""

    def __init__(self) -> None:
        self.unfinished: dict[str, bytes] = {}
        self.complete: dict[str, bytes] = {}
        self.most = 10_000_000
        self.before: Callable[[], None] = lambda: None
        self.pieces = 0
        self.pushed: list[Mapping[str, Any]] = []
        self.refuses = False

    def put_blob(self, sha256: str, size: int, first: int = 0, data: bytes = b"") -> dict[str, Any]:
        self.before()
        if size > self.most:
            raise SessionError("too_large", "", "")
        if sha256 in self.complete:
            return {"offset": size, "complete": True}
        here = self.unfinished.get(sha256, b"")
        if data:
            self.pieces += 1
            if first != len(here):
                raise SessionError("wrong_offset", "", "", offset=len(here))
            here = self.unfinished[sha256] = here + data
        if len(here) == size:
            assert hashlib.sha256(here).hexdigest() == sha256
            self.complete[sha256] = self.unfinished.pop(sha256)
        return {"offset": len(here), "complete": len(here) == size}

    def get_blob(self, sha256: str, first: int, most: int, take: Callable[[bytes], None]) -> None:
        self.before()
        if sha256 not in self.complete:
            raise SessionError("not_found", "", "")
        take(self.complete[sha256][first : first + most])

    # records

    def identify(self, device_id: str) -> None: ...

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> dict[str, Any]:
        self.pushed.append(body)
        detail = {"code": "bytes_missing"} if self.refuses else None
        ops = [{"op_id": "o", "outcome": "quarantined" if detail else "applied", "detail": detail}]
        return {"results": [{"txn_id": txn["txn_id"], "ops": ops} for txn in body["txns"]]}

    def traffic(self) -> Traffic:
        return Traffic()

    def close(self) -> None: ...


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClientStore]:
    with open_fresh(tmp_path, bytes(range(32)), SystemClock()) as made:
        made.enrol("d1", "D7F", "u1", "e1")
        made.commit([create("account", "a", {"name": "Adler"})])
        yield made


@pytest.fixture
def server() -> Server:
    return Server()


def mover(store: ClientStore, server: Server, between: Callable[[], bool] = lambda: True) -> FileMover:
    return FileMover(store.files, server, lambda: store.sync_state().epoch, between)


def add(store: ClientStore, data: bytes = DATA) -> str:
    return store.files.add(io.BytesIO(data), ("account", "a"), {"name": "a.bin"})


def places(store: ClientStore) -> dict[str, str]:
    return {view.id: view.refused or view.place for view in store.read(lambda reader: reader.files("account", "a"))}


def records(store: ClientStore) -> list[dict[str, Any]]:
    return [txn.wire() for txn in store.pending(100) if any(op.e == "attachment" for op in txn.ops)]


def test_a_file_goes_up_in_pieces_and_its_record_after_it(store: ClientStore, server: Server) -> None:
    added = add(store)
    server.before = lambda: pytest.fail("a record before its bytes") if records(store) else None
    assert mover(store, server).run() == 1
    assert server.complete == {SHA: DATA}
    assert server.pieces == -(-len(DATA) // PIECE)
    assert [op["id"] for txn in records(store) for op in txn["ops"]] == [added]


def test_it_goes_on_where_the_server_is(store: ClientStore, server: Server) -> None:
    add(store)
    server.unfinished[SHA] = DATA[:999_999]
    mover(store, server).run()
    assert server.complete == {SHA: DATA}
    assert server.pieces == 1


def test_a_piece_that_arrived_unheard_is_not_sent_twice(store: ClientStore, server: Server) -> None:
    add(store)

    def arrive_unheard() -> None:
        if server.pieces == 1:
            server.before = lambda: None
            server.unfinished[SHA] = DATA[: PIECE + 1000]

    server.before = arrive_unheard
    mover(store, server).run()
    assert server.complete == {SHA: DATA}


def test_a_stop_keeps_what_was_sent(store: ClientStore, server: Server) -> None:
    added = add(store)
    left = iter([True, True, False])
    with pytest.raises(SessionError):
        mover(store, server, lambda: next(left)).run()
    assert len(server.unfinished[SHA]) == PIECE
    assert places(store) == {added: "only_here"}
    assert not records(store)


def test_a_file_too_large_for_the_server_stops_no_other(store: ClientStore, server: Server) -> None:
    large, small = add(store), add(store, b"small")
    server.most = 1000
    mover(store, server).run()
    assert places(store) == {large: "too_large", small: "here"}


def test_downloads_end_at_what_the_server_has_not_got(store: ClientStore, server: Server) -> None:
    server.complete[SHA] = DATA
    values = {"account_id": "a", "name": "x"}
    store.commit([create("attachment", "f1", values | {"sha256": SHA, "size": len(DATA)})])
    store.commit([create("attachment", "f2", values | {"sha256": "0" * 64, "size": 5})])
    mover(store, server).run()
    assert places(store) == {"f1": "here", "f2": "missing"}
    view = store.files.find("f1")
    assert view is not None
    assert b"".join(store.files.pieces(view)) == DATA


def test_a_file_nobody_waits_for_any_more_is_left_where_it_is(store: ClientStore, server: Server) -> None:
    large, other = b"l" * 3_500_000, b"o" * 2_500_000
    for data in (large, other):
        sha256 = hashlib.sha256(data).hexdigest()
        server.complete[sha256] = data
        values = {"account_id": "a", "name": "b.bin", "sha256": sha256, "size": len(data)}
        store.commit([create("attachment", sha256[:8], values)])
        store.files.want(sha256, len(data))
    left = hashlib.sha256(other).hexdigest()
    asked: list[int] = []

    def stop_waiting() -> None:
        asked.append(1)
        if len(asked) == 2:  # one range of the smaller one is here
            store.files.leave(left)

    server.before = stop_waiting
    assert mover(store, server).run() == 2
    assert len(asked) == 2 + 4  # the other one came whole
    assert store.files.next_download() is None
    store.files.want(left, len(other))
    server.before = lambda: asked.append(2)
    assert mover(store, server).run() == 1
    assert asked.count(2) == 1  # it went on where it was left


def test_a_content_that_is_not_its_hash_is_dropped(store: ClientStore, server: Server) -> None:
    server.complete[SHA] = DATA[:-1] + b"!"
    store.commit([create("attachment", "f", {"account_id": "a", "name": "x", "sha256": SHA, "size": len(DATA)})])
    with pytest.raises(SessionError) as caught:
        mover(store, server).run()
    assert caught.value.code == "damaged_file"
    assert places(store) == {"f": "away"}
    server.complete[SHA] = DATA
    mover(store, server).run()
    assert places(store) == {"f": "here"}


def test_a_push_to_a_server_of_another_history_sends_the_bytes_first(store: ClientStore, server: Server) -> None:
    add(store)
    mover(store, server).run()
    line = BytesFirst(server, lambda: mover(store, server), lambda: NOW)
    body = {"txns": records(store)}
    line.push(body, lambda: None)
    assert server.pieces == -(-len(DATA) // PIECE)  # confirmed in this history: not asked again
    store.adopt_epoch("e2")
    server.complete.clear()
    server.before = lambda: pytest.fail("the push went first") if len(server.pushed) > 1 else None
    line.push(body, lambda: None)
    assert server.complete == {SHA: DATA}
    assert len(server.pushed) == 2


def test_the_line_of_records_carries_the_other_calls_too(store: ClientStore) -> None:
    transport = HttpTransport("http://127.0.0.1:9", "token", 4)  # nobody listens there
    line = BytesFirst(transport, lambda: pytest.fail("no file is moved"), lambda: NOW)
    with pytest.raises(SessionError) as caught:
        line.ask("digest", {})
    assert caught.value.code == "offline"
    transport.close()


def test_bytes_the_server_has_lost_are_sent_before_the_next_try(store: ClientStore, server: Server) -> None:
    add(store)
    mover(store, server).run()
    line = BytesFirst(server, lambda: mover(store, server), lambda: NOW)
    server.complete.clear()
    server.refuses = True
    line.push({"txns": records(store)}, lambda: None)
    assert not server.complete
    line.push({"txns": records(store)}, lambda: None)
    assert server.complete == {SHA: DATA}


def test_bytes_of_a_refused_record_stay(store: ClientStore, server: Server) -> None:
    add(store)
    mover(store, server).run()
    (txn,) = records(store)
    store.quarantine_locally(txn["client_seq"], "malformed", "")
    assert store.files.sweep() == 0
    assert store.files.unconfirmed([SHA], "e2")
    store.close_quarantine(txn["client_seq"])
    while store.pending(100):
        waiting = store.pending(100)
        store.mark_attempted([t.client_seq for t in waiting])
        store.record_results(
            [{"client_seq": t.client_seq, "txn_id": t.txn_id, "commit_seq": 1, "ops": []} for t in waiting]
        )
    page = {"epoch": "e1", "asked": {"seq": 0, "commit_id": ""}, "cursor": {"seq": 1, "commit_id": "c"}}
    store.apply_page(page | {"more": False, "scopes": [], "scope_sets": [], "commits": [], "digest": None})
    assert store.files.sweep() == 1


def test_a_server_without_a_place_for_files_gets_the_changes_all_the_same(store: ClientStore, server: Server) -> None:
    """It was moved, or put back, without its folder: what else waits here is not kept back by one file's record."""
    add(store)
    mover(store, server).run()
    store.adopt_epoch("e2")

    def none() -> None:
        raise SessionError("no_files", "", "")

    server.before = none
    server.refuses = True
    line = BytesFirst(server, lambda: mover(store, server), lambda: NOW)
    line.push({"txns": records(store)}, lambda: None)
    assert len(server.pushed) == 1
    server.before = lambda: None
    server.complete.clear()
    line.push({"txns": records(store)}, lambda: None)
    assert server.complete == {SHA: DATA}


@pytest.mark.parametrize("here", [True, False])
def test_bytes_go_before_the_copy_of_their_record(store: ClientStore, server: Server, here: bool) -> None:
    """They leave this laptop with the record when the server has its copy."""
    add(store)
    mover(store, server).run()
    server.complete.clear()
    store.adopt_epoch("e2")
    if not here:
        harm(store, SHA)
    asked: list[dict[str, bytes]] = []

    def ask(call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(dict(server.complete))
        return {}

    server.ask = ask  # type: ignore[method-assign]
    line = BytesFirst(server, lambda: mover(store, server), lambda: NOW)
    rows = [{"e": "account", "id": "a", "row": {"name": "A"}}, {"e": "attachment", "id": "x", "row": {"sha256": SHA}}]
    line.ask("copies", {"epoch": "e2", "rows": rows})
    line.ask("standing", {})
    assert asked == [{SHA: DATA} if here else {}] * 2


def test_a_copy_whose_bytes_nobody_takes_is_not_told(store: ClientStore, server: Server) -> None:
    add(store)
    mover(store, server).run()
    store.adopt_epoch("e2")

    def none() -> None:
        raise SessionError("no_files", "", "")

    server.before = none
    rows = [{"e": "attachment", "id": "x", "row": {"sha256": SHA}}]
    with pytest.raises(SessionError) as caught:
        BytesFirst(server, lambda: mover(store, server), lambda: NOW).ask("copies", {"epoch": "e2", "rows": rows})
    assert caught.value.code == "no_files"


def test_a_push_behind_its_files_tells_the_time_of_its_sending(store: ClientStore, server: Server) -> None:
    """The files may take minutes, and a clock that is minutes off is taken for a wrong one."""
    add(store)
    mover(store, server).run()
    store.adopt_epoch("e2")
    server.complete.clear()
    line = BytesFirst(server, lambda: mover(store, server), lambda: "after" if server.complete else "before")
    line.push({"clock": "before", "txns": records(store)}, lambda: None)
    assert [sent["clock"] for sent in server.pushed] == ["after"]
