"""What a person decides about refused changes and kept values, through the services of real laptops."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.services.conflicts import ConflictService, ConflictView
from crm_desktop.services.records import RecordService
from crm_desktop.store.intents import create, patch, set_add, set_remove, text, transition, update
from tests.integration.in_process import Company, Profile
from tests.integration.people import Making, people_of, refusals, sync


@pytest.fixture
def laptop(company: Company, tmp_path: Path) -> Iterator[Making]:
    with people_of(company, tmp_path) as make:
        yield make


def shared(company: Company, entity: str = "account", **values: Any) -> str:
    with company.storage.read() as connection:
        territory = connection.exec_driver_sql("SELECT id FROM territory").scalar_one()
    return company.write(entity, **({"territory_id": territory} if entity == "account" else {}), **values)


def shared_revision(company: Company, account: str) -> str:
    quote = shared(company, "quote", account_id=account, number="Q1")
    return shared(company, "quote_revision", quote_id=quote, revision=1)


def row(laptop: Profile, entity: str, record_id: str) -> Row:
    found = laptop.get(entity, record_id)
    assert found is not None
    return found


def one_open(laptop: Profile) -> ConflictView:
    (view,) = ConflictService(laptop.store).open()
    return view


# -- refused changes ----------------------------------------------------------------------------------------------


def refuse_a_chain(laptop: Profile) -> tuple[str, str]:
    """A visit that refers to nothing, and two changes on it: all three are refused."""
    records = RecordService(laptop.store, laptop.user_id)
    account = next(iter(laptop.store.read(lambda reader: reader.where("account"))))["id"]
    visit = records.create("visit", {"account_id": account, "subject": "first", "owner_id": "nobody-of-that-name"})
    laptop.store.commit([patch("visit", visit, {"subject": "second"})])
    laptop.store.commit([text("visit", visit, "note", "a note")])
    sync(laptop)
    assert laptop.get("visit", visit) is None
    return account, visit


def test_what_builds_on_a_refused_record_is_one_group_and_is_sent_in_order(company: Company, laptop: Making) -> None:
    shared(company, name="Adler")
    anna = laptop("anna")
    _, visit = refuse_a_chain(anna)
    views = refusals(anna).open()
    assert [(view.place, view.group) for view in views] == [(n, views[0].id) for n in range(3)]
    assert [view.changes[0].kind for view in views] == ["create", "patch", "text"]
    assert [view.reason for view in views] == ["dangling", "unknown_row", "unknown_row"]
    # Changed in the form: the reference goes, and the two others follow in the same stroke.
    proposal = refusals(anna).proposal(views[0].id)
    assert (proposal.entity, proposal.record_id, proposal.is_new) == ("visit", visit, True)
    values = {name: value for name, value in proposal.values.items() if name not in ("owner_id", "created_at")}
    assert refusals(anna).save(views[0].id, values) == 3
    assert refusals(anna).open() == []
    sync(anna)
    assert (row(anna, "visit", visit)["subject"], row(anna, "visit", visit)["note"]) == ("second", "a note")
    assert refusals(anna).open() == []
    kept = anna.store.read(lambda reader: reader.where("quarantine"))
    assert [(entry["status"], entry["resolved_by"]) for entry in kept] == [("resolved", anna.user_id)] * 3


def test_a_change_refused_for_its_moment_is_sent_again_on_what_stands_now(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler", website="old.example", vat_id="")
    revision = shared_revision(company, account)
    anna, ben = laptop("anna"), laptop("ben")
    # A guard that fails takes the plain change beside it along.
    asking = transition("quote_revision", revision, "waiting_approval")
    ben.store.commit([asking])
    sync(ben)
    anna.store.commit([patch("account", account, {"website": "new.example"}), asking])
    sync(anna)
    assert row(anna, "account", account)["website"] == "old.example"
    ben.store.commit([patch("account", account, {"vat_id": "DE1"})])
    sync(ben, anna)
    (view,) = refusals(anna).open()
    assert refusals(anna).retry(view.id) == 1
    sync(anna)
    found = row(anna, "account", account)
    assert (found["website"], found["vat_id"]) == ("new.example", "DE1")
    assert refusals(anna).open() == []


def test_a_retry_leaves_alone_what_its_author_had_left_alone(company: Company, laptop: Making) -> None:
    """Coupled fields travel whole; sent again, only those he changed are his."""
    account = shared(company, name="Adler")
    address = shared(company, "address", account_id=account, street="A 1", postal_code="11111", city="Aachen")
    anna, ben = laptop("anna"), laptop("ben")
    bad = create("task", "01900000-0000-7000-8000-0000000000aa", {"account_id": "nowhere", "subject": "x"})
    anna.store.commit([patch("address", address, {"street": "B 2"}), bad])
    sync(anna)
    ben.store.commit([patch("address", address, {"postal_code": "22222"})])
    sync(ben, anna)
    (view,) = refusals(anna).open()
    refusals(anna).save(view.id, {"street": "B 2"})
    sync(anna)
    # The task is refused again, for the same reason, as a new entry; nothing of it was lost.
    (again,) = refusals(anna).open()
    assert (again.reason, again.id != view.id) == ("dangling", True)
    with pytest.raises(InvalidInput):
        refusals(anna).drop(again.id, "")
    refusals(anna).drop(again.id, "no longer needed")
    sync(anna, ben)
    assert refusals(anna).open() == []
    assert row(ben, "address", address)["postal_code"] == "22222"
    noted = anna.store.read(lambda reader: reader.get("quarantine", again.id))
    assert noted is not None
    assert (noted["status"], noted["note"], noted["resolved_by"]) == ("discarded", "no longer needed", anna.user_id)


def test_inside_sales_decides_what_was_handed_to_them(company: Company, laptop: Making) -> None:
    shared(company, name="Adler")
    anna, desk = laptop("anna"), laptop("desk", "inside_sales")
    _, visit = refuse_a_chain(anna)
    sync(desk)
    assert refusals(desk).open() == []
    assert refusals(anna).hand_over(refusals(anna).open()[0].id, "who is that?") == 3
    sync(anna, desk)
    handed = refusals(desk).open()
    assert [(view.author, view.note, view.handed) for view in handed] == [("anna", "who is that?", True)] * 3
    values = refusals(desk).proposal(handed[0].id).values | {"owner_id": anna.user_id}
    assert refusals(desk).save(handed[0].id, {k: v for k, v in values.items() if k != "created_at"}) == 3
    sync(desk, anna)
    assert row(anna, "visit", visit)["note"] == "a note"
    assert refusals(anna).open() == []
    first = anna.store.read(lambda reader: reader.get("quarantine", handed[0].id))
    assert first is not None
    assert (first["status"], first["resolved_by"]) == ("resolved", desk.user_id)


def test_what_is_discarded_takes_along_what_builds_on_it(company: Company, laptop: Making) -> None:
    shared(company, name="Adler")
    anna = laptop("anna")
    refuse_a_chain(anna)
    first, second, third = refusals(anna).open()
    assert refusals(anna).drop(third.id, "not this note") == 1
    assert [view.id for view in refusals(anna).open()] == [first.id, second.id]
    assert refusals(anna).drop(first.id, "never mind") == 2
    sync(anna)
    kept = anna.store.read(lambda reader: reader.where("quarantine"))
    assert sorted((entry["status"], entry["note"]) for entry in kept) == [
        ("discarded", "never mind"),
        ("discarded", "never mind"),
        ("discarded", "not this note"),
    ]


def test_both_send_it_again_and_it_happens_once(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler")
    anna = laptop("anna")
    second = laptop("anna2", like=anna)
    bad = create("task", "01900000-0000-7000-8000-0000000000ab", {"account_id": "nowhere", "subject": "x"})
    anna.store.commit([set_add("account", account, "tags", ["vip"]), bad])
    sync(anna, second)
    for device in (anna, second):
        (view,) = refusals(device).open()
        proposal = refusals(device).proposal(view.id)
        assert proposal.values == {"tags": ["vip"]}
        refusals(device).save(view.id, {"tags": ["vip"]})
    sync(anna, second, anna)
    # The second came too late: its transaction is a duplicate as a whole, what the first met stays to be decided.
    assert [view.changes[0].kind for view in refusals(anna).open()] == ["set_add"]
    assert [view.changes[0].kind for view in refusals(second).open()] == ["set_add"]


def test_what_the_server_could_not_read_is_changed_and_sent(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler")
    anna = laptop("anna")
    anna.store.commit([patch("account", account, {"website": "x.example"})])
    (txn,) = anna.store.pending(10)
    anna.store.quarantine_locally(txn.client_seq, "malformed", "It could not be read.")
    (view,) = refusals(anna).open()
    assert refusals(anna).save(view.id, {"website": "y.example"}) == 1
    sync(anna)
    assert (row(anna, "account", account)["website"], refusals(anna).open()) == ("y.example", [])
    with pytest.raises(NotFound):
        refusals(anna).retry(view.id)


# -- kept values ----------------------------------------------------------------------------------------------


def test_the_value_that_lost_is_taken_back_on_any_device_of_its_author(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler", website="old.example")
    anna, ben = laptop("anna"), laptop("ben")
    other = laptop("anna2", like=anna)
    for who, value in ((ben, "ben.example"), (anna, "anna.example")):
        who.store.commit([patch("account", account, {"website": value})])
        sync(who)
    sync(other)
    for device in (anna, other):
        view = one_open(device)
        (field,) = view.fields
        assert (field.before, field.mine, field.theirs, field.now) == (
            "old.example",
            "anna.example",
            "ben.example",
            "ben.example",
        )
        assert (view.mine_by, view.theirs_by, view.lost_by_me) == ("anna", "ben", True)
        assert view.mine_at is not None
        assert view.theirs_at is not None
    ConflictService(other.store).resolve(one_open(other).id, "mine")
    sync(other, anna, ben)
    assert row(ben, "account", account)["website"] == "anna.example"
    assert ConflictService(anna.store).open() == []
    # Decided otherwise, on the first device: theirs again.
    (decided,) = ConflictService(anna.store).all()
    ConflictService(anna.store).resolve(decided.id, "theirs")
    sync(anna, ben)
    assert row(ben, "account", account)["website"] == "ben.example"


def test_what_was_merged_without_asking_is_listed_and_can_be_taken_back(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler", notes="one\ntwo\nthree\n")
    task = shared(company, "task", account_id=account, subject="call", due_on="2026-02-01")
    anna, ben = laptop("anna"), laptop("ben")
    anna.store.commit([text("account", account, "notes", "ONE\ntwo\nthree\n")])
    anna.store.commit([patch("task", task, {"due_on": "2026-02-02"})])
    company.clock.move(hours=1)
    ben.store.commit([text("account", account, "notes", "one\ntwo\nTHREE\n")])
    ben.store.commit([patch("task", task, {"due_on": "2026-02-03"})])
    sync(anna, ben, anna)
    assert row(anna, "account", account)["notes"] == "ONE\ntwo\nTHREE\n"
    assert row(anna, "task", task)["due_on"] == "2026-02-03"
    assert [ConflictService(who.store).open() for who in (anna, ben)] == [[], []]
    (date,) = ConflictService(anna.store).settled()
    (merged,) = ConflictService(ben.store).settled()
    assert (date.rule, date.fields[0].mine, date.lost_by_me) == ("newest", "2026-02-02", True)
    assert (merged.rule, merged.fields[0].mine) == ("merged_text", "one\ntwo\nTHREE\n")
    ConflictService(anna.store).resolve(date.id, "mine")
    ConflictService(ben.store).resolve(merged.id, "theirs")
    sync(anna, ben, anna)
    assert row(ben, "task", task)["due_on"] == "2026-02-02"
    assert row(anna, "account", account)["notes"] == "ONE\ntwo\nthree\n"


def test_a_deleted_record_comes_back_with_all_kinds_of_changes(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler")
    task = shared(company, "task", account_id=account, subject="call", note="old", due_on="2026-02-01")
    visit = shared(company, "visit", account_id=account, subject="V", participants=["a", "b"])
    anna, ben = laptop("anna"), laptop("ben")
    revision = shared_revision(company, account)
    sync(anna, ben)
    quote = row(anna, "quote_revision", revision)["quote_id"]
    for entity, record_id in (("task", task), ("visit", visit), ("quote", quote)):
        RecordService(anna.store, anna.user_id).delete(entity, record_id)
    sync(anna)
    ben.store.commit(
        [
            update("task", task, {"subject": "visit", "note": "new", "status": "done"}),
            transition("quote_revision", revision, "waiting_approval"),
            set_add("visit", visit, "participants", ["c"]),
            set_remove("visit", visit, "participants", ["a"]),
        ]
    )
    sync(ben)
    assert (ben.get("task", task), ben.get("visit", visit)) == (None, None)
    views = ConflictService(ben.store).open()
    assert {view.rule for view in views} == {"gone"}
    for view in views:
        ConflictService(ben.store).resolve(view.id, "mine")
        sync(ben)
    sync(anna)
    found = row(anna, "task", task)
    assert (found["subject"], found["note"], found["status"]) == ("visit", "new", "done")
    assert row(anna, "visit", visit)["participants"] == ["b", "c"]
    assert row(anna, "quote_revision", revision)["status"] == "waiting_approval"
    assert row(anna, "quote", quote)["number"] == "Q1"
    assert refusals(ben).open() == []
    assert ConflictService(ben.store).open() == []


def test_a_deletion_that_had_not_seen_all_is_asked_for_and_done_by_one_click(company: Company, laptop: Making) -> None:
    account = shared(company, name="Adler")
    task = shared(company, "task", account_id=account, subject="call")
    anna, ben = laptop("anna"), laptop("ben")
    anna.store.commit([patch("task", task, {"subject": "call twice"})])
    RecordService(ben.store, ben.user_id).delete("task", task)
    sync(anna, ben)
    assert row(ben, "task", task)["subject"] == "call twice"
    view = one_open(ben)
    assert view.rule == "delete_request"
    assert (view.title("en"), view.title("de")) == ("Task call twice: Deletion", "Aufgabe call twice: Löschung")
    ConflictService(ben.store).resolve(view.id, "mine")
    sync(ben, anna)
    assert anna.get("task", task) is None
    (decided,) = ConflictService(ben.store).all()
    ConflictService(ben.store).resolve(decided.id, "theirs")
    sync(ben, anna)
    assert row(anna, "task", task)["subject"] == "call twice"


def test_a_tag_taken_away_that_somebody_added_anew_can_be_taken_away_after_all(
    company: Company, laptop: Making
) -> None:
    anna, ben = laptop("anna"), laptop("ben")
    account = shared(company, tags=["fair"])
    sync(anna, ben)
    anna.store.commit([set_remove("account", account, "tags", ["fair"])])
    anna.sync()
    anna.store.commit([set_add("account", account, "tags", ["fair"])])  # taken away and added: newer than Ben saw
    anna.sync()
    ben.store.commit([set_remove("account", account, "tags", ["fair"])])
    sync(ben)
    row = ben.get("account", account)
    assert row is not None
    assert row["tags"] == ["fair"]
    service = ConflictService(ben.store)
    (kept,) = service.settled()
    assert (kept.field, kept.rule) == ("tags", "newer_addition")
    anna.store.commit([set_add("account", account, "tags", ["vip"])])
    sync(anna, ben)
    service.resolve(kept.id, "mine")
    sync(ben, anna)
    for one in (anna, ben):
        row = one.get("account", account)
        assert row is not None
        assert row["tags"] == ["vip"]  # what came in meanwhile is not his to take away
