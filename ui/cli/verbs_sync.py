"""Verbs around the server: enrol, sync, digest, outbox, conflicts, resolve."""

import argparse
import getpass
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from crm_desktop.clock import stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.services.changes import ChangeView
from crm_desktop.services.conflicts import ConflictView
from ui.cli.output import Output, table_lines, text_of
from ui.compose import App, SessionReport, SyncStatus

Verb = Callable[[str, str], argparse.ArgumentParser]


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    enrol = verb("enrol", "make this profile a device of a user")
    enrol.add_argument("--server", required=True, metavar="URL")
    enrol.add_argument("--login", required=True)
    enrol.add_argument("--device-name", default="")
    enrol.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    enrol.set_defaults(run=_enrol)
    sync = verb("sync", "send what waits and fetch what is new")
    sync.add_argument("--watch", action="store_true", help="stay connected until interrupted")
    sync.add_argument("--accept-removals", action="store_true", help="let the server take many records away this time")
    sync.set_defaults(run=_sync)
    digest = verb("digest", "checksums of the synced data per scope")
    digest.add_argument("--recompute", action="store_true", help="compute them from the rows instead of reading them")
    digest.set_defaults(run=_digest)
    outbox = verb("outbox", "what waits for the server and what it refused")
    outbox.add_argument("action", nargs="?", choices=["discard", "retry", "drop"])
    outbox.add_argument("entry", nargs="?", metavar="SEQ_OR_ID")
    outbox.add_argument("--reason", default="", help="why it is dropped")
    outbox.set_defaults(run=_outbox)
    verb("conflicts", "what two people changed at once").set_defaults(run=_conflicts)
    resolve = verb("resolve", "decide a conflict")
    resolve.add_argument("conflict", metavar="ID")
    resolve.add_argument("side", choices=["mine", "theirs"])
    resolve.set_defaults(run=_resolve)


def _enrol(app: App, arguments: argparse.Namespace, out: Output) -> int:
    password = sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else getpass.getpass()
    app.enrol(arguments.server, arguments.login, password, arguments.device_name)
    state = app.store.sync_state()
    out.say(
        {"user_id": state.user_id, "device_id": state.device_id, "key_protection": app.key_protection},
        out.word("enrolled", login=arguments.login),
        out.word(f"key_{app.key_protection}"),
    )
    return 0


def _sync(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.accept_removals:
        app.store.set_setting("accept_removals", "1")
    if arguments.watch:
        return _watch(app, out)
    report = app.sync_once()
    if report.error is not None:
        raise report.error
    lines = [
        out.word("synced", **{name: getattr(report, name) for name in ("pushed", "pulled", "conflicts", "refused")})
    ]
    if report.digest_ok is not None:
        lines.append(out.word("verified" if report.digest_ok else "differs"))
    out.say(report_data(report), *lines)
    return 0 if report.digest_ok is not False else 1


def report_data(report: SessionReport) -> dict[str, Any]:
    """What a session did, for scripts."""
    return {
        name: getattr(report, name)
        for name in ("pushed", "pulled", "evicted", "deleted", "conflicts", "refused", "outcomes")
    } | {"verified": report.digest_ok}


def _watch(app: App, out: Output) -> int:
    ended = threading.Event()

    def tell(status: SyncStatus) -> None:
        data = asdict(status) | {"at": stamp(app.clock), "error": status.error.code if status.error else None}
        out.say(
            data,
            f"{stamp(app.clock)} "
            + out.word(
                "status",
                state=out.word(status.state),
                waiting=status.waiting,
                conflicts=status.conflicts,
                refused=status.refused,
                sent=status.sent,
                received=status.received,
            ),
        )

    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    runner = app.start_sync(tell)
    try:
        ended.wait()
    except KeyboardInterrupt:
        ended.set()
    runner.stop()
    return 0


def _digest(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.recompute:
        sums = app.store.recompute_digest()
    else:
        sums = app.store.read(lambda reader: reader.digest())
    state = app.store.sync_state()
    out.table(
        {"epoch": state.epoch, "cursor": state.cursor_seq, "digest": dict(sorted(sums.items()))},
        ("scope", "digest"),
        sorted(sums.items()),
    )
    return 0


def _outbox(app: App, arguments: argparse.Namespace, out: Output) -> int:
    if arguments.action is not None:
        return _decide(app, arguments, out)
    entries, refused = app.outbox.entries(), app.refusals.open()
    lines = []
    for entry in entries:
        lines.append(f"{entry.client_seq}  {entry.at}  {entry.state} {entry.message}".rstrip())
        lines += _change_lines(entry.changes, out.language)
    for view in refused:
        lines.append(f"{view.id}  {view.at or ''}  {view.reason} {view.detail}".rstrip())
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
        if seq not in {entry.client_seq for entry in app.outbox.entries()}:
            raise NotFound("no_entry", f"There is no entry {seq} in the outbox.", "Look at: outbox", given=seq)
        gone = app.outbox.discard(seq)
        out.say({"discarded": gone}, out.word("discarded" if gone else "on_its_way"))
        return 0 if gone else 1
    entry = _refused_id(app, arguments.entry)
    if arguments.action == "retry":
        app.refusals.retry(entry)
    else:
        app.refusals.drop(entry, arguments.reason)
    out.say({arguments.action: entry}, out.word("changed" if arguments.action == "retry" else "discarded"))
    return 0


def _refused_id(app: App, given: str) -> str:
    for view in app.refusals.open():
        if given in (view.id, str(view.client_seq)) or view.id.endswith(given):
            return view.id
    raise NotFound("no_entry", f"There is no refused change {given!r}.", "Look at: outbox", given=given)


def _conflicts(app: App, arguments: argparse.Namespace, out: Output) -> int:
    views = app.conflicts.open()
    lines: list[str] = []
    for view in views:
        lines.append(f"{view.id}  {view.title(out.language)}")
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
