"""The difference between a device's cursor and now, as far as its user may see it.

Each row once, at its newest version; its kind (put, gone, evict) is decided by its scopes now. Everything is
read from one snapshot. A row that became visible by a grant is listed under its own, older version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BindParameter, Connection, and_, bindparam, func, select

from crm_desktop.model.wire import columns
from server.storage.devices import Device
from server.storage.history import check_cursor, cursor_at
from server.storage.pull_changes import ChangedPart, PullChanges
from server.storage.pull_rows import PullRows
from server.storage.records import Key, grouped
from server.storage.scope_sets import Scopes, scopes_now, sets_of
from server.storage.tables import commit, row_meta, scope_member, scope_sum, user_log
from server.storage.users import SEES_COST
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
        self._rows = PullRows(connection, self._scopes, cursor.seq, full=self._full)
        self._changes = PullChanges(
            connection, device.user_id, self._scopes, cursor, self._last, with_granted=backfill is None
        )

    def build(self, limit: int, max_bytes: int, sums: bool) -> Page:
        """Collect what changed, cut it at a commit, write it as JSON."""
        if self._asked.seq == self._last:  # as nearly every pull: nothing was committed since
            parts: list[tuple[int, int, ChangedPart]] = []
            upto = self._last
        else:
            parts, upto = self._changes.up_to_limit(limit)
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
        parts: dict[int, ChangedPart] = {}
        for key, version in keys.items():
            parts.setdefault(version, ChangedPart()).put.append(key)
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

    def _granted(self) -> bool:
        """Whether something visible was granted that the device has not fetched yet in its own lane."""
        if self._backfill is None:
            return False
        told = {"user": self._device.user_id, "after": self._backfill, "scopes": sorted(self._scopes)}
        return self._connection.scalar(_GRANTED, told) is not None

    # -- writing --------------------------------------------------------------------------------------

    def _write(
        self, parts: Sequence[tuple[int, int, ChangedPart]], upto: int, max_bytes: int
    ) -> tuple[list[orjson.Fragment], int, int]:
        rows = self._rows.read((key for _, _, part in parts for key in part.put), upto)
        written: list[orjson.Fragment] = []
        size = count = 0
        reached = 0
        for index, (position, version, part) in enumerate(parts):
            tables = [
                {"e": entity, "cols": columns(entity), "rows": [self._finished(rows[entity, i]) for i in ids]}
                for entity, ids in grouped(part.put).items()
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
        scopes = self._changes.sets[scope_set]
        values[2] = self._numbers.setdefault(scopes, len(self._numbers))
        return values

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
