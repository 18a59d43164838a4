"""Scopes: which laptops a record travels to. Pure functions of the record, its account and the user."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, confidential_fields, entity_facts, field_facts

CATALOGUE = "catalogue"
UNASSIGNED = "unassigned"
DESK_ROLES = frozenset({"inside_sales", "admin"})


def root_of(entity: str, row: Mapping[str, Any], record_id: str) -> tuple[str, str]:
    """One step up to the owning record, (entity, id); the record itself where it is a root."""
    for name in entity_facts(entity).parents:
        if row.get(name):
            return str(field_facts(entity)[name].ref), str(row[name])
    return entity, record_id


def account_of(entity: str, row: Mapping[str, Any]) -> str | None:
    """Id of the account whose scopes a root record takes, if it refers to one."""
    name = entity_facts(entity).account
    return row.get(name) if name else None


def above(entity: str, row: Mapping[str, Any], record_id: str) -> tuple[str, str] | None:
    """What a record takes its scopes from: what it hangs on or, of a root, the account it is about; None: nothing."""
    parent = root_of(entity, row, record_id)
    if parent != (entity, record_id):
        return parent
    account_id = account_of(entity, row)
    return ("account", str(account_id)) if account_id else None


def scopes_of(entity: str, row: Mapping[str, Any], record_id: str, account: Row | None = None) -> frozenset[str]:
    """Scopes of a root record. `account`: the row of `account_of`, None where there is none."""
    facts = entity_facts(entity)
    if facts.catalogue:
        return frozenset({CATALOGUE})
    if entity == "account":
        return _account_scopes(row)
    if entity == "conflict":
        # A value that needs a permission lies with those who keep it: whoever loses the permission loses it too.
        return frozenset({UNASSIGNED}) if _tells_confidential(row) else _users(row, ("mine_by", "owner_id"))
    if entity == "quarantine":
        # What is handed over lies with what nobody owns: the desk sees it.
        return _users(row, ("user_id", "owner_id")) | ({UNASSIGNED} if row.get("handed_at") else frozenset())
    if account is not None:
        return _account_scopes(account)
    return _users(row, (facts.owner, "created_by") if facts.owner else ("created_by",))


def _tells_confidential(conflict: Mapping[str, Any]) -> bool:
    entity = conflict["entity"]
    hidden = confidential_fields(entity) if entity in ENTITIES else ()
    return any(name in orjson.loads(conflict[side] or "{}") for name in hidden for side in ("before", "mine", "theirs"))


def _account_scopes(row: Mapping[str, Any]) -> frozenset[str]:
    scopes = {f"territory:{row['territory_id']}"} if row.get("territory_id") else set()
    if row.get("owner_id"):
        scopes.add(f"user:{row['owner_id']}")
    return frozenset(scopes or {UNASSIGNED})


def _users(row: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    scopes = frozenset(f"user:{row[name]}" for name in names if row.get(name))
    return scopes or frozenset({UNASSIGNED})


def user_scopes(user_id: str, territory_ids: Iterable[str], role: str) -> frozenset[str]:
    """What a user's devices may hold: the catalogue, his territories, what is his own, for the desk the rest."""
    scopes = {CATALOGUE, f"user:{user_id}", *(f"territory:{territory}" for territory in territory_ids)}
    if role in DESK_ROLES:
        scopes.add(UNASSIGNED)
    return frozenset(scopes)
