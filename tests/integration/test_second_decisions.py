"""One conflict decided differently on two laptops: the first decision stands, the second is asked again, once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.services.deciding import Side
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, delete, patch, set_add, set_remove, text
from sync.driver import run_session
from sync.transport import HttpTransport
from tests.integration.faults.company import Rep, new_server
from tests.integration.in_process import Company, Profile, profile_at

SIDES: tuple[tuple[Side, Side], ...] = (("mine", "theirs"), ("theirs", "mine"))


@dataclass
class Team:
    """Ben, and Anna with two laptops; what all of them see."""

    company: Company
    ben: Profile
    anna: Profile
    other: Profile
    account: str

    def sync(self, *laptops: Profile) -> None:
        for laptop in laptops or (self.anna, self.other, self.ben):
            report = laptop.sync()
            assert report.error is None, report.error
            assert report.digest_ok is True
            assert report.outcomes.get("quarantined", 0) == 0

    def shown(self, entity: str, record_id: str, name: str) -> list[Any]:
        """A field as each of the three sees it; None of a record that is not there."""
        rows = [laptop.get(entity, record_id) for laptop in (self.ben, self.anna, self.other)]
        return [None if row is None else row[name] for row in rows]

    def task(self) -> str:
        return self.company.write("task", account_id=self.account, subject="call", due_on="2026-02-01")


@pytest.fixture
def team(company: Company, tmp_path: Path) -> Iterator[Team]:
    territory = company.write("territory", code="N", name="North")
    account = company.write("account", name="Adler", website="old", territory_id=territory)
    with ExitStack() as stack:
        laptops: list[Profile] = []
        for name, login in (("ben", "ben"), ("anna", "anna"), ("other", "anna")):
            known = [laptop.user_id for laptop in laptops[1:]] if login == "anna" else []
            user_id = known[0] if known else company.user(login, "rep", [territory])
            laptops.append(stack.enter_context(profile_at(company, user_id, tmp_path / name)))
        ben, anna, other = laptops
        made = Team(company, ben, anna, other, account)
        made.sync()
        yield made


def a_field(team: Team) -> str:
    for laptop, value in ((team.ben, "ben"), (team.anna, "anna")):
        laptop.store.commit([patch("account", team.account, {"website": value})])
        team.sync(laptop)
    return team.account


def _two_texts(team: Team, bens: str, annas: str) -> str:
    visit = team.company.write("visit", account_id=team.account, subject="V", note="one\ntwo\nthree\n")
    team.sync(team.ben, team.anna)
    for laptop, value in ((team.ben, bens), (team.anna, annas)):
        laptop.store.commit([text("visit", visit, "note", value)])
        team.sync(laptop)
    return visit


def a_text(team: Team) -> str:
    return _two_texts(team, "BEN\n", "ANNA\n")


def two_texts_in_one(team: Team) -> str:
    return _two_texts(team, "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n")


def a_date(team: Team) -> str:
    task = team.task()
    team.sync(team.ben, team.anna)
    team.anna.store.commit([patch("task", task, {"due_on": "2026-02-02"})])
    team.company.clock.move(hours=1)
    team.ben.store.commit([patch("task", task, {"due_on": "2026-02-03"})])
    team.sync(team.anna, team.ben, team.anna)
    return task


def a_set(team: Team) -> str:
    visit = team.company.write("visit", account_id=team.account, subject="V", participants=["fair"])
    team.sync(team.ben, team.anna)
    for change in (set_remove, set_add):
        team.ben.store.commit([change("visit", visit, "participants", ["fair"])])
        team.sync(team.ben)
    team.anna.store.commit([set_remove("visit", visit, "participants", ["fair"])])
    team.sync(team.anna)
    return visit


def a_change_of_what_was_deleted(team: Team) -> str:
    task = team.task()
    team.sync(team.ben, team.anna)
    team.ben.store.commit([delete("task", task)])
    team.anna.store.commit([patch("task", task, {"subject": "call twice"})])
    team.sync(team.ben, team.anna)
    return task


def a_deletion_of_what_was_changed(team: Team) -> str:
    task = team.task()
    team.sync(team.ben, team.anna)
    team.ben.store.commit([patch("task", task, {"subject": "call twice"})])
    team.anna.store.commit([delete("task", task)])
    team.sync(team.ben, team.anna)
    return task


# What is made a conflict of, and what stands when mine and when theirs was taken. None: the record is deleted.
TABLE: list[tuple[Callable[[Team], str], str, str, Any, Any]] = [
    (a_field, "account", "website", "anna", "ben"),
    (a_text, "visit", "note", "ANNA\n", "BEN\n"),
    (two_texts_in_one, "visit", "note", "one\ntwo\nTHREE\n", "ONE\ntwo\nthree\n"),
    (a_date, "task", "due_on", "2026-02-02", "2026-02-03"),
    (a_set, "visit", "participants", [], ["fair"]),
    (a_change_of_what_was_deleted, "task", "subject", "call twice", None),
    (a_deletion_of_what_was_changed, "task", "subject", None, "call twice"),
]


@pytest.mark.parametrize(("first", "second"), SIDES, ids=["mine first", "theirs first"])
def test_the_second_decision_becomes_a_conflict_of_its_author(team: Team, first: Side, second: Side) -> None:
    met = {meet(team): (entity, name, {"mine": mine, "theirs": theirs}) for meet, entity, name, mine, theirs in TABLE}
    team.sync()
    entries = ConflictService(team.anna.store).all()
    assert {entry.record_id for entry in entries} == met.keys()
    for laptop, side in ((team.anna, first), (team.other, second)):
        for entry in entries:
            ConflictService(laptop.store).resolve(entry.id, side)
    team.sync(team.anna, team.other)
    team.sync()
    for record_id, (entity, name, value) in met.items():
        assert team.shown(entity, record_id, name) == [value[first]] * 3
    # On both of her laptops it is asked again: what she wanted second, beside what stands.
    for laptop in (team.anna, team.other):
        assert RefusalService(laptop.store, team.company.clock).open() == []
        again = {view.record_id: view for view in ConflictService(laptop.store).open()}
        assert again.keys() == met.keys()
        for record_id, (_, name, value) in met.items():
            view = again[record_id]
            assert (view.lost_by_me, view.mine_by) == (True, "anna")
            sides = [(field.mine, field.theirs) for field in view.fields if field.name == name]
            if None not in value.values():
                assert sides == [(value[second], value[first])]
        assert {ConflictService(laptop.store).get(entry.id).status for entry in entries} == {first}
    for view in ConflictService(team.other.store).open():
        ConflictService(team.other.store).resolve(view.id, "mine")
    team.sync(team.other)
    team.sync()
    for record_id, (entity, name, value) in met.items():
        assert team.shown(entity, record_id, name) == [value[second]] * 3
    assert [ConflictService(laptop.store).open() for laptop in (team.anna, team.other)] == [[], []]


def test_decided_alike_is_decided_once(team: Team) -> None:
    a_field(team)
    team.sync()
    (entry,) = ConflictService(team.anna.store).open()
    for laptop in (team.anna, team.other):
        ConflictService(laptop.store).resolve(entry.id, "mine")
    team.sync(team.anna, team.other)
    team.sync()
    assert [one.id for one in ConflictService(team.other.store).all()] == [entry.id]
    assert team.shown("account", team.account, "website") == ["anna"] * 3


def test_what_the_second_decision_wanted_and_somebody_has_written_meanwhile_is_not_asked(team: Team) -> None:
    a_field(team)
    team.sync()
    (entry,) = ConflictService(team.anna.store).open()
    ConflictService(team.other.store).resolve(entry.id, "theirs")
    ConflictService(team.anna.store).resolve(entry.id, "mine")
    team.sync(team.anna, team.ben)
    team.ben.store.commit([patch("account", team.account, {"website": "ben"})])
    team.sync(team.ben, team.other)
    assert ConflictService(team.other.store).open() == []
    row = team.other.get("account", team.account)
    assert row is not None
    assert row["website"] == "ben"


def test_the_rest_of_its_transaction_and_what_is_written_later_goes_through(team: Team) -> None:
    a_field(team)
    team.sync()
    (entry,) = ConflictService(team.anna.store).open()
    ConflictService(team.anna.store).resolve(entry.id, "theirs")
    ConflictService(team.other.store).resolve(entry.id, "mine")
    team.other.store.commit([patch("account", team.account, {"industry": "Food"})])
    team.sync(team.anna, team.other)
    row = team.other.get("account", team.account)
    assert row is not None
    assert (row["website"], row["industry"]) == ("ben", "Food")
    (again,) = ConflictService(team.other.store).open()
    assert (again.fields[0].mine, again.fields[0].theirs) == ("anna", "ben")


def test_a_refused_change_given_up_on_one_laptop_and_sent_again_on_the_other_ends_without_a_refusal(team: Team) -> None:
    values = {"account_id": "nowhere", "subject": "call"}
    team.anna.store.commit([create("task", "01900000-0000-7000-8000-0000000000ab", values)])
    team.anna.sync()
    team.sync(team.other)
    services = [RefusalService(laptop.store, team.company.clock) for laptop in (team.anna, team.other)]
    (view,) = services[0].open()
    services[1].save(view.id, {"account_id": team.account, "subject": "call"})
    services[0].drop(view.id, "never mind")
    team.sync(team.other, team.anna)
    assert services[0].open() == []
    kept = team.anna.store.read(lambda reader: reader.get("quarantine", view.id))
    assert kept is not None
    assert (kept["status"], kept["note"]) == ("resolved", "never mind")


def test_over_a_real_server_between_two_laptops_of_one_user(tmp_path: Path) -> None:
    server = new_server(tmp_path)
    try:
        rep = Rep.enrol(server, tmp_path / "anna")
        bare = server.device("anna")
        with ClientStore.open(tmp_path / "other", b"k" * 32, SystemClock()) as other:
            other.enrol(bare.device_id, bare.code, bare.user_id, bare.epoch)

            def sync(store: ClientStore, token: str) -> None:
                transport = HttpTransport(server.url, token, store.sync_state().schema_ver)
                report = run_session(store, transport, now=SystemClock().now)
                transport.close()
                assert (report.error, report.digest_ok, report.refused) == (None, True, 0)

            account = "01900000-0000-7000-8000-0000000000ac"
            rep.store.commit([create("account", account, {"name": "Adler", "owner_id": rep.user_id})])
            sync(rep.store, rep.token)
            sync(other, bare.token)
            for store, token, value in ((other, bare.token, "desk"), (rep.store, rep.token, "road")):
                store.commit([patch("account", account, {"website": value})])
                sync(store, token)
            sync(other, bare.token)
            (entry,) = ConflictService(other).open()
            ConflictService(other).resolve(entry.id, "mine")
            ConflictService(rep.store).resolve(entry.id, "theirs")
            for store, token in ((other, bare.token), (rep.store, rep.token), (other, bare.token)):
                sync(store, token)
            for store in (rep.store, other):
                (again,) = ConflictService(store).open()
                assert (again.fields[0].mine, again.fields[0].theirs, again.fields[0].now) == ("desk", "road", "road")
        rep.close()
    finally:
        server.stop()
