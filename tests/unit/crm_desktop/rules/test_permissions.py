"""One place says which role sees which field; the server's rule is the same one."""

import pytest

from crm_desktop.model import ENTITIES
from crm_desktop.model.people import ROLES
from crm_desktop.model.wire import default_row, field_facts
from crm_desktop.rules.permissions import SEE_COST, may_see, offered_fields, permissions_of, roles_with, seen_row
from server.storage.users import SEES_COST

COSTS = {"cost", "margin_floor_percent"}


@pytest.mark.parametrize(
    ("role", "sees"), [("rep", False), ("inside_sales", True), ("admin", True), ("", False), ("gardener", False)]
)
def test_costs_are_for_inside_sales_and_administrators(role: str, sees: bool) -> None:
    assert (SEE_COST in permissions_of(role)) is sees
    assert bool(COSTS & offered_fields("product", permissions_of(role)).keys()) is sees
    assert bool(COSTS & seen_row("product", default_row("product"), permissions_of(role)).keys()) is sees


def test_the_server_keeps_costs_from_the_same_roles() -> None:
    assert roles_with(SEE_COST) == SEES_COST == {"inside_sales", "admin"}


def test_every_permission_of_a_field_is_brought_by_a_role() -> None:
    needed = {facts.permission for entity in ENTITIES for facts in field_facts(entity).values() if facts.permission}
    assert needed == {SEE_COST}
    brought = frozenset[str]().union(*(permissions_of(role) for role, _, _ in ROLES))
    assert needed <= brought


def test_all_other_fields_are_seen_by_everybody() -> None:
    hidden = {
        (entity, name)
        for entity in ENTITIES
        for name, facts in field_facts(entity).items()
        if not may_see(facts, frozenset())
    }
    assert hidden == {("product", name) for name in COSTS}
