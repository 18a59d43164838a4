"""Every released version against today's: its laptop is opened, its words are answered, nothing of its work is lost."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.client_store import ClientStore
from server.api.requests import OLDEST_SCHEMA, Caller
from server.storage.check import problems
from server.storage.storage import Storage
from tests.integration.in_process import Company, Profile, Wire, company_at, profile_at
from tests.integration.versions.record import ACCOUNT, DEVICE, KEY, USER, VISIT

HERE = Path(__file__).parent
VERSIONS = sorted(folder.name for folder in HERE.iterdir() if (folder / "conversation.jsonl").is_file())


@pytest.fixture(params=VERSIONS)
def release(request: pytest.FixtureRequest) -> Path:
    """What a released version left behind."""
    return HERE / str(request.param)


@pytest.fixture
def company(release: Path, tmp_path: Path) -> Iterator[Company]:
    """Its server's database, brought up to date."""
    database = tmp_path / "server.db"
    database.write_bytes(zstandard.decompress((release / "server.db.zst").read_bytes()))
    Storage.create(str(database)).close()
    with company_at(str(database)) as made:
        yield made


def conversation(release: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was said: the head, and the calls with their answers."""
    head, *lines = (json.loads(line) for line in (release / "conversation.jsonl").read_text("utf-8").splitlines())
    return head, lines


def test_every_schema_has_its_recording() -> None:
    """A new migration needs a recording of what was before it: see record.py."""
    assert [int(name) for name in VERSIONS] == list(range(OLDEST_SCHEMA, SCHEMA_VERSION + 1))


def test_its_laptop_is_opened_and_sends_what_waits(release: Path, company: Company, tmp_path: Path) -> None:
    head, _ = conversation(release)
    folder = tmp_path / "laptop"
    folder.mkdir()
    shutil.copyfile(release / "laptop.db", folder / "crm.db")
    with ClientStore.open(folder, KEY, company.clock) as store:
        laptop = Profile(company, store, head["token"], USER)
        row = laptop.get("account", ACCOUNT)
        assert row is not None
        assert (row["website"], row["tags"], row["credit_limit"]) == ("waiting.example", ["new", "old"], "100.00")
        assert laptop.outbox() == 3
        report = laptop.sync()
        assert report.error is None
        assert report.outcomes == {"applied": 4}
        assert report.digest_ok
        assert laptop.outbox() == 0
        visit = laptop.get("visit", VISIT)
        assert visit is not None
        assert visit["note"] == "A note that waits\n"
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_what_it_says_is_answered_as_ever(release: Path, company: Company) -> None:
    """The recorded requests again: same outcomes, same rows in the columns it knows; the cursors are today's."""
    head, lines = conversation(release)
    who = Caller(head["token"], DEVICE, head["schema"])
    cursor: dict[str, Any] = {}
    assert {line["call"] for line in lines} == {"hello", "push", "pull"}
    for line in lines:
        body = line["body"] | ({"cursor": cursor} if line["call"] == "pull" and cursor else {})
        answer = company.call(who, f"/sync/v1/{line['call']}", body)
        assert answer.status_code == 200, answer.text
        told, then = answer.json(), line["answer"]
        if line["call"] == "hello":
            assert {n: told[n] for n in ("action", "epoch", "last_client_seq")} == {
                n: then[n] for n in ("action", "epoch", "last_client_seq")
            }
            assert told["min_schema"] <= head["schema"]
        elif line["call"] == "push":
            assert outcomes(told) == outcomes(then)
        else:
            cursor = told["cursor"]
            known = rows(then)
            now = rows(told)
            assert {key: {n: now[key].get(n) for n in row} for key, row in known.items()} == known


def outcomes(answer: dict[str, Any]) -> list[tuple[int, list[str]]]:
    """Outcome of every operation."""
    return [(result["client_seq"], [op["outcome"] for op in result["ops"]]) for result in answer["results"]]


def rows(page: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of a page by kind and id."""
    return {
        (table["e"], packed[0]): dict(zip(table["cols"], packed[3:], strict=True))
        for commit in page["commits"]
        for table in commit["put"]
        for packed in table["rows"]
    }


class Older(Wire):
    """The wire of a program that knows neither the column `website` nor the kind `tag`."""

    def pull(self, body: Any) -> dict[str, Any]:
        """A page as such a program takes it."""
        who = Caller(self._token, self._device, SCHEMA_VERSION - 1)
        page: dict[str, Any] = self.company.call(who, "/sync/v1/pull", dict(body)).json()
        for commit in page["commits"]:
            commit["put"] = [_without(table, "website") for table in commit["put"] if table["e"] != "tag"]
        return page


def _without(table: dict[str, Any], name: str) -> dict[str, Any]:
    if name not in table["cols"]:
        return table
    at = table["cols"].index(name)
    kept = [[value for n, value in enumerate(packed) if n != at + 3] for packed in table["rows"]]
    return table | {"cols": [col for col in table["cols"] if col != name], "rows": kept}


def test_what_an_older_program_left_out_comes_with_its_update(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company_at(sqlite_database) as company:
        anna = company.user("anna")
        account = company.write("account", name="A", website="new.example", owner_id=anna)
        tag = company.write("tag", name="new kind")
        plain = [new_id() for _ in range(50)]
        company.storage.write_records([("account", i, {"name": "B", "owner_id": anna}) for i in plain], "desk")
        with profile_at(company, anna, tmp_path / "laptop") as laptop:
            with monkeypatch.context() as patched:
                patched.setattr("tests.integration.in_process.Wire", Older)
                report = laptop.sync()
                assert (report.error, report.digest_ok, report.repaired) == (None, None, False)
            row = laptop.get("account", account)
            assert row is not None
            assert (row["name"], row["website"]) == ("A", "")
            report = laptop.sync()
            assert report.digest_ok
            assert set(report.differed) == {("account", account), ("tag", tag)}
            row = laptop.get("account", account)
            assert row is not None
            assert row["website"] == "new.example"
