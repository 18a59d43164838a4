"""Logging into a rotating file of the profile, in the categories `crm.store`, `crm.sync`, `crm.ui` and `crm.server`.

Never note text, names, addresses or prices.
"""

import logging
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

# Nothing goes to standard error, which is read by people, also before a profile is open.
logging.getLogger("crm").addHandler(logging.NullHandler())


class FrameFormatter(logging.Formatter):
    """Tells of an error its type and where it rose. Its words may hold what a person typed and are left out."""

    def formatException(self, ei: Any) -> str:
        """Frames and types of an error and its causes, the newest last."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        told: set[int] = set()
        while error is not None and id(error) not in told:  # an error raised again may come back as its own cause
            told.add(id(error))
            lines = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n", *lines]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip()


_FORMAT = "%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"


def start(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Write our categories to logs/crm.log of the profile; returns the handler for `stop`."""
    target = folder / "logs"
    target.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(target / "crm.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(FrameFormatter(_FORMAT))
    root = logging.getLogger("crm")
    root.setLevel(level)
    root.addHandler(handler)
    return handler


def stop(handler: logging.Handler) -> None:
    """Undo `start`."""
    logging.getLogger("crm").removeHandler(handler)
    handler.close()
