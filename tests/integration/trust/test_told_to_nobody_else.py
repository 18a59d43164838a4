"""What is kept for a person is told to nobody who may not see what it quotes; on both databases."""

import json
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.ids import new_id
from crm_desktop.model.wire import text_hash
from crm_desktop.store.intents import patch
from server.storage import users
from server.storage.check import problems
from server.storage.record_writing import write_chunk
from tests.integration.in_process import Company, Direct, profile_at
from tests.integration.server_process import creating, patching

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


@pytest.mark.parametrize("by", ["an import", "his own laptop", "his territory"])
def test_what_is_kept_of_a_customer_goes_with_him_to_another(company: Company, by: str) -> None:
    """The entry had come to Anna's laptop; with the customer it leaves her, and Ben may decide."""
    company.write("territory", TERRITORY, code="N")
    north = [TERRITORY]
    anna, ben, carl = (company.laptop(company.user(login, territories=north)) for login in ("anna", "ben", "carl"))
    other = company.write("territory", code="S")
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, ben.user_id, grant=[other])
        users.change_territories(commit, carl.user_id, grant=[other])
    account = company.write("account", name="A", territory_id=TERRITORY)
    visit = anna.create("visit", account_id=account, subject="Seen", owner_id=anna.user_id)
    contact = anna.create("contact", account_id=account, job_title="Seen")
    company.write("account", account, owner_id=anna.user_id)
    for laptop in (anna, ben, carl):
        laptop.pull()
    seen = carl.cursor["seq"]
    for laptop, word, outcome in ((anna, "Stands", "applied"), (carl, "Word of Carl", "conflict")):
        assert laptop.push(patching("visit", visit, seen, subject=("Seen", word))) == [outcome]
        assert laptop.push(patching("contact", contact, seen, job_title=("Seen", word))) == [outcome]
    assert "Word of Carl" in told(anna)
    assert "Word of Carl" not in told(ben)

    if by == "his territory":
        with company.storage.write(actor="admin") as commit:
            write_chunk(commit, [("account", account, {"owner_id": None})])
            users.change_territories(commit, anna.user_id, revoke=[TERRITORY])
    elif by == "an import":
        company.write("account", account, owner_id=ben.user_id, territory_id=other)
    else:
        moved = {"owner_id": (anna.user_id, ben.user_id), "territory_id": (TERRITORY, other)}
        assert anna.push(patching("account", account, anna.cursor["seq"], **moved)) == ["applied"]
    assert "Word of Carl" not in told(anna)
    assert ("Word of Carl" in told(ben)) == (by != "his territory")
    assert "Word of Carl" in told(carl)
    owner = None if by == "his territory" else ben.user_id
    assert [row["owner_id"] for row in carl.of("conflict")] == [owner] * 2
    holds(company)


def test_a_refused_change_goes_to_no_new_owner_who_may_not_see_all_of_it(company: Company) -> None:
    """One of three customers of an import went to another, and not to Ben alone but with a word on the others."""
    anna, ben = (company.laptop(company.user(login)) for login in ("anna", "ben"))
    moved, kept = (company.write("account", name=name, owner_id=anna.user_id) for name in ("Moved", "Kept"))
    anna.pull()
    seen = anna.cursor["seq"]
    company.write("account", moved, owner_id=ben.user_id)
    company.clock.move(days=31)
    assert anna.push(patching("account", moved, seen, website=("", "late.example"))) == ["quarantined"]
    together: list[dict[str, Any]] = [
        patching("account", moved, seen, website=("", "import.example")),
        patching("account", kept, seen, website=("", "secret.example")),
        creating("contact", new_id(), account_id=kept, name="Secret"),
    ]
    assert anna.push(*together) == ["quarantined"] * 3
    assert "late.example" in told(ben)
    assert "secret" not in told(ben).lower()
    assert "secret.example" in told(anna)
    holds(company)


def test_a_refused_change_goes_to_the_new_owner_with_what_hangs_on_his_customer(company: Company) -> None:
    anna, ben = (company.laptop(company.user(login)) for login in ("anna", "ben"))
    account = company.write("account", name="Moved", owner_id=anna.user_id)
    visit = anna.create("visit", account_id=account, subject="S", owner_id=anna.user_id)
    anna.pull()
    company.write("account", account, owner_id=ben.user_id)
    company.clock.move(days=31)
    contact = new_id()
    together: list[dict[str, Any]] = [
        patching("visit", visit, anna.cursor["seq"], subject=("S", "Late")),
        creating("contact", contact, account_id=account, name="Met"),
        creating("channel", new_id(), contact_id=contact, value="met@example.com"),
    ]
    assert anna.push(*together) == ["quarantined"] * 3
    assert "met@example.com" in told(ben)
    holds(company)


@pytest.mark.parametrize("by", ["an import", "his territory"])
def test_what_is_kept_of_a_deleted_visit_goes_with_its_customer(company: Company, by: str) -> None:
    company.write("territory", TERRITORY, code="N")
    north = [TERRITORY]
    anna, ben, carl = (company.laptop(company.user(login, territories=north)) for login in ("anna", "ben", "carl"))
    account = company.write("account", name="A", territory_id=TERRITORY)
    visit = anna.create("visit", account_id=account, subject="Seen", owner_id=anna.user_id)
    for laptop in (anna, carl):
        laptop.pull()
    assert anna.push({"k": "delete", "e": "visit", "id": visit, "seen_cursor": anna.cursor["seq"]}) == ["applied"]
    assert carl.push(patching("visit", visit, carl.cursor["seq"], subject=("Seen", "Word of Carl"))) == ["gone"]
    assert "Word of Carl" in told(anna)
    if by == "an import":
        company.write("account", account, owner_id=ben.user_id, territory_id=None)
    else:
        company.write("account", account, owner_id=ben.user_id)
        with company.storage.write(actor="admin") as commit:
            users.change_territories(commit, anna.user_id, revoke=north)
    assert "Word of Carl" not in told(anna)
    for laptop in (ben, carl):  # the customer's owner, and whose word it is
        assert "Word of Carl" in told(laptop)
    holds(company)


