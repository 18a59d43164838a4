"""Verbs of leads, opportunities, cases and duplicates."""

import argparse
from pathlib import Path

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.lead_paste import read_pasted
from crm_desktop.model.work import LOST_REASONS
from crm_desktop.named_files import reading
from crm_desktop.services.duplicates import Wanted, wanted_of
from crm_desktop.services.pipeline import Loss, board
from ui.cli.lookup import find, percent_given, values_of
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    lead = verb("lead", "capture, qualify or disqualify leads")
    steps = lead.add_subparsers(dest="step", required=True, metavar="STEP")
    new = steps.add_parser("new", help="one lead: an e-mail, a number or a name is enough")
    new.add_argument("values", nargs="+", metavar="FIELD=VALUE")
    new.set_defaults(run=_lead_new)
    paste = steps.add_parser("paste", help="leads of a file of business cards (vCard) or rows (CSV, TSV)")
    paste.add_argument("file", type=Path, metavar="FILE")
    paste.add_argument("--source", default="", help="where they were met, for those that do not say it")
    paste.add_argument("--dry-run", action="store_true")
    paste.set_defaults(run=_lead_paste)
    qualify = steps.add_parser("qualify", help="make it an account with a contact")
    qualify.add_argument("lead", metavar="ID_OR_NAME")
    qualify.add_argument("--account", metavar="ID_OR_NAME", help="the account it belongs to; default: a new one")
    qualify.add_argument("--opportunity", default="", metavar="NAME", help="also begin an opportunity")
    qualify.set_defaults(run=_lead_qualify)
    aside = steps.add_parser("disqualify", help="put it aside with a word why")
    aside.add_argument("lead", metavar="ID_OR_NAME")
    aside.add_argument("word", metavar="WORD")
    aside.set_defaults(run=_lead_disqualify)
    pipeline = verb("pipeline", "opportunities by stage: count and sum per currency")
    pipeline.set_defaults(run=_pipeline)
    move = verb("move", "put an opportunity into another stage")
    move.add_argument("opportunity", metavar="ID_OR_NAME")
    move.add_argument("stage", metavar="STAGE")
    move.add_argument("--reason", default="", choices=("", *(value for value, _, _ in LOST_REASONS)), help="of a loss")
    move.add_argument("--competitor", default="")
    move.add_argument("--gap", type=percent_given, metavar="PERCENT", help="how much dearer we were")
    move.add_argument("--note", default="")
    move.set_defaults(run=_move)
    case = verb("case", "a new case of an account, due in three working days")
    case.add_argument("account", metavar="ID_OR_NAME")
    case.add_argument("subject", metavar="SUBJECT")
    case.add_argument("--description", default="")
    case.add_argument("--kind", default="complaint", choices=("complaint", "question", "feedback", "idea"))
    case.set_defaults(run=_case)
    known = verb("duplicates", "who is known already under a name, an address or a number like this")
    known.add_argument("values", nargs="+", metavar="FIELD=VALUE", help="name=, company=, email=, phone=")
    known.set_defaults(run=_duplicates)


def _lead_new(app: App, arguments: argparse.Namespace, out: Output) -> int:
    (lead_id,) = app.leads.capture([values_of("lead", arguments.values, app.permissions)])
    out.say({"id": lead_id}, out.word("created", what=lead_id))
    return 0


def _lead_paste(app: App, arguments: argparse.Namespace, out: Output) -> int:
    with reading(arguments.file):
        data = arguments.file.read_bytes()
    pasted = read_pasted(data)
    leads = [{"source": arguments.source} | lead.values for lead in pasted.leads]
    ids = app.leads.capture(leads) if leads and not arguments.dry_run else []
    lines = [problem.shown(out.language) for problem in pasted.problems]
    lines.append(out.word("leads_read", count=len(leads), problems=len(pasted.problems)))
    if arguments.dry_run:
        lines.append(out.word("dry_run"))
    told = [{"line": problem.line, "code": problem.message_code, "text": problem.text} for problem in pasted.problems]
    out.say({"ids": ids, "leads": leads, "problems": told, "unmapped": list(pasted.unmapped)}, *lines)
    return 0


