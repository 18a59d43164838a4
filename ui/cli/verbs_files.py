"""Verbs with files: import and export."""

import argparse
from dataclasses import asdict
from pathlib import Path

from crm_desktop.named_files import reading, writing
from crm_desktop.services.changes import record_title
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from ui.cli.lookup import entity_named
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App

IMPORTABLE = ("account", "contact", "lead", "product", "opportunity", "activity", "task")
PROBLEMS_SHOWN = 20


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    importing = verb("import", "read records from a table of any delimiter and encoding")
    importing.add_argument("entity", nargs="?", metavar="ENTITY", help="default: what fits the columns best")
    importing.add_argument("file", metavar="FILE.csv")
    importing.add_argument("--dry-run", action="store_true", help="only say what would happen")
    importing.set_defaults(run=_import)
    exporting = verb("export", "write records of one kind, or the outbox, to a file")
    exporting.add_argument("entity", metavar="ENTITY|outbox")
    exporting.add_argument("file", metavar="FILE")
    exporting.set_defaults(run=_export)


def _import(app: App, arguments: argparse.Namespace, out: Output) -> int:
    from crm_desktop.exchange.csv_import import import_csv  # with its guessing of encodings slow to load

    with reading(arguments.file):
        data = Path(arguments.file).read_bytes()
    entity = entity_named(arguments.entity) if arguments.entity else _best_fit(data)
    report = import_csv(data, entity, app.store, app.records, permissions=app.permissions, dry_run=arguments.dry_run)
    counts = {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged")}
    lines = [out.word("imported", **counts, problems=len(report.problems))]
    lines += [problem.shown(out.language) for problem in report.problems[:PROBLEMS_SHOWN]]  # each names its line
    if report.unmapped:
        lines.append(out.word("unmapped", columns=", ".join(report.unmapped)))
    if report.dry_run:
        lines.append(out.word("dry_run"))
    out.say(
        counts
        | {
            "entity": entity,
            "problems": [asdict(problem) for problem in report.problems],
            "unmapped": list(report.unmapped),
            "dry_run": report.dry_run,
        },
        *lines,
    )
    return 0


def _best_fit(data: bytes) -> str:
    from crm_desktop.rules.delimited import read_table
    from crm_desktop.rules.import_mapping import map_columns

    header = read_table(data).header
    return min(IMPORTABLE, key=lambda entity: len(map_columns(entity, header).unmapped))


def _export(app: App, arguments: argparse.Namespace, out: Output) -> int:
    path = Path(arguments.file)
    with writing(path):
        if arguments.entity == "outbox":
            count = app.outbox.export(path)
        else:
            count = _export_records(app, entity_named(arguments.entity), path, out.language)
    out.say({"file": str(path), "count": count}, out.word("written", file=path))
    return 0


def _export_records(app: App, entity: str, path: Path, language: str) -> int:
    from crm_desktop.exchange.csv_export import export_csv

    def read(reader: Reader) -> tuple[int, bytes]:
        rows = reader.rows(entity, reader.row_ids(ListQuery(entity)))

        def title(kind: str, record_id: str) -> str:
            row = reader.get(kind, record_id)
            return record_title(kind, row) if row else record_id

        return len(rows), export_csv(rows, entity, language, permissions=app.permissions, title=title)

    count, data = app.store.read(read)
    path.write_bytes(data)
    return count
