"""Verbs about what waits and what needs a decision: outbox, conflicts, resolve."""

import argparse
from collections.abc import Callable
from dataclasses import asdict

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.services.changes import ChangeView
from crm_desktop.services.conflicts import ConflictView
from ui.cli.lookup import values_of
from ui.cli.output import Output, table_lines, text_of
from ui.compose import App
from ui.presenters.outbox import reason_words

Verb = Callable[[str, str], argparse.ArgumentParser]
_ALL = 100_000  # a listing of the command line is whole
_DONE = {"retry": "sent_again", "edit": "sent_again", "drop": "discarded", "hand-over": "handed_over"}


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    outbox = verb("outbox", "what waits for the server and what it refused")
    outbox.add_argument(
        "action",
        nargs="?",
        choices=["discard", *_DONE],
        help="discard takes back what was never sent; retry, edit, drop and hand-over decide about a refused change",
    )
    outbox.add_argument("entry", nargs="?", metavar="SEQ_OR_ID")
    outbox.add_argument("values", nargs="*", metavar="FIELD=VALUE", help="what is to be sent instead (edit)")
    outbox.add_argument("--reason", default="", help="why it is dropped")
    outbox.add_argument("--note", default="", help="a word for inside sales (hand-over)")
    outbox.set_defaults(run=_outbox)
    conflicts = verb("conflicts", "what two people changed at once")
    which = conflicts.add_mutually_exclusive_group()
    for name, text in (("settled", "what a rule decided without asking"), ("all", "decided ones too")):
        which.add_argument(f"--{name}", dest="which", action="store_const", const=name, default="open", help=text)
    conflicts.set_defaults(run=_conflicts)
    resolve = verb("resolve", "decide a conflict, or decide it otherwise")
    resolve.add_argument("conflict", metavar="ID")
    resolve.add_argument("side", choices=["mine", "theirs"])
    resolve.set_defaults(run=_resolve)


def _outbox(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.action is not None:
        return _decide(app, arguments, out)
    entries, refused = app.outbox.entries(_ALL), app.refusals.open()
    lines = []
    for entry in entries:
        lines.append(f"{entry.client_seq}  {entry.at}  {entry.state} {entry.message}".rstrip())
        lines += _change_lines(entry.changes, out.language)
    for view in refused:
        indent = "  " if view.place else ""  # goes along with the entry above
        words = (
            reason_words(view.reason, out.language, view.detail, own=not view.author),
            view.author,
            view.note,
            out.word("with_the_desk") if view.handed else "",
        )
        lines.append(f"{indent}{view.id}  {view.at or ''}  {view.reason} {view.detail}".rstrip())
        lines += [f"    {text}" for text in words if text]
        lines += _change_lines(view.changes, out.language)
    out.say(
        {"entries": [asdict(entry) for entry in entries], "refused": [asdict(view) for view in refused]},
        *(lines or [out.word("none")]),
    )
    return 0


def _change_lines(changes: tuple[ChangeView, ...], language: str) -> list[str]:
    lines = []
    for change in changes:
        lines.append(f"    {change.kind} {change.entity} {change.title} {change.outcome}".rstrip())
        for diff in change.fields:
            old = f"{text_of(diff.old)!r} -> " if diff.old is not None else ""
            lines.append(f"        {diff.label(language)}: {old}{text_of(diff.new)!r}")
    return lines


def _decide(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if not arguments.entry:
        raise InvalidInput("entry_missing", f"Which entry to {arguments.action}?", "Give its number or id.")
    if arguments.action == "discard":
        if not arguments.entry.isdigit():
            raise InvalidInput("entry_not_a_number", "An entry of the outbox has a number.", "Look at: outbox")
        seq = int(arguments.entry)
        if seq not in {entry.client_seq for entry in app.outbox.entries(_ALL)}:
            raise NotFound("no_entry", f"There is no entry {seq} in the outbox.", "Look at: outbox", given=seq)
        gone = bool(app.outbox.take_back(seq))  # with what builds on it, as in the window
        out.say({"discarded": gone}, out.word("discarded" if gone else "on_its_way"))
        return 0 if gone else 1
    entry = _refused_id(app, arguments.entry)
    if arguments.action == "edit":
        count = _edit(app, entry, arguments.values)
    elif arguments.action == "retry":
        count = app.refusals.retry(entry, "command line")
    elif arguments.action == "hand-over":
        count = app.refusals.hand_over(entry, arguments.note, "command line")
    else:
        count = app.refusals.drop(entry, arguments.reason, "command line")
    out.say({arguments.action: entry, "count": count}, out.word(_DONE[arguments.action], count=count))
    return 0


def _edit(app: App, entry: str, assignments: list[str]) -> int:
    """Send a refused change with other values."""
    wanted = app.refusals.proposal(entry)
    values = {**wanted.values, **values_of(wanted.entity, assignments, app.permissions)}
    return app.refusals.save(entry, values, initiator="command line")


def _refused_id(app: App, given: str) -> str:
    for view in app.refusals.open():
        if given in (view.id, str(view.client_seq)) or view.id.endswith(given):
            return view.id
    raise NotFound("no_entry", f"There is no refused change {given!r}.", "Look at: outbox", given=given)


def _conflicts(app: App, arguments: argparse.Namespace, out: Output) -> int:
    views = {"open": app.conflicts.open, "settled": app.conflicts.settled, "all": app.conflicts.all}[arguments.which]()
    lines: list[str] = []
    for view in views:
        lines.append(f"{view.id}  {view.title(out.language)}  {view.rule}, {view.status}")
        sides = [out.word(side) for side in ("before", "mine", "theirs")]
        rows = [(field.label(out.language), field.before, field.mine, field.theirs) for field in view.fields]
        lines += [
            f"    {line}"
            for line in table_lines(
                ("", sides[0], f"{sides[1]} ({view.mine_by})", f"{sides[2]} ({view.theirs_by})"), rows, "", 36
            )
        ]
    out.say([asdict(view) for view in views], *(lines or [out.word("none")]))
    return 0


def _resolve(app: App, arguments: argparse.Namespace, out: Output) -> int:
    view = _conflict(app, arguments.conflict)
    app.conflicts.resolve(view.id, arguments.side)
    out.say({"id": view.id, "status": arguments.side}, out.word("decided"))
    return 0


def _conflict(app: App, given: str) -> ConflictView:
    views = [view for view in app.conflicts.all() if view.id == given or view.id.endswith(given)]
    if len(views) != 1:
        raise NotFound("no_conflict", f"There is no conflict {given!r} here.", "Look at: conflicts", given=given)
    return views[0]
