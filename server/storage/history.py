"""Whether a cursor is of this history, and the cursors the server gives out.

Up to the floor the log is cut off. Somebody who reads from the start passes through that part nevertheless: he
misses no departure, because he began after the cut. His cursors there name the floor instead of their commit.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from server.storage.tables import commit, sync_state
from sync.protocol import Cursor

# Built once: every request asks them.
_STATE = select(sync_state.c.epoch, sync_state.c.last_seq, sync_state.c.floor_seq, sync_state.c.floor_commit)
_COMMIT_ID = select(commit.c.commit_id).where(commit.c.seq == bindparam("number"))


@dataclass
class HistoryError(Exception):
    """The cursor is not of this history: `epoch` is another one or the commit is unknown."""

    epoch: str


@dataclass
class CursorExpired(Exception):
    """The cursor lies before what the log still holds: everything has to be read anew."""

    epoch: str


def check_cursor(connection: Connection, epoch: str, cursor: Cursor) -> int:
    """The newest commit's number. HistoryError where the cursor is of another history, CursorExpired: too old."""
    state = _state(connection)
    if epoch != state.epoch:
        raise HistoryError(state.epoch)
    if cursor.seq and cursor.seq <= state.floor_seq:
        if cursor.commit_id != _passing(state) and (cursor.seq, cursor.commit_id) != _floor(state):
            raise CursorExpired(state.epoch)
    elif cursor.seq and cursor.commit_id != _commit_id(connection, cursor.seq):
        raise HistoryError(state.epoch)
    return int(state.last_seq)


def cursor_at(connection: Connection, seq: int) -> Cursor:
    """The cursor of somebody who has read everything up to `seq`, beginning at 0 where that lies below the floor."""
    state = _state(connection)
    if 0 < seq <= state.floor_seq:
        return Cursor(seq=seq, commit_id=_passing(state))
    return Cursor(seq=seq, commit_id=_commit_id(connection, seq) or "")


@dataclass(frozen=True, slots=True)
class _State:
    epoch: str
    last_seq: int
    floor_seq: int
    floor_commit: str


def _state(connection: Connection) -> _State:
    return _State(*connection.execute(_STATE).one())


def _commit_id(connection: Connection, seq: int) -> str | None:
    return connection.scalar(_COMMIT_ID, {"number": seq})


def _floor(state: _State) -> tuple[int, str]:
    return state.floor_seq, state.floor_commit


def _passing(state: _State) -> str:
    return f"{state.floor_commit}@{state.floor_seq}"
