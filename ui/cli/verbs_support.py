"""The verb that writes a file for those who help."""

import argparse
from pathlib import Path

from crm_desktop.services.support_bundle import Part
from ui.catalogue import sentence
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    support = verb("support", "write versions, counts, sync runs and redacted logs into FILE; without FILE list them")
    support.add_argument("file", nargs="?", metavar="FILE")
    support.set_defaults(run=_support)


def _support(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.file is None:
        parts = app.support.parts(app.settings)
    else:
        parts = app.support.write(Path(arguments.file), app.settings)
    rows = [(part.name, part.size, explained(part, out.language)) for part in parts]
    header = ("file", "bytes", "what") if out.language == "en" else ("Datei", "Bytes", "Inhalt")
    out.table({"file": arguments.file, "parts": [part.name for part in parts]}, header, rows)
    return 0


def explained(part: Part, language: str) -> str:
    """What stands in a part of the bundle."""
    name = "logs" if part.name.startswith("logs/") else part.name.partition(".")[0]
    return sentence(language, f"support.part.{name}") or ""