def test_a_refused_change_goes_on_with_its_customer(company: Company) -> None:
    anna, ben, carl = (company.laptop(company.user(login)) for login in ("anna", "ben", "carl"))
    account = company.write("account", name="Moved", owner_id=anna.user_id)
    anna.pull()
    company.write("account", account, owner_id=ben.user_id)
    company.clock.move(days=31)
    late = patching("account", account, anna.cursor["seq"], website=("", "late.example"))
    assert anna.push(late) == ["quarantined"]
    assert "late.example" in told(ben)
    for owner in (carl, anna):  # it is told to its author once, although he is the owner again
        company.write("account", account, owner_id=owner.user_id)
        assert [laptop for laptop in (anna, ben, carl) if "late.example" in told(laptop)] == (
            [anna, carl] if owner is carl else [anna]
        )
        (entry,) = anna.of("quarantine")
        assert entry["owner_id"] == (carl.user_id if owner is carl else None)
    holds(company)


def test_a_refused_change_leaves_with_the_territory_by_which_it_was_seen(company: Company) -> None:
    company.write("territory", TERRITORY, code="N")
    anna, ben = (company.laptop(company.user(login, territories=[TERRITORY])) for login in ("anna", "ben"))
    account = company.write("account", name="A", territory_id=TERRITORY)
    visit = ben.create("visit", account_id=account, subject="S", owner_id=ben.user_id)
    anna.pull()
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, anna.user_id, revoke=[TERRITORY])
    company.clock.move(days=31)
    assert anna.push(patching("visit", visit, anna.cursor["seq"], subject=("S", "Late"))) == ["quarantined"]
    assert "Late" in told(ben)
    with company.storage.write(actor="admin") as commit:
        users.change_territories(commit, ben.user_id, revoke=[TERRITORY])
    assert "Late" not in told(ben)
    assert "Late" in told(anna)
    holds(company)


def test_a_refused_change_with_a_cost_in_it_goes_to_no_representative(company: Company) -> None:
    desk = company.laptop(company.user("desk", "inside_sales"))
    anna = company.laptop(company.user("anna"))
    account = company.write("account", name="Moved", owner_id=desk.user_id)
    product = company.write("product", name="Tea", cost="1.0000")
    desk.pull()
    seen = desk.cursor["seq"]
    company.write("account", account, owner_id=anna.user_id)
    company.clock.move(days=31)
    together = [
        patching("product", product, seen, cost=("1.0000", "9.8765")),
        patching("account", account, seen, website=("", "late.example")),
    ]
    assert desk.push(*together) == ["quarantined"] * 2
    assert "9.8765" in told(desk)
    assert "9.8765" not in told(anna)
    holds(company)


def test_who_may_no_longer_see_costs_keeps_no_conflict_about_them(company: Company) -> None:
    kim, lee = (company.laptop(company.user(login, "inside_sales")) for login in ("kim", "lee"))
    product = company.write("product", name="Tea", cost="1.0000")
    for laptop in (kim, lee):
        laptop.pull()
    seen = kim.cursor["seq"]
    assert lee.push(patching("product", product, seen, cost=("1.0000", "7.6543"))) == ["applied"]
    assert kim.push(patching("product", product, seen, cost=("1.0000", "9.8765"))) == ["conflict"]
    assert "9.8765" in told(kim)
    with company.storage.write(actor="admin") as commit:
        users.set_role(commit, kim.user_id, "rep")
    new = company.laptop(kim.user_id)
    for laptop in (kim, new):
        assert "7.6543" not in told(laptop)
        assert "9.8765" not in told(laptop)
    assert "9.8765" in told(lee)
    with company.storage.write(actor="admin") as commit:
        users.set_role(commit, kim.user_id, "inside_sales")
    assert "9.8765" in told(kim)
    holds(company)


def test_what_somebody_else_wrote_leaves_with_the_customer(company: Company, tmp_path: Path) -> None:
    """What is left on the laptop is what was written there, and what its author was told beside it in his ledger."""
    company.write("territory", TERRITORY, code="N")
    ben = company.laptop(company.user("ben", territories=[TERRITORY]))
    anna = company.user("anna", territories=[TERRITORY])
    account = company.write("account", name="A", territory_id=TERRITORY)
    ben.pull()
    with profile_at(company, anna, tmp_path / "laptop") as laptop:
        laptop.sync()
        laptop.store.commit([patch("account", account, {"website": "hers.example"})])
        assert ben.push(patching("account", account, ben.cursor["seq"], website=("", "secret.example"))) == ["applied"]
        assert laptop.sync().outcomes == {"conflict": 1}
        with company.storage.write(actor="admin") as commit:
            users.change_territories(commit, anna, revoke=[TERRITORY])
        assert laptop.sync().evicted == 1
        (entry,) = laptop.store.read(lambda reader: reader.where("conflict"))
        assert (entry["mine"], entry["theirs"]) == ('{"website":"hers.example"}', '{"website":"secret.example"}')
        outbox = laptop.store.read(lambda reader: reader.outbox(include_covered=True))
        assert "hers.example" in str(outbox)
        assert "secret.example" not in str(outbox)
