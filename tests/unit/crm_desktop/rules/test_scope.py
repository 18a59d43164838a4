"""Which laptops a record travels to."""

import pytest

from crm_desktop.model.wire import default_row
from crm_desktop.rules.permissions import SEE_COST, roles_with
from crm_desktop.rules.scope import CATALOGUE, DESK_ROLES, UNASSIGNED, account_of, root_of, scopes_of, user_scopes


def test_catalogue_goes_to_everybody() -> None:
    assert scopes_of("product", default_row("product"), "p") == {CATALOGUE}


def test_account_by_territory_and_owner() -> None:
    row = default_row("account") | {"territory_id": "t", "owner_id": "u"}
    assert scopes_of("account", row, "a") == {"territory:t", "user:u"}
    assert scopes_of("account", default_row("account"), "a") == {UNASSIGNED}


def test_visit_takes_the_scopes_of_its_account() -> None:
    account = default_row("account") | {"territory_id": "t", "owner_id": "u"}
    visit = default_row("visit") | {"account_id": "a", "owner_id": "other"}
    assert account_of("visit", visit) == "a"
    assert scopes_of("visit", visit, "v", account) == {"territory:t", "user:u"}
    assert scopes_of("visit", default_row("visit") | {"owner_id": "me"}, "v") == {"user:me"}


def test_children_step_up_to_their_parent() -> None:
    assert root_of("quote_line", default_row("quote_line") | {"quote_id": "q"}, "l") == ("quote", "q")
    assert root_of("channel", default_row("channel") | {"contact_id": "c"}, "x") == ("contact", "c")
    assert root_of("contact", default_row("contact"), "c") == ("contact", "c")


def test_conflict_goes_to_loser_and_owner() -> None:
    row = default_row("conflict") | {"mine_by": "b", "owner_id": "a"}
    assert scopes_of("conflict", row, "x") == {"user:a", "user:b"}


@pytest.mark.parametrize("side", ["before", "mine", "theirs"])
def test_a_conflict_that_tells_a_cost_goes_to_those_who_keep_costs(side: str) -> None:
    row = default_row("conflict") | {"mine_by": "b", "owner_id": "a", "entity": "product", side: '{"name": "Tea"}'}
    assert scopes_of("conflict", row, "x") == {"user:a", "user:b"}
    assert scopes_of("conflict", row | {side: '{"name": "Tea", "cost": "1.0000"}'}, "x") == {UNASSIGNED}
    assert roles_with(SEE_COST) == DESK_ROLES


def test_user() -> None:
    assert user_scopes("u", ["t"], "rep") == {CATALOGUE, "user:u", "territory:t"}
    assert UNASSIGNED in user_scopes("u", [], "inside_sales")
