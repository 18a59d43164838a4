"""Commands about the data as a whole: records merged, the log cut off, a restored database."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import EntityFacts
from server.storage import copies, gc, replays
from server.storage.aliases import merge_records
from server.storage.restored import restored
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
    back = commands.add_parser("restored", parents=[common], help="say that a backup was put back, and repeat the rest")
    back.add_argument("--journal", type=Path, metavar="FOLDER", help="where the journal lies (default: as before)")
    back.set_defaults(run=_restored)
    healing = commands.add_parser("healing", parents=[common], help="what laptops sent again since, and how it ended")
    healing.set_defaults(run=_healing)
    kept = commands.add_parser("copies", help="records only laptops still hold").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = kept.add_parser("list", parents=[common], help="what they are and who holds them")
    listing.set_defaults(run=_copies)
    take = kept.add_parser("take", parents=[common], help="make records of them again")
    take.add_argument("ids", nargs="*", metavar="ID")
    take.add_argument("--all", action="store_true", help="all that are listed")
    take.set_defaults(run=_take)
    journal = commands.add_parser("journal", parents=[common], help="keep the journal of the server's writes elsewhere")
    journal.add_argument("folder", type=Path)
    journal.set_defaults(run=_journal)
    erase = commands.add_parser("erase", parents=[common], help="erase a record for good, here and on every laptop")
    erase.add_argument("entity", choices=[name for name, facts in _facts() if not facts.server_only], metavar="KIND")
    erase.add_argument("id")
    erase.set_defaults(run=_erase)


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


def _facts() -> Iterator[tuple[str, EntityFacts]]:
    return ((name, model.FACTS) for name, model in ENTITIES.items())


def _restored(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        if asked.journal is not None:
            storage.keep_journal_in(asked.journal)
        done = restored(storage)
        kept = storage.journal is not None
    finally:
        storage.close()
    sys.stdout.write("A new history has begun. Laptops send again what they kept; see `crm-server healing`.\n")
    if not kept:
        sys.stdout.write("There is no journal, so nothing of the server's own writes could be repeated.\n")
    sys.stdout.write(
        f"journal\t{done.commits} commits repeated\t{done.there} in the backup\t{done.records} records\t"
        f"{done.people} sign-ins\t{done.gone} deleted since\t{done.newer} newer here\t"
        f"{done.unreadable} lines unreadable\n"
        f"erased again\t{done.erased} records\nleft to their laptops\t{done.files} files whose bytes are not here\n"
    )
    return 0


def _journal(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        storage.keep_journal_in(asked.folder)
    finally:
        storage.close()
    sys.stdout.write(f"The journal is kept in {asked.folder}. Do not put it back together with a backup.\n")
    return 0


def _erase(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        count = storage.erase(asked.entity, asked.id)
    finally:
        storage.close()
    sys.stdout.write(f"Erased {count} records. Laptops remove them at their next sync.\n")
    return 0


def _healing(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        with storage.read() as connection:
            rows = replays.report(connection)
            left = copies.listed(connection)
    finally:
        storage.close()
    for row in rows:
        sys.stdout.write(f"{row.kind}\t{row.operations}\t{row.device}\t{row.login}\n")
    sys.stdout.write(f"only on laptops\t{len({item['id'] for item in left})}\n")
    return 0


def _copies(asked: argparse.Namespace) -> int:
    storage = Storage.open(asked.database)
    try:
        with storage.read() as connection:
            left = copies.listed(connection)
    finally:
        storage.close()
    for item in left:
        sys.stdout.write("\t".join(item[name] for name in ("entity", "id", "title", "device", "user", "at")) + "\n")
    return 0


def _take(asked: argparse.Namespace) -> int:
    if bool(asked.ids) == asked.all:
        raise InvalidInput("which_copies", "It is not said which copies.", "Name their ids, or give --all.")
    storage = Storage.open(asked.database)
    try:
        count = copies.take_back(storage, None if asked.all else asked.ids)
    finally:
        storage.close()
    sys.stdout.write(f"{count} records are back.\n")
    return 0
