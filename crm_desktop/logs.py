"""Logging: named categories into a rotating file of the profile. Never note text, names, addresses or prices."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

CATEGORIES = ("crm.store", "crm.sync", "crm.ui", "crm.server")
# Nothing goes to standard error, which is read by people, also before a profile is open.
logging.getLogger("crm").addHandler(logging.NullHandler())

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"


def start(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Write our categories to logs/crm.log of the profile; returns the handler for `stop`."""
    target = folder / "logs"
    target.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(target / "crm.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger("crm")
    root.setLevel(level)
    root.addHandler(handler)
    return handler


def stop(handler: logging.Handler) -> None:
    """Undo `start`."""
    logging.getLogger("crm").removeHandler(handler)
    handler.close()
