"""Verbs of courier sync: a file out, a file back, and a colleague who carries it."""

import argparse
from pathlib import Path

from crm_desktop.errors import KnownError
from sync import courier
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb, report_data
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    parser = verb("courier", "sync by file: write FILE here, have the server answer it, read the answer here")
    actions = parser.add_subparsers(dest="action", required=True, metavar="write|read|carry")
    write = actions.add_parser("write", help="put everything that waits, and where this laptop stands, into a file")
    write.add_argument("file", type=Path)
    write.set_defaults(run=_write)
    read = actions.add_parser("read", help="take the server's answer")
    read.add_argument("file", type=Path)
    read.set_defaults(run=_read)
    carry = actions.add_parser("carry", help="hand in a colleague's file over this laptop's connection")
    carry.add_argument("file", type=Path)
    carry.add_argument("--out", type=Path, required=True, metavar="ANSWER")
    carry.set_defaults(run=_carry)


def _write(app: App, arguments: argparse.Namespace, out: Output) -> int:
    return _written(arguments.file, courier.write_request(app.store), out)


def _read(app: App, arguments: argparse.Namespace, out: Output) -> int:
    report = courier.read_answer(app.store, _content(arguments.file))
    names = ("pushed", "pulled", "conflicts", "refused")
    lines = [out.word("synced", **{name: getattr(report, name) for name in names})]
    if report.digest_ok is not None:
        lines.append(out.word("verified" if report.digest_ok else "differs"))
    if report.error is not None:
        lines.append(out.error(report.error))
    out.say(report_data(report) | {"left": getattr(report.error, "code", None)}, *lines)
    return 0 if report.digest_ok is not False else 1


def _carry(app: App, arguments: argparse.Namespace, out: Output) -> int:
    transport = app.connect()
    try:
        answer = transport.courier(_content(arguments.file))
    finally:
        transport.close()
    return _written(arguments.out, answer, out)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise KnownError(
            "cannot_read", f"The file {file} cannot be read.", "Check its name.", file=str(file)
        ) from error


def _written(file: Path, data: bytes, out: Output) -> int:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise KnownError(
            "cannot_write", f"The file {file} cannot be written.", "Choose another place.", file=str(file)
        ) from error
    out.say({"file": str(file), "bytes": len(data)}, out.word("written", file=file))
    return 0
