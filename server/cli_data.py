"""Commands about data: import of catalogue and customers, the sample."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crm_desktop.errors import InvalidInput
from server.imports import KINDS, import_file
from server.storage.storage import Storage

_SHOWN = 20


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put the commands about data into the parser."""
    imports = commands.add_parser("import", help="catalogue and customers from a file").add_subparsers(
        required=True, metavar="KIND"
    )
    for kind in KINDS:
        one = imports.add_parser(kind, parents=[common], help=f"import {kind} from a delimited file")
        one.add_argument("file", type=Path)
        one.add_argument("--valid-from", type=_day, default=None, metavar="YYYY-MM-DD", help="prices and tax rates")
        one.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        one.set_defaults(run=_import, kind=kind)
    courier = commands.add_parser("courier", parents=[common], help="answer a laptop's courier file")
    courier.add_argument("file", type=Path)
    courier.add_argument("--out", type=Path, required=True, metavar="ANSWER")
    courier.set_defaults(run=_courier)
    sample = commands.add_parser("sample", parents=[common], help="load the sample company")
    sample.add_argument("folder", type=Path)
    sample.add_argument("--seed", type=int, default=1, help="of the invented layer")
    sample.add_argument("--today", type=_day, default=None, metavar="YYYY-MM-DD", help="day the layer is relative to")
    sample.add_argument("--password-stdin", action="store_true", help="password of all sample users; else demo-1234")
    sample.set_defaults(run=_sample)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from error


def _import(asked: argparse.Namespace) -> int:
    data = _content(asked.file)
    storage = Storage.open(asked.database)
    report = import_file(storage, KINDS[asked.kind], data, asked.valid_from, dry_run=asked.dry_run)
    storage.close()
    if report.unmapped:
        sys.stdout.write(f"Columns left out: {', '.join(report.unmapped)}.\n")
    for problem in report.problems[:_SHOWN]:
        sys.stdout.write(f"{problem}\n")
    if len(report.problems) > _SHOWN:
        sys.stdout.write(f"... and {len(report.problems) - _SHOWN} more.\n")
    word = "Would import" if asked.dry_run else "Imported"
    sys.stdout.write(
        f"{word} {asked.kind}: {report.created} new, {report.changed} changed, {report.unchanged} unchanged.\n"
    )
    return 0


def _courier(asked: argparse.Namespace) -> int:
    from server.courier import exchange

    data = _content(asked.file)
    storage = Storage.open(asked.database)
    answer = exchange(storage, data)
    storage.close()
    asked.out.write_bytes(answer)
    sys.stdout.write(f"Answered: {asked.out}\n")
    return 0


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        told = f"The file {file} cannot be read ({error.strerror})."
        raise InvalidInput("no_file", told, "Check the name.") from error


def _sample(asked: argparse.Namespace) -> int:
    from server.sample.loader import load_sample  # brings tables nobody else needs

    password = sys.stdin.readline().rstrip("\n") if asked.password_stdin else "demo-1234"
    storage = Storage.open(asked.database)
    today = asked.today or datetime.now(UTC).date()
    report = load_sample(storage, asked.folder, asked.seed, today, password)
    storage.close()
    for entity, count in sorted(report.counts.items()):
        sys.stdout.write(f"{entity}\t{count}\n")
    for problem in report.problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write("Sign-ins: " + ", ".join(f"{login} ({role})" for login, role in report.logins.items()) + "\n")
    return 0
