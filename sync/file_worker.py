"""When files move: on a thread of their own, while the server is there and no records are being synced."""

import logging
import threading
from collections.abc import Callable

from crm_desktop.errors import KnownError, SessionError

_log = logging.getLogger("crm.sync")


class FileWorker:
    """A thread that moves files while the server is there. `wake`, `pause` and `stop` from any thread."""

    def __init__(self, run: Callable[["FileWorker"], object], retry_s: float = 30.0) -> None:
        self._run = run
        self._retry_s = retry_s
        self._change = threading.Condition()
        self._wanted = False
        self._online = False
        self._busy = False
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="sync-files", daemon=True)

    def start(self) -> None:
        """Begin; nothing happens before the line is told to be there."""
        self._thread.start()

    def line(self, *, online: bool, busy: bool) -> None:
        """Whether the server is there, and whether records are being synced just now."""
        with self._change:
            if online and not self._online:
                self._wanted = True
            self._online, self._busy = online, busy
            self._change.notify_all()

    def wake(self) -> None:
        """There may be something to move."""
        with self._change:
            self._wanted = True
            self._change.notify_all()

    def between(self) -> bool:
        """Wait while records are being synced; False where the work has to stop."""
        with self._change:
            while self._busy and not self._stopping:
                self._change.wait()
            return self._online and not self._stopping

    def stop(self) -> None:
        """End the thread; its transport has to be closed by its owner before."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._stopping and not (self._wanted and self._online and not self._busy):
                    self._change.wait()
                if self._stopping:
                    return
                self._wanted = False
            try:
                self._run(self)
            except SessionError as error:
                self._later(error.code)
            except KnownError as error:  # a full disk: tried again later
                self._later(error.code)
            except Exception:
                _log.exception("moving files ended by an error of ours; tried again later")
                self._later("")

    def _later(self, code: str) -> None:
        _log.info("files rest: %s", code)
        with self._change:
            if not self._stopping:
                self._change.wait(self._retry_s)
            self._wanted = True
