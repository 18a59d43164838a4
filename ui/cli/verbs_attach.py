"""The verb for files of records: add, list, get, remove."""

import argparse
from dataclasses import asdict
from pathlib import Path

from crm_desktop.errors import NotFound
from crm_desktop.store.file_views import FileView
from ui.cli.lookup import entity_named, find
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    parser = verb("attach", "files of a customer, visit, quote: add, list, get, remove")
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|get|remove")
    add = actions.add_parser("add", help="keep a copy of FILE with a record")
    add.add_argument("entity", metavar="ENTITY")
    add.add_argument("record", metavar="RECORD", help="id, number or name")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--note", default="")
    add.set_defaults(run=_add)
    listing = actions.add_parser("list", help="the files of a record; of an account also those of its visits and so on")
    listing.add_argument("entity", metavar="ENTITY")
    listing.add_argument("record", metavar="RECORD")
    listing.set_defaults(run=_list)
    get = actions.add_parser("get", help="write the bytes of a file to --out")
    get.add_argument("id", metavar="ID", help="id of the file, or its last digits, as `attach list` shows it")
    get.add_argument("--out", type=Path, metavar="FILE", help="default: the file's own name, here")
    get.set_defaults(run=_get)
    remove = actions.add_parser("remove", help="remove a file")
    remove.add_argument("id", metavar="ID")
    remove.set_defaults(run=_remove)


def _add(app: App, arguments: argparse.Namespace, out: Output) -> int:
    made = app.attachments.add(arguments.file, _record(app, arguments), note=arguments.note)
    out.say({"id": made}, out.word("created", what=arguments.file.name))
    return 0


def _list(app: App, arguments: argparse.Namespace, out: Output) -> int:
    files = app.attachments.of(*_record(app, arguments))
    rows = [
        (file.id[-12:], file.name, file.size, out.word(f"file_{file.place}", percent=file.percent)) for file in files
    ]
    header = [out.word(f"column_{name}") for name in ("id", "name", "bytes", "place")]
    out.table([asdict(file) for file in files], header, rows)
    return 0


def _get(app: App, arguments: argparse.Namespace, out: Output) -> int:
    file = _file(app, arguments.id)
    target = arguments.out or Path(file.name)
    app.attachments.save_copy(file.id, target)
    out.say({"file": str(target), "bytes": file.size}, out.word("written", file=target))
    return 0


def _remove(app: App, arguments: argparse.Namespace, out: Output) -> int:
    app.attachments.remove(_file(app, arguments.id).id)
    out.say({"removed": True}, out.word("deleted"))
    return 0


def _record(app: App, arguments: argparse.Namespace) -> tuple[str, str]:
    entity = entity_named(arguments.entity)
    row = app.store.read(lambda reader: find(reader, entity, arguments.record))
    return entity, str(row["id"])


def _file(app: App, given: str) -> FileView:
    known = app.store.read(lambda reader: [row["id"] for row in reader.where("attachment")])
    waiting = [file.id for file in app.attachments.waiting()]
    matches = {record_id for record_id in (*known, *waiting) if record_id == given or record_id.endswith(given)}
    if len(matches) != 1:
        raise NotFound("not_here", "There is no such file on this laptop.", "Look at `attach list`.")
    return app.attachments.get(matches.pop())
