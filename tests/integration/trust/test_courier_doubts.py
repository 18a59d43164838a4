"""A courier's answer is doubted as one of the network is: very many removals, a change that nobody can read."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from crm_desktop.ids import new_id
from crm_desktop.sealed import Keys
from crm_desktop.store.intents import create
from server.courier import exchange
from server.storage import courier_keys, devices
from server.storage.pull import Page
from server.storage.storage import Storage
from sync import courier
from sync.protocol import Code
from sync.protocol.courier import CourierAnswer, Refusal
from tests.integration.in_process import Company, Profile, profile_at

MANY = 80


@pytest.fixture
def anna(company: Company) -> str:
    """A rep."""
    return company.user("anna")


@pytest.fixture
def laptop(company: Company, anna: str, tmp_path: Path) -> Iterator[Profile]:
    """Her laptop, which has exchanged keys for courier files."""
    with profile_at(company, anna, tmp_path / "laptop") as made:
        own = Keys.make()
        with company.storage.plain_write() as connection:
            courier_keys.remember(connection, devices.token_hash(made.token), own.public)
            server = courier_keys.server_keys(connection).public
        made.store.set_setting(courier.OWN_KEYS, own.text())
        made.store.set_setting(courier.SERVER_KEYS, server.text())
        yield made


def answer(company: Company, laptop: Profile) -> bytes:
    """A round as far as the answer's file."""
    return exchange(company.storage, courier.write_request(laptop.store).data)


def accounts(company: Company, owner: str) -> list[str]:
    """Very many customers of somebody."""
    ids = [new_id() for _ in range(MANY)]
    company.storage.write_records(
        [("account", i, {"name": f"A{n}", "owner_id": owner}) for n, i in enumerate(ids)], "d"
    )
    return ids


@pytest.fixture
def confused(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A server whose pages take these records away although they are the user's."""
    gone: list[str] = []
    honest = Storage.pull

    def pull(storage: Storage, *args: Any, **more: Any) -> Page:
        page = honest(storage, *args, **more)
        body = orjson.loads(page.body)
        leaving = [["account", i] for i in gone]
        body["commits"].append({"seq": body["cursor"]["seq"], "put": [], "gone": leaving, "evict": []})
        return replace(page, body=orjson.dumps(body))

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "pull", pull)
        yield gone


def test_many_that_really_left_go_by_file_without_a_question(company: Company, anna: str, laptop: Profile) -> None:
    ids = accounts(company, anna)
    laptop.sync()
    ben = company.user("ben")
    company.storage.write_records([("account", i, {"owner_id": ben}) for i in ids], "desk")
    report = courier.read_answer(laptop.store, answer(company, laptop))
    assert report.error is None
    assert (report.evicted, report.digest_ok) == (MANY, True)


def test_a_file_that_contradicts_its_server_takes_nothing_before_a_person_says_so(
    company: Company, anna: str, laptop: Profile, confused: list[str]
) -> None:
    ids = accounts(company, anna)
    laptop.sync()
    company.write("tag", name="something new")
    laptop.store.commit([create("task", new_id(), {"subject": "written meanwhile"})])
    confused += ids
    file = answer(company, laptop)
    for _ in range(2):
        report = courier.read_answer(laptop.store, file)
        assert report.error is not None
        assert (report.error.code, report.error.values["count"]) == ("mass_removal", MANY)
        assert laptop.get("account", ids[0]) is not None
    assert laptop.store.pending(10) == [], "what was sent is answered all the same"
    laptop.store.mending.allow_removals()
    report = courier.read_answer(laptop.store, file)
    assert (report.deleted, report.digest_ok) == (MANY, False)


def test_a_server_that_does_not_say_what_stands_is_not_believed(
    company: Company, anna: str, laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = accounts(company, anna)
    laptop.sync()
    ben = company.user("ben")
    company.storage.write_records([("account", i, {"owner_id": ben}) for i in ids], "desk")
    monkeypatch.setattr("server.courier._standing", lambda *_: None)
    report = courier.read_answer(laptop.store, answer(company, laptop))
    assert report.error is not None
    assert (report.error.code, laptop.get("account", ids[0]) is None) == ("mass_removal", False)


@pytest.mark.parametrize("own", [True, False])
def test_only_the_change_that_was_carried_is_set_aside(
    company: Company, laptop: Profile, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """A copy of this profile may have sent something else under the same number."""
    laptop.store.commit([create("task", new_id(), {"subject": "ours"})])
    waiting = laptop.store.pending(1)[0]
    details = {"client_seq": waiting.client_seq, "txn_id": waiting.txn_id if own else new_id()}

    def refuse(_storage: Storage, _device: object, _request: object, told: CourierAnswer) -> None:
        told.refused = Refusal(code=Code.MALFORMED, message="It does not fit.", details=details)

    monkeypatch.setattr("server.courier._push", refuse)
    report = courier.read_answer(laptop.store, answer(company, laptop))
    assert report.refused == int(own)
    assert laptop.store.read(lambda reader: reader.counts()["quarantine"]) == int(own)
