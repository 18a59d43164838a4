"""A laptop's process: a fresh profile, enrolled, then its first sync by the clock.

usage: python -m benchmarks.client FOLDER URL LOGIN PASSWORD WORD [pages], with CRM_PASSPHRASE set. With `pages` the
server's prepared parts are left alone.
"""

import json
import resource
import sys
import time
from pathlib import Path

from crm_desktop.errors import SessionError
from sync.driver import run_session
from sync.protocol.messages import Code
from ui.compose import open_profile


def first_sync(folder: Path, url: str, login: str, password: str, word: str, way: str = "") -> dict[str, float | int]:
    """Seconds until the record with `word` is found by search, rows, bytes received and sent, requests, memory.

    `memory` is that above idle, `peak` all of it.
    """
    app = open_profile(folder)
    try:
        app.enrol(url, login, password, "benchmark")
        line = app.connect()
        if way == "pages":
            line.snapshot = _none_prepared  # type: ignore[method-assign, assignment]
        idle = _resident()
        began = time.perf_counter()
        report = run_session(app.store, line, now=app.clock.now)
        hits = app.store.read(lambda reader: reader.search(word))
        took = time.perf_counter() - began
        traffic = line.traffic()
        line.close()
    finally:
        app.close()
    if report.error is not None:
        raise RuntimeError(f"the sync failed: {report.error}")
    if report.digest_ok is not True or len(hits) != 1:
        raise RuntimeError(f"digest {report.digest_ok}, found {len(hits)} times")
    return {
        "seconds": took,
        "rows": report.pulled,
        "bytes": traffic.bytes_in,
        "sent": traffic.bytes_out,
        "requests": traffic.requests,
        "memory": _peak() - idle,
        "peak": _peak(),
    }


def _none_prepared(_body: object) -> None:
    raise SessionError(Code.NOT_FOUND, "Nothing is prepared.")


def _resident() -> int:
    """Bytes of memory in use now."""
    return _of_status("VmRSS")


def _peak() -> int:
    """The most bytes of memory in use so far, of this program alone: ru_maxrss begins with those of its parent."""
    return _of_status("VmHWM")


def _of_status(name: str) -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(first_sync(Path(sys.argv[1]), *sys.argv[2:7])) + "\n")
