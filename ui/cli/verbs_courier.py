"""Verbs of courier sync: a file out, a file back, and a colleague who carries it."""

import argparse
from pathlib import Path

from crm_desktop.errors import KnownError
from crm_desktop.named_files import reading, writing
from sync import courier
from sync.protocol.courier import FILES_BYTES, LINE_BYTES
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb, report_data
from ui.compose import App

MIB = 1024 * 1024
LINE_MOST = 3 * MIB  # in base64 it fits into one request


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    parser = verb("courier", "sync by file: write FILE here, have the server answer it, read the answer here")
    actions = parser.add_subparsers(dest="action", required=True, metavar="write|read|carry")
    write = actions.add_parser("write", help="put everything that waits, and where this laptop stands, into a file")
    write.add_argument("file", type=Path)
    write.add_argument(
        "--files-mib",
        type=int,
        default=FILES_BYTES // MIB,
        metavar="N",
        help=f"attached files of at most so many MiB go along (default {FILES_BYTES // MIB}; over a connection at most "
        f"{LINE_BYTES // MIB})",
    )
    write.set_defaults(run=_write)
    read = actions.add_parser("read", help="take the server's answer")
    read.add_argument("file", type=Path)
    read.add_argument("--accept-removals", action="store_true", help="let the answer take many records away")
    read.set_defaults(run=_read)
    carry = actions.add_parser("carry", help="hand in a colleague's file over this laptop's connection")
    carry.add_argument("file", type=Path)
    carry.add_argument("--out", type=Path, required=True, metavar="ANSWER")
    carry.set_defaults(run=_carry)


def _write(app: App, arguments: argparse.Namespace, out: Output) -> int:
    made = courier.write_request(app.store, max(0, arguments.files_mib) * MIB)
    _write_bytes(arguments.file, made.data)
    lines = [out.word("written", file=arguments.file)]
    if made.left:
        lines.append(out.word("files_left", count=made.left))
    told = {"file": str(arguments.file), "bytes": len(made.data), "files": made.files, "files_left": made.left}
    out.say(told, *lines)
    return 0


def _read(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.accept_removals:
        app.store.mending.allow_removals()
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
    data = _content(arguments.file)
    if len(data) > LINE_MOST:
        raise KnownError(
            "courier_too_large",
            f"A connection carries courier files of at most {LINE_MOST // MIB} MiB.",
            "Hand the file to your administrator, or write it again with fewer attached files (--files-mib 2).",
            mib=LINE_MOST // MIB,
        )
    transport = app.connect()
    try:
        answer = transport.courier(data)
    finally:
        transport.close()
    _write_bytes(arguments.out, answer)
    out.say({"file": str(arguments.out), "bytes": len(answer)}, out.word("written", file=arguments.out))
    return 0


def _content(file: Path) -> bytes:
    with reading(file):
        return file.read_bytes()


def _write_bytes(file: Path, data: bytes) -> None:
    with writing(file):
        file.write_bytes(data)
