"""Carries out the effects of one session on a real transport and keeps the sync history."""

import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from crm_desktop.errors import KnownError
from crm_desktop.model.columns import format_instant
from sync.effects import AwaitPull, Effect, Hello, Push, StartPull
from sync.engine import session
from sync.first_sync import AskManifest, PartEffect, StartPart
from sync.mending import Ask
from sync.ports import UNREACHED, Body, SyncStore, Traffic, Transport
from sync.session_report import SessionReport

_log = logging.getLogger("crm.sync")


def run_session(
    store: SyncStore,
    transport: Transport,
    *,
    now: Callable[[], datetime],
    full_hello: bool = False,
    wait_s: int = 0,
    push: bool = True,
    log_idle: bool = True,
) -> SessionReport:
    """One session to its end. Never raises SessionError: the report carries it.

    A page is fetched by a helper thread while the store applies the one before. `log_idle` False leaves sessions
    that moved nothing out of the history.
    """
    started = now()
    before = transport.traffic()
    steps = session(store, now=lambda: format_instant(now()), full_hello=full_hello, wait_s=wait_s, push=push)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync-fetch") as fetcher:
        report = _drive(steps, store, transport, fetcher)
    _record(store, report, started, now(), transport.traffic().since(before), log_idle)
    return report


def _drive(
    steps: Generator[Effect, Body, SessionReport],
    store: SyncStore,
    transport: Transport,
    fetcher: ThreadPoolExecutor,
) -> SessionReport:
    transport.identify(store.sync_state().device_id)
    page: Future[Body] | Callable[[], Body] | None = None
    part: Future[None] | None = None
    answer: Body | None = None
    error: KnownError | None = None
    last: Effect | None = None
    while True:
        try:
            # a generator is started by None
            effect = steps.throw(error) if error else steps.send(answer)  # type: ignore[arg-type]
        except StopIteration as end:
            report: SessionReport = end.value
            return report
        if isinstance(last, Hello):  # its answer may have given this device another identity
            transport.identify(store.sync_state().device_id)
        last = effect
        answer, error = {}, None
        try:
            if isinstance(effect, StartPull):
                # A thread only where there is something to do meanwhile: it takes as long as a small request.
                page = (
                    fetcher.submit(transport.pull, effect.body)
                    if effect.ahead
                    else partial(transport.pull, effect.body)
                )
            elif isinstance(effect, AwaitPull):
                assert page is not None
                answer = page.result() if isinstance(page, Future) else page()
            elif isinstance(effect, Push):
                answer = transport.push(effect.body, effect.before_send)
            elif isinstance(effect, Hello):
                answer = transport.hello(effect.body)
            elif isinstance(effect, Ask):
                answer = transport.ask(effect.call, effect.body)
            else:
                part, answer = _part_effect(effect, transport, fetcher, part)
        except KnownError as refusal:  # also of the store, where it could not note what is about to be sent
            error = refusal


def _part_effect(
    effect: PartEffect, transport: Transport, fetcher: ThreadPoolExecutor, part: Future[None] | None
) -> tuple[Future[None] | None, Body]:
    """(the part under way, the answer)"""
    if isinstance(effect, AskManifest):
        return part, transport.snapshot(effect.body)
    if isinstance(effect, StartPart):
        return fetcher.submit(_fetch_part, transport, effect), {}
    assert part is not None
    part.result()
    return part, {}


def _fetch_part(transport: Transport, part: StartPart) -> None:
    transport.get_part(part.snapshot_id, part.number, part.size, part.data)
    part.arrived()


def _record(
    store: SyncStore, report: SessionReport, started: datetime, ended: datetime, traffic: Traffic, log_idle: bool
) -> None:
    error = report.error
    if error is not None and error.code == "stopped":
        return
    line: dict[str, Any] = {
        "started_at": format_instant(started),
        "ended_at": format_instant(ended),
        "pushed": report.pushed,
        "pulled": report.pulled,
        "evicted": report.evicted,
        "deleted": report.deleted,
        "conflicts": report.conflicts,
        "bytes_out": traffic.bytes_out,
        "bytes_in": traffic.bytes_in,
        "requests": traffic.requests,
        "error_code": error.code if error else "",
        "digest_ok": report.digest_ok,
    }
    if report.repaired or report.differed:
        names = [f"{entity}/{record_id}" for entity, record_id in report.differed]
        line["repaired"] = names
        _log.warning("this copy differed from the server's and was read anew: %s", " ".join(names) or "nothing found")
    if report.digest_ok is False:
        _log.error("digest differs from the server's after a complete pull")
    if report.moved or log_idle or (error is not None and error.code not in UNREACHED):
        _log.info("session %s", " ".join(f"{name}={value}" for name, value in line.items()))
        try:
            store.log_session(line)
        except KnownError as failure:  # a full disk must not end the thread that could still send
            _log.warning("sync history not written: %s", failure.code)
