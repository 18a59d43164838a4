"""What several transactions of one push make of the same record."""

from crm_desktop.ids import new_id
from server.storage.check import problems
from tests.integration.in_process import Company
from tests.integration.server_process import creating, patching


def test_a_record_deleted_and_brought_back_in_one_push_moves_with_its_customer(company: Company) -> None:
    north = company.write("territory", code="N", name="North")
    south = company.write("territory", code="S", name="South")
    anna = company.laptop(company.user("anna", territories=[north, south]))
    ben = company.laptop(company.user("ben", territories=[south]))
    account = anna.account(territory_id=north, owner_id=None)
    contact = anna.create("contact", account_id=account, name="C")
    anna.pull()
    answer = anna.send(
        anna.transaction({"k": "delete", "e": "contact", "id": contact, "seen_cursor": anna.cursor["seq"]}),
        anna.transaction({"k": "restore", "e": "contact", "id": contact}),
        anna.transaction(patching("account", account, anna.versions["account", account], territory_id=(north, south))),
    )
    assert [result["ops"][0]["outcome"] for result in answer.json()["results"]] == ["applied"] * 3
    ben.pull()
    assert ("contact", contact) in ben.rows
    anna.pull()
    assert (anna.own_digest(), ben.own_digest()) == (anna.digest, ben.digest)
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_nobody_brings_back_in_one_push_what_he_had_moved_out_of_his_sight(company: Company) -> None:
    north = company.write("territory", code="N", name="North")
    south = company.write("territory", code="S", name="South")
    anna = company.laptop(company.user("anna", territories=[north]))
    account = anna.account(territory_id=north, owner_id=None)
    anna.pull()
    answer = anna.send(
        anna.transaction(patching("account", account, anna.versions["account", account], territory_id=(north, south))),
        anna.transaction({"k": "delete", "e": "account", "id": account, "seen_cursor": anna.cursor["seq"]}),
        anna.transaction({"k": "restore", "e": "account", "id": account}),
    )
    outcomes = [result["ops"][0]["outcome"] for result in answer.json()["results"]]
    assert outcomes == ["applied", "applied", "quarantined"]


def test_a_transaction_known_in_part_may_be_refused(company: Company) -> None:
    """A copied laptop went on with what the other one had sent. It must not be kept from syncing for ever."""
    anna = company.user("anna")
    first, second = company.laptop(anna), company.laptop(anna)
    account = first.account(name="A")
    tag, lacking = new_id(), new_id()
    known = {"op_id": new_id()} | creating("tag", tag, name="VIP")
    assert first.push(known) == ["applied"]
    visit = creating("visit", new_id(), account_id=lacking, subject="Waits")
    assert second.push(known, visit) == ["duplicate", "quarantined"]
    # What waits is the rest alone: the known part has no second effect.
    assert first.push(creating("account", lacking, name="There", owner_id=anna)) == ["applied"]
    first.pull()
    assert [row["subject"] for row in first.of("visit")] == ["Waits"]
    assert [row["status"] for row in first.of("quarantine")] == ["resolved"]
    assert ("account", account) in first.rows
