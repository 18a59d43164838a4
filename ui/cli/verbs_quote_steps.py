"""What follows a quote: approval asked and given, lost, ordered."""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.store.reader import QuoteView
from ui.cli.lookup import find, percent_given
from ui.cli.output import Output
from ui.compose import App
from ui.presenters.quote_mail import prepare_mail

if TYPE_CHECKING:
    Actions = argparse._SubParsersAction[argparse.ArgumentParser]


def declare(actions: "Actions") -> None:
    """Add these steps to the verb quote."""
    for name, run, note, text in (
        ("ask", _ask, "--reason", "why this price"),
        ("approve", _approve, "--word", "a word to its author"),
        ("return", _return, "--word", "what has to be changed"),
    ):
        action = actions.add_parser(name)
        action.add_argument("quote", metavar="ID_OR_NUMBER")
        action.add_argument(note, dest="note", default="", metavar="TEXT", help=text)
        action.set_defaults(run=run)
    lost = actions.add_parser("lost")
    lost.add_argument("quote", metavar="ID_OR_NUMBER")
    reasons = [choice.value for choice in field_facts("quote")["lost_reason"].choices]
    lost.add_argument("--reason", required=True, choices=reasons)
    lost.add_argument("--competitor", default="", metavar="NAME")
    lost.add_argument("--gap", type=percent_given, default=None, metavar="PERCENT", help="how much dearer we were")
    lost.add_argument("--note", default="", metavar="TEXT")
    lost.set_defaults(run=_lost)
    order = actions.add_parser("order")
    order.add_argument("quote", metavar="ID_OR_NUMBER")
    order.add_argument("--revision", type=int, default=0, metavar="N", help="an earlier revision; default: the newest")
    order.set_defaults(run=_order)
    reprice = actions.add_parser("reprice")
    reprice.add_argument("quote", metavar="ID_OR_NUMBER")
    reprice.set_defaults(run=_reprice)
    mail = actions.add_parser("mail")
    mail.add_argument("quote", metavar="ID_OR_NUMBER")
    mail.add_argument("file", metavar="FILE", nargs="?", help="default: a folder of the profile")
    mail.set_defaults(run=_mail)


def _ask(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if not arguments.note.strip():
        raise InvalidInput(
            "approval_reason_missing", "Approval is asked for with a reason: who decides goes by it.", "Add --reason."
        )
    return _moved(app, arguments, out, "waiting_approval", "asked")


def _approve(app: App, arguments: argparse.Namespace, out: Output) -> int:
    return _moved(app, arguments, out, "approved", "approved")


def _return(app: App, arguments: argparse.Namespace, out: Output) -> int:
    return _moved(app, arguments, out, "returned", "returned")


def _moved(app: App, arguments: argparse.Namespace, out: Output, status: str, said: str) -> int:
    view, revision = _newest(app, arguments.quote)
    act = {
        "waiting_approval": app.approvals.ask,
        "approved": app.approvals.approve,
        "returned": app.approvals.send_back,
    }[status]
    act(revision["id"], arguments.note)
    out.say({"id": view.quote["id"], "number": view.quote["number"], "status": status}, out.word(said))
    return 0


def _lost(app: App, arguments: argparse.Namespace, out: Output) -> int:
    view, revision = _newest(app, arguments.quote)
    app.outcomes.lose(
        revision["id"],
        arguments.reason,
        competitor=arguments.competitor,
        price_gap_percent=arguments.gap,
        note=arguments.note,
    )
    out.say({"id": view.quote["id"], "number": view.quote["number"], "status": "lost"}, out.word("lost"))
    return 0


def _order(app: App, arguments: argparse.Namespace, out: Output) -> int:
    view, revision = _newest(app, arguments.quote)
    if arguments.revision:
        chosen = next((row for row in view.revisions if row["revision"] == arguments.revision), None)
        if chosen is None:
            raise NotFound("not_here", "This revision is not on this laptop.", "Look at the quote again.")
        revision = chosen
    order_id = app.outcomes.order(revision["id"]).order_id
    found = app.store.read(lambda reader: reader.order(order_id))
    assert found is not None
    order, lines = found
    net = sum((Decimal(line["line_total"] or 0) for line in lines), Decimal(0))
    number = order["number"] or order["provisional_number"]
    out.say(
        {"id": order_id, "number": number, "quote": view.quote["number"], "net": str(net), "lines": len(lines)},
        out.word("ordered", number=number, net=net, currency=order["currency"]),
    )
    return 0


def _reprice(app: App, arguments: argparse.Namespace, out: Output) -> int:
    view, revision = _newest(app, arguments.quote)
    app.price_guard.reprice(revision["id"])
    net = str(app.quotes.totals(revision["id"]).net)
    out.say({"id": view.quote["id"], "number": view.quote["number"], "net": net}, out.word("repriced"))
    return 0


def _mail(app: App, arguments: argparse.Namespace, out: Output) -> int:
    _, revision = _newest(app, arguments.quote)
    mail = prepare_mail(app, revision["id"], out.language, Path(arguments.file) if arguments.file else None)
    out.say(
        {"file": str(mail.path), "to": mail.to, "activity": mail.activity_id, "status": "prepared"},
        out.word("mail_ready", file=mail.path, to=mail.to or out.word("mail_nobody")),
    )
    return 0


def _newest(app: App, given: str) -> tuple[QuoteView, Row]:
    quote_id = app.store.read(lambda reader: find(reader, "quote", given))["id"]
    view = app.store.read(lambda reader: reader.quote(quote_id))
    if view is None or view.revision is None:
        raise NotFound("not_here", "This quote is not on this laptop.", "Synchronise and look again.")
    return view, view.revision
