"""What is refused for want of a record is carried out when the record comes."""

from typing import Any

import pytest

from crm_desktop.ids import new_id
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import creating, patching


def two(company: Company) -> tuple[Direct, Direct]:
    """Two laptops of one rep."""
    anna = company.user("anna")
    first, second = company.laptop(anna), company.laptop(anna)
    first.pull()
    second.pull()
    return first, second


def deleting(laptop: Direct, entity: str, record_id: str) -> dict[str, Any]:
    """A deletion by somebody who has seen all."""
    return {"k": "delete", "e": entity, "id": record_id, "seen_cursor": laptop.cursor["seq"]}


def test_a_change_waits_for_its_record_and_is_carried_out_when_it_comes(company: Company) -> None:
    first, second = two(company)
    account = new_id()
    assert second.push(patching("account", account, 1, website=("", "a.example"))) == ["quarantined"]
    second.pull()
    assert [row["status"] for row in second.of("quarantine")] == ["open"]
    first.create("account", account, name="A", owner_id=first.user_id)
    second.pull()
    assert second.rows["account", account]["website"] == "a.example"
    assert [row["status"] for row in second.of("quarantine")] == ["resolved"]
    assert second.own_digest() == second.digest


def test_a_record_that_refers_to_one_not_there_yet_waits_too(company: Company) -> None:
    first, second = two(company)
    account, contact = new_id(), new_id()
    assert second.push(creating("contact", contact, account_id=account, name="C")) == ["quarantined"]
    assert second.push(patching("contact", contact, 1, job_title=("", "Buyer"))) == ["quarantined"]
    first.create("account", account, name="A", owner_id=first.user_id)
    second.pull()
    assert second.rows["contact", contact]["job_title"] == "Buyer"
    assert {row["status"] for row in second.of("quarantine")} == {"resolved"}


@pytest.mark.parametrize("earlier", [0, 1])
def test_what_came_first_is_carried_out_first_whatever_the_laptop(company: Company, earlier: int) -> None:
    laptops = two(company)
    account = new_id()
    for name, laptop in (("first", laptops[earlier]), ("second", laptops[1 - earlier])):
        assert laptop.push(patching("account", account, 1, website=("", f"{name}.example"))) == ["quarantined"]
    laptops[0].create("account", account, name="A", owner_id=laptops[0].user_id)
    laptops[0].pull()
    assert laptops[0].rows["account", account]["website"] == "first.example"


def test_a_discarded_change_stays_discarded(company: Company) -> None:
    first, second = two(company)
    account = new_id()
    second.push(patching("account", account, 1, website=("", "a.example")))
    second.pull()
    entry = next(record_id for entity, record_id in second.rows if entity == "quarantine")
    transition = {"k": "transition", "e": "quarantine", "id": entry, "f": "status", "from": "open", "to": "discarded"}
    assert second.push(transition) == ["applied"]
    first.create("account", account, name="A", owner_id=first.user_id)
    second.pull()
    assert second.rows["account", account]["website"] == ""


def test_a_deletion_that_comes_first_keeps_the_record_away(company: Company) -> None:
    first, second = two(company)
    account = new_id()
    assert second.push(deleting(second, "account", account)) == ["applied"]
    assert first.push(creating("account", account, name="A", owner_id=first.user_id)) == ["gone"]
    first.pull()
    assert ("account", account) not in first.rows
    assert [row["rule"] for row in first.of("conflict")] == ["gone"]
    assert first.push({"k": "restore", "e": "account", "id": account}) == ["quarantined"]


def test_what_waited_is_not_the_work_of_who_created_the_record(company: Company) -> None:
    """The creator deletes without having seen what his create let through: that has to be asked."""
    first, second = two(company)
    account = new_id()
    second.push(patching("account", account, 1, website=("", "a.example")))
    create = first.transaction(creating("account", account, name="A", owner_id=first.user_id))
    delete = first.transaction(deleting(first, "account", account))
    results = first.send(create, delete).json()["results"]
    assert [op["outcome"] for result in results for op in result["ops"]] == ["applied", "delete_request"]
    later = first.push(deleting(first, "account", account))
    assert later == ["delete_request"]
    first.pull()
    assert first.push(deleting(first, "account", account)) == ["applied"]
