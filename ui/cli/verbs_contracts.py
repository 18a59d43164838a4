"""The paper of a contract as a file."""

import argparse
from pathlib import Path

from crm_desktop.named_files import writing
from ui.cli.lookup import find
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verb contract."""
    contract = verb("contract", "the paper of a contract")
    actions = contract.add_subparsers(dest="action", metavar="pdf", required=True)
    pdf = actions.add_parser("pdf", help="write it as PDF; the signed paper where it was signed")
    pdf.add_argument("contract", metavar="ID_OR_NAME")
    pdf.add_argument("file", metavar="FILE")
    pdf.set_defaults(run=_pdf)


def _pdf(app: App, arguments: argparse.Namespace, out: Output) -> int:
    from ui.presenters.contract_paper import contract_pdf

    contract = app.store.read(lambda reader: find(reader, "contract", arguments.contract))
    paper, _ = contract_pdf(app, contract["id"], out.language)
    with writing(arguments.file):
        Path(arguments.file).write_bytes(paper)
    signed = bool(contract["signed_at"])
    out.say({"file": arguments.file, "bytes": len(paper), "signed": signed}, out.word("written", file=arguments.file))
    return 0
