"""Who may see what: the permissions a role brings, and the fields that need one. Laptop and server ask here alone."""

from collections.abc import Mapping
from functools import cache

from crm_desktop.model.facts import Facts, Privacy
from crm_desktop.model.people import ROLES
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.scope import DESK_ROLES

Permissions = frozenset[str]
NONE: Permissions = frozenset()
SEE_COST = "see_cost"  # cost and margin floor of a product
APPROVE = "approve"  # decide about a quote above the discount ceiling of its author
_OPEN_CATALOGUE = frozenset({"tag"})  # everybody may coin a tag
_AGREED = frozenset({"customer_condition"})
_OF_ROLE: Mapping[str, Permissions] = {
    "rep": NONE,
    "inside_sales": frozenset({SEE_COST, APPROVE}),
    "admin": frozenset({SEE_COST, APPROVE}),
}


def permissions_of(role: str) -> Permissions:
    """The permissions of a role; none for a role nobody declared."""
    return _OF_ROLE.get(role, NONE)


def roles_with(permission: str) -> frozenset[str]:
    """The roles that bring a permission."""
    return frozenset(role for role, _, _ in ROLES if permission in permissions_of(role))


def may_write(entity: str, role: str) -> bool:
    """Whether a role writes this kind of record.

    Inside sales keeps the catalogue and the conditions of customers: a condition lowers a price before any discount
    ceiling is asked, so who sells does not write his own.
    """
    kept = entity in _AGREED or (entity_facts(entity).catalogue and entity not in _OPEN_CATALOGUE)
    return not kept or role in DESK_ROLES


def may_see(facts: Facts, permissions: Permissions) -> bool:
    """Whether a person with these permissions sees a field at all."""
    if facts.permission:
        return facts.permission in permissions
    return facts.privacy is not Privacy.CONFIDENTIAL


@cache
def offered_fields(entity: str, permissions: Permissions) -> Mapping[str, Facts]:
    """The fields of forms, filters, lists, import and export, in the order of the declaration."""
    return {name: facts for name, facts in field_facts(entity).items() if facts.form and may_see(facts, permissions)}


def seen_row(entity: str, row: Row, permissions: Permissions) -> Row:
    """A row without the fields a person with these permissions may not see."""
    facts = field_facts(entity)
    return {name: value for name, value in row.items() if name not in facts or may_see(facts[name], permissions)}
