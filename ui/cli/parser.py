"""The command line's grammar."""

import argparse
from importlib.metadata import PackageNotFoundError, version

from ui.cli import (
    verbs_attach,
    verbs_contracts,
    verbs_courier,
    verbs_crm,
    verbs_day,
    verbs_decide,
    verbs_files,
    verbs_handover,
    verbs_quotes,
    verbs_records,
    verbs_report,
    verbs_support,
    verbs_sync,
    verbs_work,
)
from ui.cli.words import LANGUAGES


def build() -> argparse.ArgumentParser:
    """The parser; every verb sets `run`, a function of (app, arguments, output) returning the exit code."""
    parser = argparse.ArgumentParser(
        prog="crm-desktop",
        description="Offline-first CRM. Without a verb the window opens.",
        epilog="Exit codes: 0 done, 1 error, 2 usage, 3 offline, 4 not found, 5 refused by the server.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    parser.add_argument("--self-check", action="store_true", help="check that this installation works, then exit")
    _common(parser, None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        _common(added, argparse.SUPPRESS)
        return added

    for module in (
        verbs_sync,
        verbs_decide,
        verbs_records,
        verbs_work,
        verbs_crm,
        verbs_day,
        verbs_quotes,
        verbs_report,
        verbs_contracts,
        verbs_files,
        verbs_attach,
        verbs_courier,
        verbs_support,
        verbs_handover,
    ):
        module.declare(verb)
    return parser


def program_version() -> str:
    """Version of the installed program."""
    try:
        return version("crm-desktop")
    except PackageNotFoundError:
        return "unknown"


def _common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Options that may stand before or after the verb."""
    parser.add_argument("--profile", metavar="DIR", default=default, help="profile folder (default: the user's own)")
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=default,
        help="language of the answers (default: the profile's, for a new profile that of the machine)",
    )
    parser.add_argument(
        "--json", action="store_true", default=default or False, help="print one JSON document for scripts"
    )
