"""When files move: the thread that moves them, without any file."""

import threading

from crm_desktop.errors import SessionError
from sync.file_worker import FileWorker

PATIENCE_S = 60


def test_the_worker_rests_while_records_are_synced() -> None:
    runs: list[str] = []
    ran = threading.Event()

    def run(worker: FileWorker) -> None:
        runs.append("run")
        ran.set()

    worker = FileWorker(run)
    worker.start()
    worker.wake()
    worker.line(online=True, busy=True)
    assert not ran.wait(0.2)
    worker.line(online=True, busy=False)
    assert ran.wait(PATIENCE_S)
    ran.clear()
    worker.line(online=False, busy=False)
    worker.wake()
    assert not ran.wait(0.2)
    worker.line(online=True, busy=False)
    assert ran.wait(PATIENCE_S)
    worker.stop()


def test_a_piece_waits_for_the_records() -> None:
    through = threading.Event()
    worker = FileWorker(lambda _worker: None)
    worker.line(online=True, busy=True)

    def piece() -> None:
        if worker.between():
            through.set()

    thread = threading.Thread(target=piece)
    thread.start()
    assert not through.wait(0.2)
    worker.line(online=True, busy=False)
    assert through.wait(PATIENCE_S)
    thread.join()
    worker.line(online=False, busy=False)
    assert not worker.between()


def test_what_failed_is_tried_again() -> None:
    errors: list[Exception] = [SessionError("offline", "", ""), ValueError("ours")]
    done = threading.Event()

    def run(worker: FileWorker) -> None:
        if errors:
            raise errors.pop()
        done.set()

    worker = FileWorker(run, retry_s=0.01)
    worker.start()
    worker.line(online=True, busy=False)
    assert done.wait(PATIENCE_S)
    worker.stop()
