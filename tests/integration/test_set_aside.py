"""What no server could read is handed to inside sales, who decide about it like about any refused change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import InvalidInput
from crm_desktop.ids import new_id
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, patch
from server.settings import Settings
from sync.driver import run_session
from sync.protocol import Limits
from sync.transport import HttpTransport
from tests.integration.faults.company import Rep, new_server
from tests.integration.in_process import Company, Profile, company_at
from tests.integration.people import people_of, refusals, sync

LARGEST = 20  # operations that the server of these tests takes in one transaction


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    with company_at(sqlite_database, Settings(limits=Limits(transaction_ops=LARGEST))) as opened:
        yield opened


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[tuple[Profile, Profile]]:
    """Anna, and the desk; both synced."""
    with people_of(company, tmp_path) as make:
        yield make("anna"), make("desk", "inside_sales")


def set_aside(laptop: Profile, code: str, *intents: Intent) -> None:
    laptop.store.commit(intents)
    (txn,) = laptop.store.pending(10)
    laptop.store.quarantine_locally(txn.client_seq, code, "It could not be taken.")
    laptop.store.release()


def status(laptop: Profile) -> list[tuple[str, bool]]:
    kept = laptop.store.read(lambda reader: reader.where("quarantine"))
    return sorted((row["status"], row["resolved_by"] is not None) for row in kept)


def test_what_was_malformed_is_handed_over_and_sent_again_by_inside_sales(people: tuple[Profile, Profile]) -> None:
    anna, desk = people
    set_aside(anna, "malformed", patch("account", "acc", {"website": "anna.example"}))
    (view,) = refusals(anna).open()
    assert view.local
    assert refusals(anna).hand_over(view.id, "please look") == 1
    # At once, before any sync, it stands in her list as handed over; it is set aside no longer.
    (handed,) = refusals(anna).open()
    assert (handed.local, handed.handed, handed.reason, handed.note) == (False, True, "malformed", "please look")
    sync(anna, desk)
    (seen,) = refusals(desk).open()
    assert (seen.author, seen.handed, seen.reason, seen.detail) == ("anna", True, "malformed", "It could not be taken.")
    assert [(diff.entity, diff.record_id, diff.kind) for diff in seen.changes] == [("account", "acc", "patch")]
    assert refusals(desk).retry(seen.id) == 1
    sync(desk, anna)
    row = anna.get("account", "acc")
    assert row is not None
    assert row["website"] == "anna.example"
    assert [refusals(laptop).open() for laptop in people] == [[], []]
    assert status(anna) == [("resolved", True)]


def test_what_was_too_large_for_the_server_goes_in_parts_and_comes_together(people: tuple[Profile, Profile]) -> None:
    anna, desk = people
    visit = new_id()
    first = create("visit", visit, {"account_id": "acc", "subject": "fair", "owner_id": anna.user_id})
    tasks = [
        create("task", new_id(), {"account_id": "acc", "visit_id": visit, "subject": f"call {n}"})
        for n in range(LARGEST + 4)
    ]
    anna.store.commit([first, *tasks])
    sync(anna)
    (view,) = refusals(anna).open()
    assert (view.local, view.reason, len(view.changes)) == (True, "too_large", LARGEST + 5)
    refusals(anna).hand_over(view.id)
    sync(anna, desk)
    parts = refusals(desk).open()
    assert len(parts) > 1
    assert [part.place for part in parts] == list(range(len(parts)))
    assert sum(len(part.changes) for part in parts) == LARGEST + 5
    assert refusals(desk).retry(parts[0].id) == len(parts)
    sync(desk, anna)
    found = anna.store.read(lambda reader: reader.where("task", visit_id=visit))
    assert sorted(task["subject"] for task in found) == sorted(f"call {n}" for n in range(LARGEST + 4))
    assert [refusals(laptop).open() for laptop in people] == [[], []]


def test_a_hand_over_that_is_set_aside_in_its_turn_goes_on_in_smaller_parts(people: tuple[Profile, Profile]) -> None:
    anna, desk = people
    calls = [f"call {n}" for n in range(4)]
    set_aside(anna, "too_large", *(create("task", new_id(), {"account_id": "acc", "subject": c}) for c in calls))
    told = []
    for _ in range(2):
        (view,) = [entry for entry in refusals(anna).open() if entry.local]
        refusals(anna).hand_over(view.id, "look")
        waiting = anna.store.pending(100)
        told.append(sum(not txn.void for txn in waiting))
        anna.store.quarantine_locally(waiting[-1].client_seq, "too_large", "Still too large.")
        anna.store.release()
    assert told == [2, 3]
    # A single change is left that is too large: it stays set aside, the rest arrives.
    (view,) = [entry for entry in refusals(anna).open() if entry.local]
    with pytest.raises(InvalidInput) as caught:
        refusals(anna).hand_over(view.id)
    assert caught.value.code == "too_large_to_hand_over"
    sync(anna, desk)
    here = {call for entry in refusals(anna).open() if entry.local for call in calls if call in str(entry)}
    there = {call for entry in refusals(desk).open() for call in calls if call in str(entry)}
    assert (here, there) == ({"call 3"}, set(calls) - {"call 3"})


FORGED: dict[str, dict[str, Any]] = {
    "no json": {"payload": "no json"},
    "no record": {"payload": '{"ops": [{}]}'},
    "not handed over": {"handed_at": ""},
    "decided already": {"status": "resolved"},
    "a field of the server": {"owner_id": "x"},
}


def test_the_server_takes_no_other_entry_from_a_laptop(people: tuple[Profile, Profile]) -> None:
    anna, desk = people
    device = anna.company.laptop(anna.user_id)
    right = {"txn_id": "t", "payload": '{"ops": []}', "handed_at": "2026-01-05T10:00:00.000Z"}
    for case, values in FORGED.items():
        op = {"k": "create", "e": "quarantine", "id": case, "v": {k: v for k, v in (right | values).items() if v}}
        (result,) = device.send(device.transaction(op)).json()["results"]
        assert result["ops"][0]["outcome"] == "quarantined", case
    sync(desk)
    assert [desk.get("quarantine", case) for case in FORGED] == [None] * len(FORGED)


def test_who_sent_it_is_said_by_the_server(people: tuple[Profile, Profile]) -> None:
    anna, desk = people
    device = anna.company.laptop(anna.user_id)
    payload = '{"ops": [{"k": "leap", "e": "dragon", "id": "d1"}]}'  # of a newer program, nobody here knows it
    values = {"txn_id": "t", "payload": payload, "handed_at": "2026-01-05T10:00:00.000Z", "user_id": desk.user_id}
    op = {"k": "create", "e": "quarantine", "id": "kept", "v": values | {"touched": "[]", "device_id": "other"}}
    (result,) = device.send(device.transaction(op)).json()["results"]
    assert result["ops"][0]["outcome"] == "applied"
    sync(desk)
    row = desk.get("quarantine", "kept")
    assert row is not None
    assert (row["user_id"], row["device_id"], row["touched"]) == (anna.user_id, device.device_id, '["dragon/d1"]')


def test_over_a_real_server_and_a_restart_of_the_program(tmp_path: Path) -> None:
    server = new_server(tmp_path)
    try:
        rep = Rep.enrol(server, tmp_path / "anna")
        server.add_user("desk", role="inside_sales")
        bare = server.device("desk")
        account = new_id()
        rep.store.commit([create("account", account, {"name": "Adler", "owner_id": rep.user_id})])
        assert rep.sync(server.url).error is None
        rep.store.commit([patch("account", account, {"website": "anna.example"})])
        (txn,) = rep.store.pending(10)
        rep.store.quarantine_locally(txn.client_seq, "malformed", "It could not be read.")
        rep.store.release()
        service = RefusalService(rep.store, SystemClock())
        assert service.hand_over(service.open()[0].id, "please") == 1
        rep.close()
        rep.open()
        report = rep.sync(server.url)
        assert (report.error, report.digest_ok, report.refused) == (None, True, 0)
        with ClientStore.open(tmp_path / "desk", b"k" * 32, SystemClock()) as desk:
            desk.enrol(bare.device_id, bare.code, bare.user_id, bare.epoch)

            def sync() -> None:
                transport = HttpTransport(server.url, bare.token, desk.sync_state().schema_ver)
                told = run_session(desk, transport, now=SystemClock().now)
                transport.close()
                assert (told.error, told.digest_ok) == (None, True)

            sync()
            decisions = RefusalService(desk, SystemClock())
            (seen,) = decisions.open()
            assert (seen.author, seen.note, seen.reason) == ("anna", "please", "malformed")
            decisions.drop(seen.id, "not needed")
            sync()
        assert rep.sync(server.url).error is None
        assert RefusalService(rep.store, SystemClock()).open() == []
        (kept,) = rep.store.read(lambda reader: reader.where("quarantine"))
        assert (kept["status"], kept["note"]) == ("discarded", "please\nnot needed")
        assert "anna.example" in kept["payload"]
        rep.close()
    finally:
        server.stop()
