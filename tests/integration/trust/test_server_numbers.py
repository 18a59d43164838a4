"""Official numbers leave no gap where no order comes of an operation."""

from crm_desktop.ids import new_id
from tests.integration.in_process import Company
from tests.integration.server_process import creating


def test_an_order_that_is_not_made_takes_no_number(company: Company) -> None:
    anna = company.user("anna")
    first, second = company.laptop(anna), company.laptop(anna)
    account = first.account(name="A")
    gone, made = new_id(), new_id()
    # Its deletion was sent again before it was, after a restore.
    assert first.push({"k": "delete", "e": "order", "id": gone, "seen_cursor": 0}) == ["applied"]
    assert second.push(creating("order", gone, account_id=account)) == ["gone"]
    assert first.push(creating("order", made, account_id=account)) == ["applied"]
    # Refused in an own transaction: its number is free again.
    lacking = creating("visit", new_id(), account_id=new_id(), subject="nowhere")
    assert first.push(creating("order", new_id(), account_id=account), lacking) == ["quarantined"] * 2
    assert first.push(creating("order", new_id(), account_id=account)) == ["applied"]
    first.pull()
    assert sorted(row["number"] for row in first.of("order")) == ["A-000001", "A-000002"]
