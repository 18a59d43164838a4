"""Moves the bytes of files of one profile: beside the background sync, or once at the end of a single one."""

import threading
from collections.abc import Callable

from crm_desktop.clock import Clock, stamp
from crm_desktop.store.client_store import ClientStore
from sync.bytes_first import BytesFirst
from sync.file_worker import FileWorker
from sync.files import FileMover
from sync.ports import Transport
from sync.status import SyncStatus
from sync.transport import HttpTransport


class FileSync:
    """Made by the app. Nothing of it runs, and no cryptography is loaded, before there is a file."""

    def __init__(self, store: ClientStore, connect: Callable[[], HttpTransport], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._connect = connect
        self._worker: FileWorker | None = None
        self._line: HttpTransport | None = None
        self._lock = threading.Lock()
        self._stopping = False

    def bytes_first(self, transport: HttpTransport) -> Transport:
        """The transport for records: bytes they name go before them."""
        return BytesFirst(transport, lambda: self._mover(transport, lambda: True), lambda: stamp(self._clock))

    def once(self, transport: HttpTransport) -> int:
        """Move all there is to move; returns how many contents. SessionError where the server is not reached."""
        return self._mover(transport, lambda: True).run() if self._store.has_files() else 0

    def start(self) -> None:
        """Move in the background from now on, as far as `status` says that there is a line."""
        self._worker = FileWorker(self._run)
        self._worker.start()

    def status(self, status: SyncStatus) -> None:
        """What the sync of records does: it goes first."""
        if self._worker is not None:
            self._worker.line(online=status.state in ("online", "syncing"), busy=status.state == "syncing")

    def wake(self) -> None:
        """Files or their records changed."""
        if self._worker is not None:
            self._worker.wake()

    def stop(self) -> None:
        """End it promptly: a request under way is cut, what it moved stays."""
        with self._lock:
            self._stopping = True
            if self._line is not None:
                self._line.close()
        if self._worker is not None:
            self._worker.stop()

    def _run(self, worker: FileWorker) -> None:
        if not self._store.has_files():
            return
        transport = self._connect()
        with self._lock:
            if self._stopping:
                transport.close()
                return
            self._line = transport
        try:
            transport.identify(self._store.sync_state().device_id)
            self._mover(transport, worker.between).run()
        finally:
            with self._lock:
                self._line = None
            transport.close()

    def _mover(self, transport: HttpTransport, between: Callable[[], bool]) -> FileMover:
        return FileMover(self._store.files, transport, lambda: self._store.sync_state().epoch, between)
