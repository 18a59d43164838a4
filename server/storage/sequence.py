"""The dense sequence of a device: what was carried out before, what comes next, and where it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from crm_desktop.model.operations import Transaction
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.tables import txn_result
from sync.protocol import TxnResult


@dataclass
class SequenceError(Exception):
    """The device's sequence does not fit: `fork` (another txn_id under a known number) or a gap."""

    fork: bool
    expected: int


def stored_results(commit: Commit, device: Device, txns: Sequence[Transaction]) -> dict[int, TxnResult]:
    """Outcomes of those transactions that were carried out before. SequenceError where the sequence breaks."""
    expected = device.last_client_seq + 1
    found: dict[int, TxnResult] = {}
    c = txn_result.c
    for txn in txns:
        if txn.client_seq < expected and txn.client_seq <= device.last_client_seq:
            stored = commit.connection.execute(
                select(c.txn_id, c.outcome).where(c.device_id == device.device_id, c.client_seq == txn.client_seq)
            ).one_or_none()
            if stored is None or stored.txn_id != txn.txn_id:
                raise SequenceError(fork=True, expected=device.last_client_seq + 1)
            found[txn.client_seq] = TxnResult.model_validate_json(stored.outcome)
        elif txn.client_seq == expected:
            expected += 1
        else:
            raise SequenceError(fork=False, expected=device.last_client_seq + 1)
    return found
