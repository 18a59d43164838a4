"""Distinct scope lists, numbered: a record names its list by number."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, select

from server.storage.tables import scope_member, scope_set, user_scope

Scopes = frozenset[str]
NOWHERE: Scopes = frozenset()
# Built once: every pull asks it.
_SCOPES_NOW = select(user_scope.c.scope).where(
    user_scope.c.user_id == bindparam("user"), user_scope.c.until_seq.is_(None)
)


class ScopeSets:
    """The lists as one transaction sees them. New lists are written at once, under the writer lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._by_scopes: dict[Scopes, int] = {}
        self._by_number: dict[int, Scopes] = {}

    def number(self, scopes: Scopes) -> int:
        """Number of a list, which is made when nobody had it before."""
        found = self._by_scopes.get(scopes)
        if found is None:
            text = orjson.dumps(sorted(scopes)).decode()
            found = self._connection.scalar(select(scope_set.c.id).where(scope_set.c.scopes == text))
            if found is None:
                found = self._insert(scopes, text)
            self._remember(found, scopes)
        return found

    def scopes(self, number: int) -> Scopes:
        """The list of a number."""
        if number not in self._by_number:
            text = self._connection.scalar(select(scope_set.c.scopes).where(scope_set.c.id == number))
            self._remember(number, frozenset(orjson.loads(text or "[]")))
        return self._by_number[number]

    def _insert(self, scopes: Scopes, text: str) -> int:
        number = int(self._connection.scalar(select(func.coalesce(func.max(scope_set.c.id), 0))) or 0) + 1
        self._connection.execute(insert(scope_set).values(id=number, scopes=text))
        if scopes:
            self._connection.execute(
                insert(scope_member), [{"scope": scope, "set_id": number} for scope in sorted(scopes)]
            )
        return number

    def _remember(self, number: int, scopes: Scopes) -> None:
        self._by_scopes[scopes] = number
        self._by_number[number] = scopes


def sets_of(connection: Connection, scopes: Iterable[str]) -> dict[int, Scopes]:
    """Numbered lists that share a scope with `scopes`, each cut down to what is shared."""
    wanted = frozenset(scopes)
    member = scope_member
    found: dict[int, set[str]] = {}
    for scope, number in connection.execute(
        select(member.c.scope, member.c.set_id).where(member.c.scope.in_(sorted(wanted)))
    ):
        found.setdefault(number, set()).add(scope)
    return {number: frozenset(shared) for number, shared in found.items()}


def numbers_of(scopes: Scopes) -> Select[Any]:
    """Statement: numbers of the lists that hold one of the scopes."""
    return select(scope_member.c.set_id).where(scope_member.c.scope.in_(sorted(scopes)))


def unindexed(number: ColumnElement[int]) -> ColumnElement[int]:
    """A column no index is taken for: SQLite would else read and sort all of a user's rows for every page."""
    return number + 0


def scopes_now(connection: Connection, user_id: str) -> frozenset[str]:
    """Scopes of a user in force."""
    return frozenset(connection.execute(_SCOPES_NOW, {"user": user_id}).scalars())
