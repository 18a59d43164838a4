"""What an admin takes away while a push waits for its turn: the push is carried out under what holds then."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crm_desktop.errors import KnownError
from crm_desktop.ids import new_id
from crm_desktop.model.operations import Transaction
from server.api.errors import translate
from server.storage import devices, users
from server.storage.commit import Commit
from server.storage.records import entity_table
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import creating, patching


def pushed_after(company: Company, laptop: Direct, change: Callable[[Commit], object], *ops: dict[str, Any]) -> Any:
    """What `ops` come to where `change` is committed after the request was let in and before it gets the lock."""
    caller = company.identity.device(laptop.token, laptop.device_id)
    with company.storage.write(actor="admin") as commit:
        change(commit)
    txn = Transaction.model_validate(laptop.transaction(*ops))
    results, _ = company.storage.push(caller, laptop.epoch, [txn])
    return [(result.outcome, (result.detail or {}).get("code")) for result in results[0].ops]


def test_a_role_taken_away_in_that_moment_allows_nothing_any_more(company: Company) -> None:
    desk = company.user("desk", role="inside_sales")
    laptop = company.laptop(desk)
    product = creating("product", new_id(), name="Chai")
    told = pushed_after(company, laptop, lambda commit: users.set_role(commit, desk, "rep"), product)
    assert told == [("quarantined", "no_permission")]


def test_a_role_given_in_that_moment_allows_at_once(company: Company) -> None:
    rep = company.user("rep")
    laptop = company.laptop(rep)
    product = creating("product", new_id(), name="Chai")
    told = pushed_after(company, laptop, lambda commit: users.set_role(commit, rep, "inside_sales"), product)
    assert told == [("applied", None)]


def test_a_territory_taken_away_in_that_moment_is_out_of_reach(company: Company) -> None:
    north = company.write("territory", code="N", name="North")
    rep = company.user("rep", territories=[north])
    laptop = company.laptop(rep)
    late = creating("account", new_id(), name="Late", territory_id=north)

    def revoke(commit: Commit) -> object:
        return users.change_territories(commit, rep, revoke=[north])

    assert pushed_after(company, laptop, revoke, late) == [("quarantined", "out_of_scope")]


@pytest.mark.parametrize("whole", [True, False], ids=["user", "device"])
def test_who_is_locked_in_that_moment_gets_nothing_in(company: Company, whole: bool) -> None:
    rep = company.user("rep")
    laptop = company.laptop(rep)
    account = laptop.account(name="Before")
    laptop.pull()

    def lock(commit: Commit) -> None:
        if whole:
            users.set_active(commit, rep, active=False)
        else:
            devices.revoke(commit.connection, laptop.device_id, commit.at)

    change = patching("account", account, laptop.cursor["seq"], name=("Before", "After"))
    with pytest.raises(KnownError) as refused:
        pushed_after(company, laptop, lock, change)
    assert (translate(refused.value).status, translate(refused.value).body.code) == (403, "device_revoked")
    with company.storage.read() as connection:
        assert connection.scalar(select(entity_table("account").c.name)) == "Before"
