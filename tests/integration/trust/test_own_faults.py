"""A transaction at which the server itself fails neither blocks the device for ever nor is lost."""

from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.model.operations import Operation
from server.storage.push_operation import OperationPush
from tests.integration.in_process import Company
from tests.integration.server_process import creating


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
