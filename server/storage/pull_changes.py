"""What changed for a device between its cursor and now: which rows, of which kind, and where a page may end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    TableClause,
    and_,
    bindparam,
    not_,
    or_,
    select,
)

from server.storage.records import Key
from server.storage.scope_sets import Scopes, numbers_of, sets_of, unindexed
from server.storage.tables import row_meta, scope_left, scope_member, user_log
from server.storage.users import scopes_since
from sync.protocol import Cursor

# What leaves is an id, of which a page may hold more than of rows: so many weigh as much as one row.
DEPARTURES_A_ROW = 10
_ALL = 2**62


def _in_order(log: TableClause, whose: ColumnElement[bool], state: ColumnElement[bool]) -> Select[Any]:
    """(seq, entity, id, version, deleted) of the entries of a log about rows in a state, by rising seq."""
    c, m = log.c, row_meta.c
    return (
        select(c.seq, c.entity, c.id, m.row_ver, m.deleted)
        .join(row_meta, and_(m.entity == c.entity, m.id == c.id))
        .where(whose, c.seq > bindparam("asked"), c.seq <= bindparam("upto"), state)
        .order_by(c.seq)
        .limit(bindparam("most"))
    )


_SCOPES: BindParameter[Any] = bindparam("scopes", expanding=True)
_MINE = select(scope_member.c.set_id).where(scope_member.c.scope.in_(_SCOPES))
_SEEN = and_(row_meta.c.deleted.is_(False), row_meta.c.scope_set.in_(_MINE))
_UNSEEN = or_(row_meta.c.deleted.is_(True), not_(row_meta.c.scope_set.in_(_MINE)))
_HELD: BindParameter[Any] = bindparam("held", expanding=True)
_OF_USER = user_log.c.user_id == bindparam("user")
# Built once. Moved or deleted; revoked; granted.
_LEFT = _in_order(scope_left, scope_left.c.scope.in_(_HELD), _UNSEEN)
_REVOKED = _in_order(user_log, _OF_USER, _UNSEEN)
_GRANTED = _in_order(user_log, _OF_USER, and_(row_meta.c.row_ver <= bindparam("asked"), _SEEN))


@dataclass(slots=True)
class ChangedPart:
    """What is told of one commit."""

    put: list[Key] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)
    evict: list[Key] = field(default_factory=list)


class PullChanges:
    """Looks for changes up to commit `last`. `with_granted`: grants are told here too, not in a lane of their own."""

    def __init__(
        self, connection: Connection, user_id: str, scopes: Scopes, asked: Cursor, last: int, *, with_granted: bool
    ) -> None:
        self._connection = connection
        self._user_id = user_id
        self._scopes = scopes
        self._asked = asked
        self._last = last
        self._with_granted = with_granted

    def up_to_limit(self, limit: int) -> tuple[list[tuple[int, int, ChangedPart]], int]:
        """What is to be told up to a commit, and that commit."""
        visible = self._visible(limit)
        upto = self._last
        if len(visible) > limit:
            upto = self._fitting(Counter(version for version, *_ in visible), limit)
        others, upto = self._others(upto, limit * DEPARTURES_A_ROW)
        weights: Counter[int] = Counter()
        for version, *_ in visible:
            weights[version] += DEPARTURES_A_ROW
        for position, _, _, kind in others:
            weights[position] += DEPARTURES_A_ROW if kind == "put" else 1
        told = {position: weight for position, weight in weights.items() if position <= upto}
        if sum(told.values()) > limit * DEPARTURES_A_ROW:
            upto = self._fitting(told, limit * DEPARTURES_A_ROW)
        return self._parts(visible, others, upto), upto

    @cached_property
    def sets(self) -> dict[int, Scopes]:
        """The numbered lists that hold one of the device's scopes, cut down to what it may see of them."""
        return sets_of(self._connection, self._scopes)

    def _visible(self, limit: int) -> Sequence[tuple[int, str, str]]:
        """(version, entity, id) of the rows in scope past the cursor, at least one whole commit of them."""
        m = row_meta.c
        statement = select(m.row_ver, m.entity, m.id).where(
            m.deleted.is_(False), unindexed(m.scope_set).in_(numbers_of(self._scopes))
        )
        first = statement.where(m.row_ver > self._asked.seq).order_by(m.row_ver).limit(limit + 1)
        found = self._connection.execute(first).all()
        if len(found) > limit and found[0][0] == found[-1][0]:
            found = self._connection.execute(statement.where(m.row_ver == found[0][0])).all()
        return found

    @staticmethod
    def _fitting(weights: Mapping[int, int], limit: int) -> int:
        """The last position that fits whole; the first one where it alone is too long."""
        fitting = total = 0
        for position in sorted(weights):
            total += weights[position]
            if fitting and total > limit:
                break
            fitting = position
        return fitting

    def _others(self, upto: int, most: int) -> tuple[list[tuple[int, Key, int, str]], int]:
        """(position, row, version, kind) of rows that left, or whose visibility changed by a grant or revoke.

        And the commit up to which they are complete: where many left, not many more than `most` are read.
        """
        asked = self._asked.seq
        about = {
            "user": self._user_id,
            "held": sorted(scopes_since(self._connection, self._user_id, asked)),
            "scopes": sorted(self._scopes),
            "asked": asked,
        }
        result: dict[Key, tuple[int, Key, int, str]] = {}
        for statement in (_LEFT, _REVOKED) if asked else (_LEFT,):
            found, upto = self._whole_commits(statement, about, upto, most)
            for seq, entity, record_id, version, deleted in found:
                key = (entity, record_id)
                # At its first departure: behind a page's end a later one may lie in a scope no longer looked at. Under
                # its last version: a laptop may have a newer row than that of the first, by a prepared part.
                first, _, last, _ = result.get(key, (seq, key, version, ""))
                result[key] = (min(first, seq), key, max(last, seq), "gone" if deleted else "evict")
        if asked and self._with_granted:
            found, upto = self._whole_commits(_GRANTED, about, upto, most)
            for seq, entity, record_id, version, _ in found:
                result[entity, record_id] = (seq, (entity, record_id), version, "put")
        return list(result.values()), upto

    def _whole_commits(
        self, statement: Select[Any], about: Mapping[str, Any], upto: int, most: int
    ) -> tuple[Sequence[Any], int]:
        """Entries up to a commit, and that commit: about `most`, at least those of one commit."""
        found = self._connection.execute(statement, {**about, "upto": upto, "most": most + 1}).all()
        if len(found) <= most:
            return found, upto
        first, last = found[0].seq, found[-1].seq
        upto = last - 1 if first < last else last
        if first == last:
            found = self._connection.execute(statement, {**about, "upto": upto, "most": _ALL}).all()
        return [entry for entry in found if entry.seq <= upto], upto

    def _parts(
        self, visible: Sequence[tuple[int, str, str]], others: Sequence[tuple[int, Key, int, str]], upto: int
    ) -> list[tuple[int, int, ChangedPart]]:
        """(position, version listed under, content) in order of position."""
        parts: dict[tuple[int, int], ChangedPart] = {}
        for version, entity, record_id in visible:
            if version <= upto:
                parts.setdefault((version, version), ChangedPart()).put.append((entity, record_id))
        for position, key, version, kind in others:
            if position > upto:
                continue
            part = parts.setdefault((position, version if kind == "put" else min(version, upto)), ChangedPart())
            {"put": part.put, "gone": part.gone, "evict": part.evict}[kind].append(key)
        return [(position, version, parts[position, version]) for position, version in sorted(parts)]
