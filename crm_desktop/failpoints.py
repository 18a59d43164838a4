"""Places where a process can be told to die, so that a test can prove that nothing is lost there.

`CRM_FAIL=name:n` kills this process at the n-th pass of the point `name` by SIGKILL: no clean-up runs, as in a power
cut or by the out-of-memory killer. Without the variable a point costs one comparison.
"""

import os
import signal
import threading

VARIABLE = "CRM_FAIL"

POINTS = {
    "C1-before": "a local save, before its commit",
    "C1-after": "a local save, committed and not yet told",
    "C2": "changes marked as sent, before the first byte of the push",
    "C3": "between the parts of a request",
    "C4": "the server holds the commit counter and has written nothing",
    "C5": "the server has written everything and not committed",
    "C6": "the server has committed and not answered",
    "C7": "an answer half received",
    "C8-server": "the server has stored the outcomes, the device's position not yet",
    "C8-before": "outcomes received, before their commit here",
    "C8-after": "outcomes committed here and not yet told",
    "C9": "a page received and nothing of it applied",
    "C10": "the rows of a page written, its cursor not",
    "C11": "a page committed and not yet told",
    "C12-part": "rows of a prepared part written, before their commit",
    "C12-last": "all prepared parts are in, the cursor is still at the start",
    "C12-staged": "a new file for everything read anew is whole, the old one is not marked",
    "C12-marked": "the old file is marked, the new one not in its place",
    "C13-written": "the bytes of a file written, not flushed, nothing says that they are there",
    "C13-renamed": "the bytes of a file under their name, nothing says that they are there",
    "C14-copied": "the copy before a schema migration is made",
    "C14-before": "a schema migration of the laptop done, before its commit",
    "C14-server": "a schema migration of the server done, before its commit",
    "C15": "a row that left the user's scope taken out, its page not committed",
    "C16": "the store is closed cleanly, its log not yet folded into the file",
    "C17-before": "another history of the server adopted, before the commit",
    "C17-after": "another history adopted, nothing of it read yet",
}


def _armed(setting: str) -> dict[str, int]:
    name, _, passes = setting.partition(":")
    if not setting:
        return {}
    if name not in POINTS or not passes.isdigit():
        raise ValueError(f"{VARIABLE}={setting}: give a point of crm_desktop.failpoints and the number of the pass")
    return {name: int(passes)}


_left = _armed(os.environ.get(VARIABLE, ""))
_lock = threading.Lock()


def failpoint(name: str) -> None:
    """Die here if this is the pass that the environment names."""
    if _left and name in _left:
        with _lock:
            _left[name] -= 1
            if _left[name] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