def _lead_qualify(app: App, arguments: argparse.Namespace, out: Output) -> int:
    lead_id = app.store.read(lambda reader: find(reader, "lead", arguments.lead))["id"]
    account_id = None
    if arguments.account:
        account_id = app.store.read(lambda reader: find(reader, "account", arguments.account))["id"]
    became = app.leads.qualify(lead_id, account_id=account_id, opportunity=arguments.opportunity)
    out.say(
        {
            "id": lead_id,
            "account": became.account_id,
            "contact": became.contact_id,
            "opportunity": became.opportunity_id,
        },
        out.word("created" if not became.was_known else "changed", what=became.account_id),
    )
    return 0


def _lead_disqualify(app: App, arguments: argparse.Namespace, out: Output) -> int:
    lead_id = app.store.read(lambda reader: find(reader, "lead", arguments.lead))["id"]
    app.leads.disqualify(lead_id, arguments.word)
    out.say({"id": lead_id}, out.word("changed"))
    return 0


def _pipeline(app: App, arguments: argparse.Namespace, out: Output) -> int:
    columns = app.store.read(board).columns
    data = [
        {
            "stage": column.stage.code,
            "count": column.count,
            "sums": {key: str(value) for key, value in column.sums.items()},
        }
        for column in columns
    ]
    rows = [
        (
            column.stage.label(out.language),
            column.count,
            ", ".join(f"{value} {key}" for key, value in column.sums.items()),
        )
        for column in columns
    ]
    out.table(data, ("stage", "count", "sum") if out.language == "en" else ("Phase", "Anzahl", "Summe"), rows)
    return 0


def _move(app: App, arguments: argparse.Namespace, out: Output) -> int:
    opportunity_id = app.store.read(lambda reader: find(reader, "opportunity", arguments.opportunity))["id"]
    columns = app.store.read(board).columns
    stage = next((column.stage for column in columns if column.stage.code == arguments.stage), None)
    if stage is None:
        raise InvalidInput(
            "unknown_stage",
            f"There is no stage {arguments.stage!r}.",
            "Take one of: " + ", ".join(column.stage.code for column in columns) + ".",
            stage=arguments.stage,
            stages=", ".join(column.stage.code for column in columns),
        )
    loss = None
    if stage.outcome == "lost":
        loss = Loss(arguments.reason, arguments.competitor, arguments.gap, arguments.note)
    changes = app.pipeline.move(opportunity_id, stage.code, loss)
    out.say({"id": opportunity_id, "changed": bool(changes)}, out.word("changed" if changes else "unchanged"))
    return 0


def _case(app: App, arguments: argparse.Namespace, out: Output) -> int:
    account_id = app.store.read(lambda reader: find(reader, "account", arguments.account))["id"]
    case_id = app.cases.begin(arguments.subject, arguments.description, account_id=account_id, kind=arguments.kind)
    out.say({"id": case_id}, out.word("created", what=case_id))
    return 0


def _duplicates(app: App, arguments: argparse.Namespace, out: Output) -> int:
    values = values_of("lead", arguments.values, app.permissions)
    wanted = wanted_of("lead", values)
    if values.get("name") and not values.get("company"):
        wanted = Wanted((values["name"],), wanted.people, wanted.emails, wanted.phones)
    found = app.duplicates.look(wanted)
    data = [
        {"entity": item.entity, "id": item.id, "name": item.name, "place": item.place, "reason": item.reason,
         "score": item.score}
        for item in found
    ]  # fmt: skip
    rows = [(item.entity, item.name, item.place, f"{item.score} %", item.id) for item in found]
    out.table(data, ("", "", "", "", "id"), rows)
    return 0
