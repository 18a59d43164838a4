"""Commands about the data as a whole: records merged, the log cut off, a restored database."""

import argparse
import sys
from typing import Any

from server.storage import gc
from server.storage.aliases import merge_records
from server.storage.storage import Storage


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put these commands into the parser."""
    account = commands.add_parser("account", help="customers").add_subparsers(required=True, metavar="VERB")
    merge = account.add_parser("merge", parents=[common], help="make one customer of two")
    merge.add_argument("keep", metavar="KEEP", help="id of the customer that stays")
    merge.add_argument("gone", metavar="GONE", help="id of the customer that goes into it")
    merge.set_defaults(run=_merge)
    cut = commands.add_parser("gc", parents=[common], help="cut off the old part of the change log")
    cut.add_argument("--older-than", type=_days, default=gc.LOG_DAYS, metavar="DAYS", help="of the log (default: 90)")
    cut.set_defaults(run=_collect)


def _merge(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        with storage.write(actor="admin") as commit:
            moved = merge_records(commit, "account", asked.keep, asked.gone)
    finally:
        storage.close()
    sys.stdout.write(f"Merged. {moved} records now belong to {asked.keep}.\n")
    return 0


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 36500:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days such as 90")
    return int(text)


def _collect(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        done = gc.collect(storage, asked.older_than)
    finally:
        storage.close()
    sys.stdout.write(
        f"The log begins after commit {done.floor}. Removed: {done.log_entries} log entries, {done.deleted_records} "
        f"contents of deleted records, {done.texts} earlier texts, {done.outcomes} outcomes.\n"
    )
    return 0
