"""What is kept for a person is told to nobody who may not see what it quotes; on both databases."""

import json

from crm_desktop.model.wire import text_hash
from server.storage.check import problems
from tests.integration.in_process import Company, Direct

TERRITORY = "01900000-0000-7000-8000-00000000000a"


def holds(company: Company) -> None:
    """The database's own check finds nothing."""
    with company.storage.read() as connection:
        assert problems(connection) == []


def told(laptop: Direct) -> str:
    """All that a laptop holds after a pull, which is what the server says it should hold."""
    laptop.pull()
    assert laptop.own_digest() == laptop.digest
    return json.dumps([row for _, row in sorted(laptop.rows.items())])


def test_who_wrote_a_note_once_hears_of_no_conflict_on_it_after_its_customer_went_to_another(company: Company) -> None:
    company.write("territory", TERRITORY, code="N")
    anna = company.laptop(company.user("anna"))
    ben, carl = (company.laptop(company.user(login, territories=[TERRITORY])) for login in ("ben", "carl"))
    account = anna.account(name="A")
    visit = anna.create("visit", account_id=account, subject="S", owner_id=anna.user_id, note="Once")
    company.write("account", account, owner_id=ben.user_id, territory_id=TERRITORY)
    for laptop in (anna, ben, carl):
        laptop.pull()
    assert ("visit", visit) not in anna.rows

    def text(value: str) -> dict[str, str]:
        return {"k": "text", "e": "visit", "id": visit, "f": "note", "base_sha": text_hash("Once"), "text": value}

    assert ben.push(text("Secret of Ben")) == ["applied"]
    assert carl.push(text("Secret of Carl")) == ["conflict_copy"]
    assert "Secret" not in told(anna)
    for laptop in (ben, carl):  # the customer's new owner, and who lost
        assert "Secret of Carl" in told(laptop)
        assert [row["owner_id"] for row in laptop.of("conflict")] == [ben.user_id]
    holds(company)
