"""What changed for a device between its cursor and now: which rows, of which kind, and where a page may end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Connection, func, select

from server.storage.records import Key, batches, grouped
from server.storage.scope_sets import Scopes, numbers_of, sets_of, unindexed
from server.storage.tables import row_meta, scope_left, user_log
from server.storage.users import scopes_since
from sync.protocol import Cursor


@dataclass(slots=True)
class ChangedPart:
    """What is told of one commit."""

    put: list[Key] = field(default_factory=list)
    gone: list[list[str]] = field(default_factory=list)
    evict: list[list[str]] = field(default_factory=list)


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
            upto = self._cut(visible, limit)
        others = self._others(upto)
        if len(visible) + len(others) > limit:
            positions = sorted(
                [position for position, *_ in visible if position <= upto] + [position for position, *_ in others]
            )
            if len(positions) > limit:
                upto = self._boundary(positions, limit)
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
    def _boundary(positions: Sequence[int], limit: int) -> int:
        """The last position that fits whole; the first one where it alone is too long."""
        last = positions[limit - 1]
        if positions[limit] != last:
            return last
        before = [position for position in positions[:limit] if position < last]
        return before[-1] if before else last

    def _cut(self, visible: Sequence[tuple[int, str, str]], limit: int) -> int:
        return self._boundary([version for version, *_ in visible], limit)

    def _others(self, upto: int) -> list[tuple[int, Key, int, str]]:
        """(position, row, version, kind) of rows that left, or whose visibility changed by a grant or revoke."""
        asked, user_id = self._asked.seq, self._user_id
        left, log = scope_left.c, user_log.c
        held = sorted(scopes_since(self._connection, user_id, asked))
        positions: dict[Key, int] = {}
        for entity, record_id, seq in self._connection.execute(
            select(left.entity, left.id, func.min(left.seq))
            .where(left.scope.in_(held), left.seq > asked, left.seq <= upto)
            .group_by(left.entity, left.id)
        ):
            positions[entity, record_id] = seq
        granted: dict[Key, int] = {}
        if asked:
            for entity, record_id, first, seq in self._connection.execute(
                select(log.entity, log.id, func.min(log.seq), func.max(log.seq))
                .where(log.user_id == user_id, log.seq > asked, log.seq <= upto)
                .group_by(log.entity, log.id)
            ):
                granted[entity, record_id] = seq
                positions[entity, record_id] = min(first, positions.get((entity, record_id), first))
        result: list[tuple[int, Key, int, str]] = []
        for key, version, number, deleted in self._meta(positions):
            seen = number in self.sets and not deleted
            if not seen:
                # At its first departure: behind a page's end a later one may lie in a scope no longer looked at.
                result.append((positions[key], key, version, "gone" if deleted else "evict"))
            elif key in granted and version <= asked and self._with_granted:
                result.append((granted[key], key, version, "put"))
        return result

    def _meta(self, keys: Iterable[Key]) -> Iterable[tuple[Key, int, int, bool]]:
        m = row_meta.c
        for entity, ids in grouped(keys).items():
            for batch in batches(ids):
                for row in self._connection.execute(
                    select(m.id, m.row_ver, m.scope_set, m.deleted).where(m.entity == entity, m.id.in_(batch))
                ):
                    yield (entity, row.id), row.row_ver, row.scope_set, bool(row.deleted)

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
            if kind == "put":
                parts.setdefault((position, version), ChangedPart()).put.append(key)
            else:
                part = parts.setdefault((position, position), ChangedPart())
                (part.gone if kind == "gone" else part.evict).append(list(key))
        return [(position, version, parts[position, version]) for position, version in sorted(parts)]
