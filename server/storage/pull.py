"""The difference between a device's cursor and now, as far as its user may see it.

Each row once, at its newest version; its kind (put, gone, evict) is decided by its scopes now. Everything is
read from one snapshot. A row that became visible by a grant is listed under its own, older version.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import orjson
from sqlalchemy import BindParameter, ColumnElement, Connection, Result, Select, and_, bindparam, func, select

from crm_desktop.model.wire import column_decoders, columns
from server.storage.devices import Device
from server.storage.history import check_cursor, cursor_at
from server.storage.records import Key, batches, confidential_fields, entity_table
from server.storage.scope_sets import Scopes, sets_of
from server.storage.tables import commit, row_meta, scope_left, scope_member, scope_sum, user_log
from server.storage.users import SEES_COST, scopes_now, scopes_since
from sync.protocol import Cursor

# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it, and a pull asks for little else.
_SCOPES: BindParameter[Any] = bindparam("scopes", expanding=True)
_GRANTED = (
    select(user_log.c.seq)
    .join(row_meta, and_(row_meta.c.entity == user_log.c.entity, row_meta.c.id == user_log.c.id))
    .where(
        user_log.c.user_id == bindparam("user"),
        user_log.c.seq > bindparam("after"),
        row_meta.c.deleted.is_(False),
        row_meta.c.scope_set.in_(select(scope_member.c.set_id).where(scope_member.c.scope.in_(_SCOPES))),
    )
    .limit(1)
)
_SUMS = select(scope_sum.c.scope, scope_sum.c.full_sum, scope_sum.c.public_sum).where(scope_sum.c.scope.in_(_SCOPES))
_OWN = (
    select(commit.c.seq)
    .where(
        commit.c.seq > bindparam("after"),
        commit.c.seq <= bindparam("upto"),
        commit.c.device_id == bindparam("device"),
    )
    .limit(1)
)


@dataclass(slots=True)
class Page:
    """A page ready to be sent. `rows` counts entries; `own` says that a commit of the device itself is in it."""

    body: bytes
    rows: int
    cursor: Cursor
    more: bool
    own: bool


@dataclass(slots=True)
class _Part:
    """What is told of one commit."""

    put: list[Key] = field(default_factory=list)
    gone: list[list[str]] = field(default_factory=list)
    evict: list[list[str]] = field(default_factory=list)


def build_page(
    connection: Connection,
    device: Device,
    epoch: str,
    cursor: Cursor,
    limit: int,
    max_bytes: int,
    *,
    sums: bool = True,
    backfill: int | None = None,
) -> Page:
    """The next page after `cursor`, the last one with the sums of the scopes.

    With `backfill` what was granted after that commit is left to `backfill_page`, and the sums to the time after it.

    HistoryError, CursorExpired where the cursor does not belong here.
    """
    return PageBuilder(connection, device, epoch, cursor, backfill).build(limit, max_bytes, sums)


def backfill_page(connection: Connection, device: Device, epoch: str, cursor: Cursor, after: int) -> bytes:
    """What the next grant after commit `after` made visible, as it is now: the rows of one commit of the feed.

    `backfill` in it is where the next question goes on. HistoryError, CursorExpired as for a page.
    """
    builder = PageBuilder(connection, device, epoch, cursor)
    log, m = user_log.c, row_meta.c
    mine = sets_of(connection, scopes_now(connection, device.user_id))
    feed = select(log.seq, m.entity, m.id, m.row_ver, m.scope_set, m.deleted).join(
        row_meta, and_(m.entity == log.entity, m.id == log.id)
    )
    while True:
        of_user = (log.user_id == device.user_id, log.seq > after)
        step = connection.scalar(select(func.min(log.seq)).where(*of_user))
        if step is None:
            return builder.listing({}, {"backfill": after})
        after = step
        rows = connection.execute(feed.where(log.user_id == device.user_id, log.seq == step))
        keys = {(row.entity, row.id): row.row_ver for row in rows if row.scope_set in mine and not row.deleted}
        if keys:
            return builder.listing(keys, {"backfill": after})


class PageBuilder:
    """Pages for one device from one snapshot of the database."""

    def __init__(
        self, connection: Connection, device: Device, epoch: str, cursor: Cursor, backfill: int | None = None
    ) -> None:
        self._connection = connection
        self._device = device
        self._epoch = epoch
        self._asked = cursor
        self._backfill = backfill
        self._last = check_cursor(connection, epoch, cursor)
        self._scopes = scopes_now(connection, device.user_id)
        self._full = device.role in SEES_COST
        self._numbers: dict[Scopes, int] = {}

    def build(self, limit: int, max_bytes: int, sums: bool) -> Page:
        """Collect what changed, cut it at a commit, write it as JSON."""
        if self._asked.seq == self._last:  # as nearly every pull: nothing was committed since
            parts: list[tuple[int, int, _Part]] = []
            upto = self._last
        else:
            parts, upto = self._changed(limit)
        written, rows, upto = self._write(parts, upto, max_bytes)
        more = upto < self._last
        reached = self._cursor(upto)
        waiting = not more and self._granted()
        digest = self._digest() if sums and not more and not waiting else None
        body = orjson.dumps(
            {
                "epoch": self._epoch,
                "asked": self._asked.model_dump(),
                "cursor": reached.model_dump(),
                "more": more,
                **({"scopes": sorted(self._scopes)} if digest is None else {}),  # else the digest names them
                "scope_sets": [sorted(scopes) for scopes in self._numbers],
                "commits": written,
                "digest": digest,
                **({"backfill": True} if waiting else {}),
            }
        )
        return Page(body, rows, reached, more, self._own(upto))

    def listing(self, keys: Mapping[Key, int], more: Mapping[str, Any]) -> bytes:
        """Some rows (with their versions) in the form of a page, whatever the cursor has seen of them."""
        parts: dict[int, _Part] = {}
        for key, version in keys.items():
            parts.setdefault(version, _Part()).put.append(key)
        listed = [(version, version, part) for version, part in sorted(parts.items())]
        written, _, _ = self._write(listed, self._last, 2**62)
        return orjson.dumps(
            {
                "epoch": self._epoch,
                "asked": self._asked.model_dump(),
                "cursor": self._cursor(self._last).model_dump(),
                "scopes": sorted(self._scopes),
                "scope_sets": [sorted(scopes) for scopes in self._numbers],
                "commits": written,
                **more,
            }
        )

    # -- what changed ---------------------------------------------------------------------------------

    def _changed(self, limit: int) -> tuple[list[tuple[int, int, _Part]], int]:
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
    def _sets(self) -> dict[int, Scopes]:
        """The numbered lists that hold one of the device's scopes, cut down to what it may see of them."""
        return sets_of(self._connection, self._scopes)

    def _visible(self, limit: int) -> Sequence[tuple[int, str, str]]:
        """(version, entity, id) of the rows in scope past the cursor, at least one whole commit of them."""
        m = row_meta.c
        statement = select(m.row_ver, m.entity, m.id).where(
            m.deleted.is_(False), _unindexed(m.scope_set).in_(_numbers(self._scopes))
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
        asked, user_id = self._asked.seq, self._device.user_id
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
            seen = number in self._sets and not deleted
            if not seen:
                # At its first departure: behind a page's end a later one may lie in a scope no longer looked at.
                result.append((positions[key], key, version, "gone" if deleted else "evict"))
            elif key in granted and version <= asked and self._backfill is None:
                result.append((granted[key], key, version, "put"))
        return result

    def _granted(self) -> bool:
        """Whether something visible was granted that the device has not fetched yet in its own lane."""
        if self._backfill is None:
            return False
        told = {"user": self._device.user_id, "after": self._backfill, "scopes": sorted(self._scopes)}
        return self._connection.scalar(_GRANTED, told) is not None

    def _meta(self, keys: Iterable[Key]) -> Iterable[tuple[Key, int, int, bool]]:
        by_entity: dict[str, list[str]] = {}
        for entity, record_id in keys:
            by_entity.setdefault(entity, []).append(record_id)
        m = row_meta.c
        for entity, ids in by_entity.items():
            for batch in batches(ids):
                for row in self._connection.execute(
                    select(m.id, m.row_ver, m.scope_set, m.deleted).where(m.entity == entity, m.id.in_(batch))
                ):
                    yield (entity, row.id), row.row_ver, row.scope_set, bool(row.deleted)

    def _parts(
        self, visible: Sequence[tuple[int, str, str]], others: Sequence[tuple[int, Key, int, str]], upto: int
    ) -> list[tuple[int, int, _Part]]:
        """(position, version listed under, content) in order of position."""
        parts: dict[tuple[int, int], _Part] = {}
        for version, entity, record_id in visible:
            if version <= upto:
                parts.setdefault((version, version), _Part()).put.append((entity, record_id))
        for position, key, version, kind in others:
            if position > upto:
                continue
            if kind == "put":
                parts.setdefault((position, version), _Part()).put.append(key)
            else:
                part = parts.setdefault((position, position), _Part())
                (part.gone if kind == "gone" else part.evict).append(list(key))
        return [(position, version, parts[position, version]) for position, version in sorted(parts)]

    # -- writing --------------------------------------------------------------------------------------

    def _write(
        self, parts: Sequence[tuple[int, int, _Part]], upto: int, max_bytes: int
    ) -> tuple[list[orjson.Fragment], int, int]:
        rows = self._rows(parts, upto)
        written: list[orjson.Fragment] = []
        size = count = 0
        reached = 0
        for index, (position, version, part) in enumerate(parts):
            tables = [
                {"e": entity, "cols": columns(entity), "rows": [self._finished(rows[entity, i]) for i in ids]}
                for entity, ids in _grouped(part.put).items()
            ]
            text = orjson.dumps({"seq": version, "put": tables, "gone": part.gone, "evict": part.evict})
            if written and size + len(text) > max_bytes and position > reached:
                # Only a whole position may be left for the next page.
                return written, count, reached
            written.append(orjson.Fragment(text))
            size += len(text)
            count += len(part.put) + len(part.gone) + len(part.evict)
            reached = position if index + 1 < len(parts) else upto
        return written, count, upto

    def _finished(self, item: tuple[list[Any], int]) -> list[Any]:
        """The row with its scope list named by a number of this page (given on first use)."""
        values, scope_set = item
        scopes = self._sets[scope_set]
        values[2] = self._numbers.setdefault(scopes, len(self._numbers))
        return values

    def _rows(self, parts: Iterable[tuple[int, int, _Part]], upto: int) -> dict[Key, tuple[list[Any], int]]:
        """[id, root, -, values...] and scope list of all rows to be put, read entity by entity."""
        by_entity: dict[str, list[str]] = {}
        for _, _, part in parts:
            for entity, record_id in part.put:
                by_entity.setdefault(entity, []).append(record_id)
        rows: dict[Key, tuple[list[Any], int]] = {}
        for entity, ids in by_entity.items():
            span = {"kind": entity, "after": self._asked.seq, "upto": upto}
            self._decode(entity, self._connection.execute(_range_statement(entity, self._scopes), span), rows)
            granted = [record_id for record_id in ids if (entity, record_id) not in rows]
            for batch in batches(granted):
                found = self._connection.execute(_row_statement(entity), {"ids": batch, "kind": entity})
                self._decode(entity, found, rows)
        return rows

    def _decode(self, entity: str, found: Result[Any], rows: dict[Key, tuple[list[Any], int]]) -> None:
        decoders = [(index + 3, decode) for index, decode in column_decoders(entity)]
        hidden = [] if self._full else [columns(entity).index(n) + 3 for n in confidential_fields(entity)]
        for row in found.all():
            values = list(row)
            for index, decode in decoders:
                values[index] = decode(values[index])
            for index in hidden:
                values[index] = None
            rows[entity, values[0]] = (values, values[2])

    def _digest(self) -> dict[str, str]:
        rows = self._connection.execute(_SUMS, {"scopes": sorted(self._scopes)})
        found: Mapping[str, int] = {scope: full if self._full else public for scope, full, public in rows}
        return {scope: f"{found.get(scope, 0) & (2**64 - 1):016x}" for scope in sorted(self._scopes)}

    def _cursor(self, seq: int) -> Cursor:
        if seq == self._asked.seq:
            return self._asked
        return cursor_at(self._connection, seq)

    def _own(self, upto: int) -> bool:
        if upto == self._asked.seq:
            return False
        told = {"after": self._asked.seq, "upto": upto, "device": self._device.device_id}
        return self._connection.scalar(_OWN, told) is not None


def _grouped(keys: Iterable[Key]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for entity, record_id in keys:
        result.setdefault(entity, []).append(record_id)
    return result


def _numbers(scopes: Scopes) -> Select[Any]:
    """Numbers of the lists that hold one of the scopes."""
    return select(scope_member.c.set_id).where(scope_member.c.scope.in_(sorted(scopes)))


def _unindexed(number: ColumnElement[int]) -> ColumnElement[int]:
    """A column no index is taken for: SQLite would else read and sort all of a user's rows for every page."""
    return number + 0


def _rows_of(entity: str, kind: ColumnElement[str]) -> Select[Any]:
    """Id, root, scope list and all columns of an entity's rows; `kind` is the entity in their meta row."""
    source = entity_table(entity)
    return select(source.c.id, row_meta.c.root_id, row_meta.c.scope_set, *(source.c[n] for n in columns(entity))).join(
        row_meta, and_(kind == bindparam("kind"), row_meta.c.id == source.c.id)
    )


@cache
def _row_statement(entity: str) -> Select[Any]:
    """Rows by id."""
    return _rows_of(entity, row_meta.c.entity).where(entity_table(entity).c.id.in_(bindparam("ids", expanding=True)))


def _range_statement(entity: str, scopes: Scopes) -> Select[Any]:
    """Rows in scope whose version lies in the range, read by the index on versions."""
    m = row_meta.c
    # The key (entity, id) would serve the join and read every row of the entity for every page.
    return _rows_of(entity, func.coalesce(m.entity, "")).where(
        m.row_ver > bindparam("after"),
        m.row_ver <= bindparam("upto"),
        _unindexed(m.scope_set).in_(_numbers(scopes)),
    )
