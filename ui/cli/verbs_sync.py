"""Verbs around the server: enrol, sync, digest."""

import argparse
import getpass
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from crm_desktop.clock import stamp
from ui.cli.output import Output
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
        app.store.mending.allow_removals()
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
