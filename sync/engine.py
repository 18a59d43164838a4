"""One sync session: push, then pull. Sans-I/O: effects go out, answers come in; no thread, no clock, no network.

The generator yields effects and is sent their answers (JSON bodies); a refusal is thrown in as SessionError.
Push comes first, and pull goes on when push is stuck: what one poisoned change blocks is never the download.
"""

from collections.abc import Callable, Generator

from crm_desktop.errors import KnownError, SessionError
from crm_desktop.ids import new_id
from sync.effects import Effect
from sync.handshake import HEALS, Handshake
from sync.mending import tell_left
from sync.ports import UNREACHED, Body, SyncStore
from sync.protocol.messages import Code, Limits
from sync.pull import PullHalf
from sync.push import PushHalf
from sync.session_report import SessionReport

# After these no other request of the session can succeed either.
FATAL = {*UNREACHED, "stopped", "other_protocol", Code.TOKEN_EXPIRED, Code.DEVICE_REVOKED}


def session(
    store: SyncStore,
    *,
    now: Callable[[], str],
    full_hello: bool = False,
    wait_s: int = 0,
    limits: Limits | None = None,
    push: bool = True,
    new_id: Callable[[], str] = new_id,
) -> Generator[Effect, Body, SessionReport]:
    """One whole run. `now` (wire form) is asked at each request that tells the server how far our clock is off.

    With `wait_s` the first pull is a long poll. With `push` False it is the listening half: it only pulls and
    leaves every healing to a full session. A copy that starts from nothing is filled by prepared parts before the pull,
    where the server has any; what a grant made visible is fetched between the pulls; a difference is narrowed down
    before everything is read again, and what only this copy still holds of a history that is gone is told to the
    server. Errors are not raised, they stand in the report.
    """
    report = SessionReport()
    handshake = Handshake(store, now=now, limits=limits or Limits(), heals=HEALS if push else 0, new_id=new_id)
    sending = PushHalf(store, handshake, report) if push else None
    fetching = PullHalf(store, handshake, report, push=sending)
    try:
        if full_hello or not store.sync_state().epoch:
            yield from handshake.hello()
        if sending is not None:
            try:
                yield from sending.run()
                report.drained = True
            except SessionError as error:
                if error.code in FATAL:
                    raise
                report.error = error
        yield from fetching.run(wait_s)
        if fetching.healed and sending is not None:  # what the server forgot waits again
            yield from sending.run()
            yield from fetching.run(0)
        report.copies = yield from tell_left(store.mending, lambda: store.sync_state().epoch)
        if push and report.digest_ok:
            store.mending.look_over(now())
    except KnownError as error:
        report.error = report.error or error
    return report
