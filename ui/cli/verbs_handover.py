"""The verb that makes a colleague's quotes one's own."""

import argparse

from crm_desktop.errors import InvalidInput
from crm_desktop.store.reader import Reader
from ui.cli.lookup import find
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    take = verb("take-over", "make quotes of a colleague your own, in one step")
    take.add_argument("quotes", nargs="*", metavar="ID_OR_NUMBER")
    take.add_argument("--of", metavar="COLLEAGUE", help="all quotes of this colleague")
    take.set_defaults(run=_take)


def _take(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if not arguments.quotes and not arguments.of:
        raise InvalidInput("no_quotes_named", "Which quotes?", "Write: take-over NUMBER, or take-over --of COLLEAGUE")

    def named(reader: Reader) -> list[str]:
        return [find(reader, "quote", given)["id"] for given in arguments.quotes]

    ids = app.store.read(named)
    said = out.word("own_already")
    if arguments.of:
        colleague = app.store.read(lambda reader: find(reader, "user", arguments.of))
        ids += app.handover.of_colleague(colleague["id"])
        if not ids:
            said = out.word("has_no_quotes", name=colleague["name"])
    owners = app.handover.take_over(list(dict.fromkeys(ids)))
    out.say({"taken": sorted(owners)}, out.word("changed") if owners else said)
    return 0
