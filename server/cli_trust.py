"""Commands about the data as a whole: records merged, the log cut off, a restored database."""

import argparse
import sys
from typing import Any

from server.storage.aliases import merge_records
from server.storage.storage import Storage


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put these commands into the parser."""
    account = commands.add_parser("account", help="customers").add_subparsers(required=True, metavar="VERB")
    merge = account.add_parser("merge", parents=[common], help="make one customer of two")
    merge.add_argument("keep", metavar="KEEP", help="id of the customer that stays")
    merge.add_argument("gone", metavar="GONE", help="id of the customer that goes into it")
    merge.set_defaults(run=_merge)


def _merge(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        with storage.write(actor="admin") as commit:
            moved = merge_records(commit, "account", asked.keep, asked.gone)
    finally:
        storage.close()
    sys.stdout.write(f"Merged. {moved} records now belong to {asked.keep}.\n")
    return 0
