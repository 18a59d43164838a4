"""Commands about the bytes of files."""

import argparse
import sys
from typing import Any

from server.settings import Settings
from server.storage.storage import Storage


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put these commands into the parser."""
    files = commands.add_parser("files", help="the bytes of files").add_subparsers(required=True, metavar="VERB")
    sweep = files.add_parser("sweep", parents=[common], help="remove bytes that no record refers to")
    sweep.add_argument(
        "--older-than",
        type=int,
        default=Settings().sweep_files_days,
        metavar="DAYS",
        help="that came in longer ago (default: 30; less may take away what a laptop is about to refer to)",
    )
    sweep.set_defaults(run=_sweep)


def _sweep(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        removed = storage.blobs.sweep(storage.plain_write, asked.older_than)
    finally:
        storage.close()
    sys.stdout.write(f"Removed the bytes of {removed} files.\n")
    return 0
