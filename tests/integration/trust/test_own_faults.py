"""A transaction at which the server itself fails neither blocks the device for ever nor is lost."""

from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.model.operations import Operation
from server.storage.commit_writer import CommitWriter
from server.storage.push_operation import OperationPush
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import creating, patching


def test_at_the_third_time_it_is_set_aside_and_the_rest_goes_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = company.laptop(company.user("anna"))
    honest = OperationPush.carry_out

    def stumbling(self: OperationPush, txn: Any, op: Operation, *more: Any) -> Any:
        if getattr(op, "v", {}).get("name") == "stumble":
            raise ZeroDivisionError
        return honest(self, txn, op, *more)

    monkeypatch.setattr(OperationPush, "carry_out", stumbling)
    first = anna.transaction(creating("tag", new_id(), name="before"))
    bad = anna.transaction(creating("tag", new_id(), name="stumble"))
    after = anna.transaction(creating("tag", new_id(), name="after"))
    for _ in range(2):
        answer = anna.send(first, bad, after)
        assert (answer.status_code, answer.json()["code"]) == (503, "retry")
    results = anna.send(first, bad, after).json()["results"]
    assert [result["ops"][0]["outcome"] for result in results] == ["applied", "quarantined", "applied"]
    assert results[1]["ops"][0]["detail"]["code"] == "server_error"
    anna.pull()
    assert sorted(row["name"] for row in anna.of("tag")) == ["after", "before"]
    assert [row["reason"] for row in anna.of("quarantine")] == ["server_error"]


def arrives_around(laptop: Direct, name: str) -> None:
    """A customer of this name is set aside at the third time; what stands before and behind it arrives."""
    first = laptop.transaction(creating("tag", new_id(), name="before"))
    bad = laptop.transaction(creating("account", new_id(), name=name, owner_id=laptop.user_id))
    after = laptop.transaction(creating("tag", new_id(), name="after"))
    for _ in range(2):
        answer = laptop.send(first, bad, after)
        assert (answer.status_code, answer.json()["code"]) == (503, "retry")
    results = laptop.send(first, bad, after).json()["results"]
    assert [result["ops"][0]["outcome"] for result in results] == ["applied", "quarantined", "applied"]
    laptop.pull()
    assert sorted(row["name"] for row in laptop.of("tag")) == ["after", "before"]
    assert [row["reason"] for row in laptop.of("quarantine")] == ["server_error"]


def test_also_where_it_shows_only_when_all_is_written(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = CommitWriter.write_rows

    def stumbling(self: CommitWriter, seq: int, items: Any) -> None:
        if any(item.row.get("name") == "stumble" for item in items):
            raise ZeroDivisionError
        honest(self, seq, items)

    monkeypatch.setattr(CommitWriter, "write_rows", stumbling)
    arrives_around(company.laptop(company.user("anna")), "stumble")


def test_a_text_too_long_for_an_index_is_refused_at_once_on_each(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    account = anna.account(name="A" * 500)
    change = patching("account", account, 1, name=("A" * 500, "B" * 501))
    assert anna.push(creating("account", new_id(), name="A" * 501, owner_id=anna.user_id)) == ["quarantined"]
    assert anna.push(change) == ["quarantined"]
    anna.pull()
    assert [row["reason"] for row in anna.of("quarantine")] == ["text_too_long"] * 2
    assert [row["name"] for row in anna.of("account")] == ["A" * 500]


def test_a_number_too_large_for_one_database_is_so_for_each(company: Company) -> None:
    anna = company.laptop(company.user("anna"))
    assert anna.push(creating("account", new_id(), name="A", owner_id=anna.user_id, employees=2**31)) == ["quarantined"]
    anna.pull()
    assert [row["reason"] for row in anna.of("quarantine")] == ["invalid_value"]
    anna.account(employees=2**31 - 1)
