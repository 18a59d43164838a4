"""Verbs of the daily work: note and task."""

import argparse

from crm_desktop.errors import InvalidInput
from crm_desktop.services.changes import record_title
from crm_desktop.services.notes import FollowUp
from crm_desktop.store.reader import Reader
from ui.cli.lookup import day_given, find
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    note = verb("note", "write a visit note, or edit one with --visit")
    note.add_argument("account", nargs="?", metavar="ACCOUNT")
    note.add_argument("text", metavar="TEXT")
    note.add_argument("--visit", metavar="ID", help="the visit whose note becomes TEXT")
    note.add_argument("--subject", default="")
    note.add_argument("--follow-up", metavar="SUBJECT", help="also add a task")
    note.add_argument("--due", type=day_given, metavar="DATE", help="when the task is due (YYYY-MM-DD)")
    note.set_defaults(run=_note)
    task = verb("task", "add, finish or list tasks")
    actions = task.add_subparsers(dest="action", metavar="add|done|list", required=True)
    add = actions.add_parser("add")
    add.add_argument("subject")
    add.add_argument("--account", metavar="ACCOUNT")
    add.add_argument("--due", type=day_given, metavar="DATE")
    add.set_defaults(run=_add)
    done = actions.add_parser("done")
    done.add_argument("task", metavar="ID")
    done.set_defaults(run=_done)
    listing = actions.add_parser("list")
    listing.add_argument("--until", type=day_given, metavar="DATE")
    listing.set_defaults(run=_tasks)


def _note(app: App, arguments: argparse.Namespace, out: Output) -> int:
    follow_up = FollowUp(arguments.follow_up, arguments.due) if arguments.follow_up else None
    if arguments.visit:
        visit_id = app.store.read(lambda reader: find(reader, "visit", arguments.visit))["id"]
        app.notes.save_note(visit_id, arguments.text)
        if follow_up:
            app.notes.follow_up(visit_id, follow_up)
        out.say({"id": visit_id}, out.word("changed"))
        return 0
    if not arguments.account:
        raise InvalidInput("account_missing", "Whom did you visit?", "Write: note ACCOUNT TEXT")
    account_id = app.store.read(lambda reader: find(reader, "account", arguments.account))["id"]
    if not (arguments.text.strip() or arguments.subject.strip() or follow_up):
        raise InvalidInput("note_says_nothing", "The note is empty.", "Write what was spoken about.")
    visit_id = app.notes.start_visit(account_id, subject=arguments.subject, note=arguments.text, follow_up=follow_up)
    out.say({"id": visit_id}, out.word("created", what=visit_id))
    return 0


def _add(app: App, arguments: argparse.Namespace, out: Output) -> int:
    account_id = None
    if arguments.account:
        account_id = app.store.read(lambda reader: find(reader, "account", arguments.account))["id"]
    task_id = app.tasks.add(arguments.subject, account_id=account_id, due_on=arguments.due)
    out.say({"id": task_id}, out.word("created", what=task_id))
    return 0


def _done(app: App, arguments: argparse.Namespace, out: Output) -> int:
    task_id = app.store.read(lambda reader: find(reader, "task", arguments.task))["id"]
    app.tasks.done(task_id)
    out.say({"id": task_id}, out.word("changed"))
    return 0


def _tasks(app: App, arguments: argparse.Namespace, out: Output) -> int:
    tasks = app.tasks.due(arguments.until)

    def names(reader: Reader) -> dict[str, str]:
        accounts = reader.many("account", [task["account_id"] for task in tasks if task["account_id"]])
        return {account_id: record_title("account", row) for account_id, row in accounts.items()}

    titles = app.store.read(names)
    rows = [(task["due_on"], task["subject"], titles.get(task["account_id"], ""), task["id"]) for task in tasks]
    out.table(
        tasks, ("due", "task", "account", "id") if out.language == "en" else ("fällig", "Aufgabe", "Kunde", "id"), rows
    )
    return 0
