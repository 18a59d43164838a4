"""The verb quote: new, show, send, pdf; what follows a quote stands in `verbs_quote_steps`."""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.named_files import writing
from crm_desktop.services.quotes import NewLine
from crm_desktop.store.reader import QuoteView, Reader
from ui.cli import verbs_quote_steps
from ui.cli.lookup import decimal_given, find, percent_given
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    quote = verb("quote", "build, show, send and print quotes, from approval to order")
    steps = "new|show|send|pdf|ask|approve|return|reprice|lost|order|mail"
    actions = quote.add_subparsers(dest="action", metavar=steps, required=True)
    verbs_quote_steps.declare(actions)
    new = actions.add_parser("new")
    new.add_argument("account", metavar="ACCOUNT")
    new.add_argument(
        "--line",
        action="append",
        default=[],
        metavar="NUMBER:QTY[:DISCOUNT]",
        help="article, quantity and own discount in percent",
    )
    new.add_argument("--discount", type=percent_given, default=Decimal(0), metavar="PERCENT", help="on every line")
    new.set_defaults(run=_new)
    for name, run in (("show", _show), ("send", _send), ("pdf", _pdf)):
        action = actions.add_parser(name)
        action.add_argument("quote", metavar="ID_OR_NUMBER")
        action.set_defaults(run=run)
        if name == "pdf":
            action.add_argument("file", metavar="FILE")
            action.add_argument("--language", choices=["en", "de"], help="default: the customer's")


def _new(app: App, arguments: argparse.Namespace, out: Output) -> int:
    def read(reader: Reader) -> tuple[str, list[NewLine]]:
        account = find(reader, "account", arguments.account)
        return account["id"], [_line(reader, text) for text in arguments.line]

    account_id, lines = app.store.read(read)
    quote_id = app.quotes.new_quote(account_id, lines=lines, discount_percent=arguments.discount)
    return _tell(app, quote_id, out)


def _line(reader: Reader, text: str) -> NewLine:
    number, _, rest = text.partition(":")
    quantity, _, discount = rest.partition(":")
    product = find(reader, "product", number)
    try:
        return NewLine(product["id"], decimal_given(quantity or "1"), percent_given(discount) if discount else None)
    except argparse.ArgumentTypeError as error:
        raise InvalidInput(
            "bad_line", f"{text!r} is no line: {error}.", "Write NUMBER:QUANTITY:DISCOUNT.", given=text
        ) from error


def _show(app: App, arguments: argparse.Namespace, out: Output) -> int:
    return _tell(app, _quote(app, arguments.quote), out)


def _send(app: App, arguments: argparse.Namespace, out: Output) -> int:
    view = _view(app, _quote(app, arguments.quote))
    assert view.revision is not None
    app.quotes.send(view.revision["id"])
    out.say({"id": view.quote["id"], "number": view.quote["number"], "status": "sent"}, out.word("sent"))
    return 0


def _pdf(app: App, arguments: argparse.Namespace, out: Output) -> int:
    from crm_desktop.documents.quote_builder import paper_language
    from crm_desktop.documents.quote_pdf import render_quote
    from crm_desktop.documents.signed_quote import load_quote_document

    view = _view(app, _quote(app, arguments.quote))
    assert view.revision is not None
    revision_id = view.revision["id"]
    language = arguments.language or app.store.read(
        lambda reader: paper_language(reader, view.quote["id"], out.language)
    )
    document = load_quote_document(app.store, revision_id, language, app.clock.now())
    pdf = render_quote(document, cast(Literal["en", "de"], language))
    with writing(arguments.file):
        Path(arguments.file).write_bytes(pdf)
    out.say({"file": arguments.file, "bytes": len(pdf), "language": language}, out.word("written", file=arguments.file))
    return 0


def _quote(app: App, given: str) -> str:
    return str(app.store.read(lambda reader: find(reader, "quote", given))["id"])


def _view(app: App, quote_id: str) -> QuoteView:
    view = app.store.read(lambda reader: reader.quote(quote_id))
    if view is None or view.revision is None:
        raise NotFound("not_here", "This quote is not on this laptop.", "Synchronise and look again.")
    return view


def _tell(app: App, quote_id: str, out: Output) -> int:
    view = _view(app, quote_id)
    assert view.revision is not None
    totals = app.quotes.totals(view.revision["id"])
    data = {
        "id": quote_id,
        "number": view.quote["number"],
        "quote": view.quote,
        "revision": view.revision,
        "lines": view.lines,
        "net": str(totals.net),
        "gross": str(totals.gross),
    }
    rows: list[tuple[object, ...]] = [
        (line["name"], line["quantity"], line["list_price"], line["discount_percent"], line["line_total"])
        for line in view.lines
    ]
    rows.append((out.word("total"), "", "", "", f"{totals.net} {view.revision['currency']}"))
    header = ("Article", "Quantity", "Price", "Discount", "Total")
    if out.language == "de":
        header = ("Artikel", "Menge", "Preis", "Rabatt", "Betrag")
    if not out.as_json:
        out.say(None, f"{view.quote['number']}  {view.revision['status']}  ({quote_id})")
    out.table(data, header, rows)
    return 0
