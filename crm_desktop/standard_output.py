"""Standard output that can no longer be written: a full disk, a reader that went away."""

import os
import sys


def abandon() -> None:
    """Send what is still buffered to nowhere, so that the interpreter's own flush at exit cannot fail as well.

    Source: the note on SIGPIPE in Python's documentation of `signal`.
    """
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no real file behind it
        return
