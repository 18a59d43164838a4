"""What the server does to its database: push and pull of a device, a new history, erasing."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from crm_desktop.errors import KnownError
from crm_desktop.ids import new_id
from crm_desktop.model.operations import Transaction
from server.storage import devices, prepared_folder
from server.storage.blobs import contents_of
from server.storage.database import Busy, Database
from server.storage.engine import refuses_content, write_anew
from server.storage.erasure import erase
from server.storage.history import CursorExpired, HistoryError, check_cursor
from server.storage.pull import Page, build_page
from server.storage.push import Pusher
from server.storage.sequence import SequenceError, stored_results
from server.storage.tables import number_series, sync_state, txn_failure
from sync.protocol import Cursor, TxnResult


class TransactionFailed(Exception):
    """A transaction met a fault of ours; nothing was kept and the device may send it again."""


class _NothingNew(Exception):
    """Everything sent was carried out before: the counter goes back, the stored outcomes are the answer."""

    def __init__(self, stored: dict[int, TxnResult], last: int) -> None:
        super().__init__()
        self.stored = stored
        self.last = last


class Storage(Database):
    """One company's database with everything the server does to it. Safe to use from several threads."""

    def push(
        self, device: devices.Device, epoch: str, txns: Sequence[Transaction], cursor: Cursor | None = None
    ) -> tuple[list[TxnResult], int]:
        """Carry out a device's transactions: (results, last client_seq). `cursor`: where the device stands.

        Raises SequenceError, HistoryError, Busy, KnownError device_revoked, and TransactionFailed for a fault of ours.
        """
        running: list[Pusher] = []
        try:
            return self._push(device, epoch, txns, cursor, running)
        except (KnownError, SequenceError, HistoryError, Busy, _NothingNew):
            raise
        except Exception as error:
            if not running or (isinstance(error, DBAPIError) and not refuses_content(error)):
                raise
            failed = running[0].current
            if failed is None and len(txns) > 1:
                # It showed when all was written together. One after the other tells which it is.
                answers = [self.push(device, epoch, [txn], cursor) for txn in txns]
                return [result for results, _ in answers for result in results], answers[-1][1]
            self._count_failure(device.device_id, failed or txns[0])
            raise TransactionFailed from error

    def _push(
        self,
        device: devices.Device,
        epoch: str,
        txns: Sequence[Transaction],
        cursor: Cursor | None,
        running: list[Pusher],
    ) -> tuple[list[TxnResult], int]:
        try:
            with self.write(device.device_id, device.user_id) as commit:
                # What was written on another history must not meet this one by version numbers.
                with suppress(CursorExpired):
                    check_cursor(commit.connection, epoch, cursor or Cursor())
                current = devices.reread(commit.connection, device)
                stored = stored_results(commit, current, txns)
                fresh = [txn for txn in txns if txn.client_seq not in stored]
                if not fresh:
                    raise _NothingNew(stored, current.last_client_seq)
                pusher = Pusher(commit, current, self.settings, self.blobs)
                running.append(pusher)
                pusher.prepare(fresh)
                for txn in fresh:
                    pusher.execute(txn)
                commit.flush()
                results = pusher.finish()
        except _NothingNew as nothing:
            return [nothing.stored[txn.client_seq] for txn in txns], nothing.last
        stored |= {result.client_seq: result for result in results}
        return [stored[txn.client_seq] for txn in txns], results[-1].client_seq

    def _count_failure(self, device_id: str, txn: Transaction) -> None:
        """At the third failure the transaction is quarantined instead of blocking the device for ever."""
        c = txn_failure.c
        where = (c.device_id == device_id, c.client_seq == txn.client_seq)
        with self.plain_write() as connection:
            known = connection.execute(select(c.txn_id, c.failures).where(*where)).one_or_none()
            failures = known.failures + 1 if known is not None and known.txn_id == txn.txn_id else 1
            connection.execute(delete(txn_failure).where(*where))
            connection.execute(
                insert(txn_failure).values(
                    device_id=device_id, client_seq=txn.client_seq, txn_id=txn.txn_id, failures=failures
                )
            )

    def pull(
        self,
        device: devices.Device,
        epoch: str,
        cursor: Cursor,
        limit: int,
        *,
        sums: bool = True,
        backfill: int | None = None,
    ) -> Page:
        """The next page for a device; see `build_page`. HistoryError: its cursor is not of this history."""
        most = self.settings.limits
        rows = max(1, min(limit, most.page_rows * most.catch_up))
        most_bytes = most.page_bytes * -(-rows // most.page_rows)
        with self.read() as connection:
            return build_page(connection, device, epoch, cursor, rows, most_bytes, sums=sums, backfill=backfill)

    def new_epoch(self, seen_epoch: str) -> str:
        """Start a new history after a restore was noticed; one of several who notice does it. Returns the epoch.

        What was erased is erased again before anybody may send anything into the new history.
        """
        self.erase_again()
        with self.plain_write() as connection:
            current = str(connection.scalar(select(sync_state.c.epoch)))
            if current != seen_epoch:
                return current
            epoch = new_id()
            connection.execute(update(sync_state).values(epoch=epoch, epoch_seq=sync_state.c.last_seq))
            jump = self.settings.epoch_number_jump
            connection.execute(update(number_series).values(next_value=number_series.c.next_value + jump))
            return epoch

    def erase(self, entity: str, record_id: str) -> int:
        """Erase a record with all that hangs on it, here and on every laptop. Returns how many records went."""
        with self.write(actor="admin", journal=False) as commit:
            gone = erase(commit, [(entity, record_id)])
            contents = contents_of(commit, gone)
            if self.journal is not None:
                # Before the erasure is valid, so that no backup brings back what was erased; under the writer lock,
                # so that nobody appends to a file that is being replaced.
                self.journal.note_erasures(gone, commit.at)
                self.journal.scrub(self.journal.erasures())
        self.blobs.remove_unreferred(self.plain_write, contents)
        prepared_folder.remove(self.blobs.folder)
        write_anew(self.engine)
        return len(gone)

    def erase_again(self) -> int:
        """Erase what a restored backup still holds of what was erased since. Returns how many records that were."""
        listed = [] if self.journal is None else self.journal.erasures()
        if not listed:
            return 0
        with self.write(actor="admin", journal=False) as commit:
            gone = erase(commit, listed)
            contents = contents_of(commit, gone)
        self.blobs.remove_unreferred(self.plain_write, contents)
        prepared_folder.remove(self.blobs.folder)
        if gone:  # every laptop that notices the new history comes by here
            write_anew(self.engine)
        return len(gone)
