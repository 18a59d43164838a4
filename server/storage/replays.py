"""Counts what devices send again after the server's history began anew, by how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from crm_desktop.model.operations import Transaction
from server.storage.tables import device, replay_count, sync_state, user_account
from sync.protocol import OpResult, Outcome


def _name(result: OpResult) -> str:
    """The outcome; a refusal by its reason."""
    if result.outcome is Outcome.QUARANTINED and result.detail:
        return str(result.detail["code"])
    return result.outcome.value


class ReplayCount:
    """Counters of one push. Only operations written in an earlier history count."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._changes: dict[tuple[str, str], int] = {}

    def count(self, device_id: str, txn: Transaction, results: Sequence[OpResult]) -> None:
        """The operations of a transaction ended so."""
        self._add(device_id, txn, {result.op_id: _name(result) for result in results}, 1)

    def healed(self, device_id: str, txn: Transaction, results: Sequence[OpResult], refused: str) -> None:
        """A transaction that had been refused was carried out after all."""
        self._add(device_id, txn, dict.fromkeys((op.op_id for op in txn.ops), refused), -1)
        self.count(device_id, txn, results)

    def _add(self, device_id: str, txn: Transaction, names: dict[str, str], step: int) -> None:
        for op in txn.ops:
            if op.base_epoch and op.base_epoch != self._epoch and op.op_id in names:
                key = (device_id, names[op.op_id])
                self._changes[key] = self._changes.get(key, 0) + step

    def save(self, connection: Connection) -> None:
        """Add the counters to those of the epoch."""
        c = replay_count.c
        for (device_id, outcome), step in sorted(self._changes.items()):
            where = (c.epoch == self._epoch, c.device_id == device_id, c.outcome == outcome)
            before = connection.scalar(select(c.operations).where(*where))
            if before is None:
                connection.execute(
                    insert(replay_count).values(
                        epoch=self._epoch, device_id=device_id, outcome=outcome, operations=step
                    )
                )
            else:
                connection.execute(update(replay_count).where(*where).values(operations=before + step))


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """How many operations of a laptop ended so since the present history began."""

    kind: str
    operations: int
    device: str
    login: str


def report(connection: Connection) -> list[ReplayLine]:
    """What laptops sent again in the present history, by how it ended."""
    c, d, u = replay_count.c, device.c, user_account.c
    statement = (
        select(c.outcome, c.operations, d.code, u.login)
        .join(device, d.device_id == c.device_id)
        .join(user_account, u.user_id == d.user_id)
        .where(c.epoch == select(sync_state.c.epoch).scalar_subquery(), c.operations != 0)
        .order_by(c.outcome, d.code)
    )
    return [ReplayLine(row.outcome, row.operations, row.code, row.login) for row in connection.execute(statement)]
