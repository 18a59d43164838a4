"""One sync session: push, then pull. Sans-I/O: effects go out, answers come in; no thread, no clock, no network.

The generator yields effects and is sent their answers (JSON bodies); a refusal is thrown in as SessionError.
Push comes first, and pull goes on when push is stuck: what one poisoned change blocks is never the download.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from pydantic import ValidationError

from crm_desktop.errors import KnownError, SessionError
from crm_desktop.ids import new_id
from crm_desktop.model.operations import Outcome, Transaction
from sync.backfill import Backfill, step
from sync.first_sync import FirstFill, PartEffect, fill
from sync.mending import Ask, Mending, check_removals, mend, tell_left
from sync.ports import UNREACHED, Body, PageApplied, SyncState, SyncStore
from sync.protocol.messages import Code, HelloAnswer, Limits

HEALS = 3  # times one session lets hello heal it before it gives up
NAMED = 50  # of what differed, in the report
IDLE_ROUNDS = 3  # pushes or pages without progress before it gives up
CONFLICTS = {Outcome.CONFLICT, Outcome.CONFLICT_COPY}
REFUSED = {Outcome.QUARANTINED, Outcome.GONE, Outcome.DELETE_REQUEST}
# After these no other request of the session can succeed either.
FATAL = {*UNREACHED, "stopped", "other_protocol", Code.TOKEN_EXPIRED, Code.DEVICE_REVOKED}
HEALED_BY_HELLO = {Code.EPOCH_CHANGED, Code.DEVICE_FORK, Code.CURSOR_EXPIRED}

PAGE_PARTS = {"cursor", "more"}  # what is read here; the rest is the store's


def bad_answer() -> SessionError:
    """An answer in JSON, yet none of the protocol."""
    return SessionError(
        "bad_answer",
        "The server gives an answer this program does not know.",
        "Update the program or ask your administrator. What you wrote stays on this laptop.",
    )


@dataclass(frozen=True, slots=True)
class Hello:
    """Exchange positions; answer: HelloAnswer."""

    body: Body


@dataclass(frozen=True, slots=True)
class Push:
    """Send transactions; answer: PushAnswer.

    `before_send` has to be done before the first byte leaves, and not where no connection could be made: it notes
    durably that the transactions may have reached the server.
    """

    body: Body
    before_send: Callable[[], None]


@dataclass(frozen=True, slots=True)
class StartPull:
    """Begin to fetch a page and go on; answer: nothing. One begun before and never awaited is dropped.

    `ahead`: something else is done before it is awaited.
    """

    body: Body
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class AwaitPull:
    """Answer: the page begun last."""


Effect = Hello | Push | StartPull | AwaitPull | PartEffect | Ask
Steps = Generator[Effect, Body, None]


@dataclass(slots=True)
class SessionReport:
    """What one session did. `pushed` counts transactions, `pulled` rows; `error` is why it ended early.

    `repaired`: the copy differed from the server's and was read anew; `differed` names the first records found wrong.
    """

    pushed: int = 0
    pulled: int = 0
    evicted: int = 0
    deleted: int = 0
    conflicts: int = 0
    refused: int = 0
    digest_ok: bool | None = None
    copies: int = 0
    repaired: bool = False
    differed: tuple[tuple[str, str], ...] = ()
    error: KnownError | None = None
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> bool:
        """Whether anything at all was sent or received."""
        return bool(self.pushed or self.pulled or self.evicted or self.deleted)

    def count(self, results: list[dict[str, Any]]) -> None:
        """Add the outcomes of a push (TxnResult as dicts)."""
        self.pushed += len(results)
        for result in results:
            for op in result["ops"]:
                outcome = op["outcome"]
                self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
                self.conflicts += outcome in CONFLICTS
                self.refused += outcome in REFUSED

    def add(self, applied: PageApplied) -> None:
        """Add what one page brought."""
        self.pulled += applied.rows
        self.evicted += applied.evicted
        self.deleted += applied.deleted
        if applied.digest_ok is not None:
            self.digest_ok = applied.digest_ok


def session(
    store: SyncStore,
    *,
    now: str,
    full_hello: bool = False,
    wait_s: int = 0,
    limits: Limits | None = None,
    push: bool = True,
    first_fill: FirstFill | None = None,
    mending: Mending | None = None,
    backfill: Backfill | None = None,
    new_id: Callable[[], str] = new_id,
) -> Generator[Effect, Body, SessionReport]:
    """One whole run. `now` (wire form) tells the server how far our clock is off; it decides nothing here.

    With `wait_s` the first pull is a long poll. With `push` False it is the listening half: it only pulls and
    leaves every healing to a full session. With `first_fill` a copy that starts from nothing is filled by prepared
    parts before the pull, where the server has any. With `mending` a difference is narrowed down before everything is
    read again, and what only this copy still holds of a history that is gone is told to the server. With `backfill`
    what a grant made visible is fetched between the pulls. Errors are not raised, they stand in the report.
    """
    run = _Session(
        store,
        now,
        limits or Limits(),
        new_id,
        healing=push,
        mending=mending,
        backfill=backfill,
        first_fill=first_fill,
    )
    try:
        state = store.sync_state()
        if full_hello or not state.epoch:
            yield from run.hello()
        if push:
            try:
                yield from run.push()
            except SessionError as error:
                if error.code in FATAL:
                    raise
                run.report.error = error
        yield from run.pull(wait_s)
        if run.healed and push:  # what the server forgot waits again
            yield from run.push()
            yield from run.pull(0)
        if mending is not None:
            run.report.copies = yield from tell_left(mending, store.sync_state().epoch)
            if push and run.report.digest_ok:
                mending.look_over(now)
    except KnownError as error:
        run.report.error = run.report.error or error
    return run.report


class _Session:
    def __init__(
        self,
        store: SyncStore,
        now: str,
        limits: Limits,
        new_id: Callable[[], str],
        *,
        healing: bool,
        mending: Mending | None,
        first_fill: FirstFill | None,
        backfill: Backfill | None,
    ) -> None:
        self.store = store
        self.now = now
        self.limits = limits
        self.new_id = new_id
        self.report = SessionReport()
        self.healed = False  # while pulling, after the push of this session
        self._healing = healing
        self._mending = mending
        self._first_fill = first_fill
        self._backfill = backfill
        self._granted_to: int | None = None
        self._mended = False
        self._reread = False
        self._heals_left = HEALS if healing else 0

    # hello

    def hello(self) -> Generator[Effect, Body, HelloAnswer]:
        """Exchange positions and do what the server says."""
        state = self.store.sync_state()
        told = yield Hello(
            self._position(state)
            | {
                "device_id": state.device_id,
                "schema_ver": state.schema_ver,
                "clock": self.now,
            }
        )
        try:
            answer = HelloAnswer.model_validate(told)
        except ValidationError as error:
            raise bad_answer() from error
        self.limits = answer.limits
        if answer.action == "wipe":
            raise SessionError(
                Code.DEVICE_REVOKED, "This device may no longer sync.", "Ask your administrator to admit it again."
            )
        if answer.action == "new_device_id":
            self.store.adopt_device(self.new_id())  # the server admits it by the token at its first request
        if answer.action in ("replay", "rebootstrap") or answer.epoch != state.epoch:
            self.store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
            if self._mending is not None and state.epoch not in ("", answer.epoch):
                self._mending.keep_left()
        self.store.adopt_server(answer.scopes, answer.limits)
        return answer

    def _heal(self, error: SessionError) -> Steps:
        """Let hello mend what `error` says, a few times; then the error stands."""
        if error.code not in HEALED_BY_HELLO or self._heals_left == 0:
            raise error
        self._heals_left -= 1
        answer = yield from self.hello()
        if error.code == Code.DEVICE_FORK and answer.action == "ok":
            # Hello compares the highest numbers alone: a twin that has sent less than we wrote is found by push only.
            self.store.adopt_device(self.new_id())

    # push

    def push(self) -> Steps:
        """Send everything that waits, in order, until the outbox is empty or the server refuses to go on."""
        try:
            yield from self._push_all()
        finally:
            self.store.release()

    def _push_all(self) -> Steps:
        most: int | None = None  # transactions a push may carry while a refused one is searched
        idle = 0
        while batch := self._batch()[:most]:
            state = self.store.sync_state()
            body: Body = {"epoch": state.epoch, "clock": self.now, "txns": [txn.wire() for txn in batch]}
            if state.cursor_seq:
                body["cursor"] = {"seq": state.cursor_seq, "commit_id": state.cursor_commit}
            mark = partial(self.store.mark_attempted, [txn.client_seq for txn in batch])
            try:
                answer = yield Push(body, mark)
            except SessionError as error:
                if error.code in (Code.TOO_LARGE, Code.MALFORMED):
                    most = self._set_aside(batch, error)
                elif error.code == Code.SEQ_GAP:
                    yield from self._close_gap(error)
                else:
                    yield from self._heal(error)
                continue
            results = answer.get("results")
            if not isinstance(results, list):
                raise bad_answer()
            try:
                self.store.record_results(results)
                self.report.count(results)
            except (LookupError, TypeError, ValueError) as error:
                raise bad_answer() from error
            sent = {txn.client_seq for txn in batch}
            idle = 0 if any(result["client_seq"] in sent for result in results) else idle + 1
            if idle == IDLE_ROUNDS:
                raise SessionError("no_progress", "The server took no change.", "It is tried again later.")
            most = None

    def _batch(self) -> list[Transaction]:
        """Transactions of the next push within the limits of operations and bytes, but at least one."""
        most_ops = self.limits.push_ops
        size = 0
        batch: list[Transaction] = []
        ops = 0
        for txn in self.store.pending(most_ops):
            ops += len(txn.ops)
            size += len(orjson.dumps(txn.wire()))
            if batch and (ops > most_ops or size > self.limits.body_bytes):
                break
            batch.append(txn)
        return batch

    def _set_aside(self, batch: list[Transaction], error: SessionError) -> int | None:
        """Quarantine the transaction the server cannot take, or halve the batch to find it.

        Returns how many transactions the next push may carry, None for the usual limits.
        """
        op_id = error.values.get("op_id")
        named = next((txn for txn in batch for op in txn.ops if op.op_id == op_id), None) if op_id else None
        if named is None and len(batch) > 1:
            return len(batch) // 2
        culprit = named or batch[0]
        if culprit.void:  # an empty transaction refused: nothing is left to set aside
            raise error
        self.store.quarantine_locally(culprit.client_seq, error.code, error.message)
        self.report.refused += 1
        return None

    def _close_gap(self, error: SessionError) -> Steps:
        """The server expects an earlier transaction than we sent: hello tells whether its history is another."""
        if self._heals_left == 0:
            raise error
        self._heals_left -= 1
        answer = yield from self.hello()
        first = self.store.pending(1)
        expected = int(error.values.get("expected") or 0)
        if first and expected and first[0].client_seq > expected:
            # Same history, yet it forgot what it had acknowledged: the retained log heals it.
            self.store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)

    # pull

    def pull(self, wait_s: int) -> Steps:
        """Fetch pages until the server has no more; the next one travels while the store applies this one."""
        ahead = False
        dropped = 0
        wait = wait_s
        while True:
            if not ahead:
                state = yield from self._filled()
                if state is None:
                    return
                yield StartPull(self._pull_body(state, wait))
            ahead = False
            try:
                page = yield AwaitPull()
            except SessionError as error:
                yield from self._heal(error)
                self.healed = True
                continue
            if not page.keys() >= PAGE_PARTS:
                raise bad_answer()
            if page["more"]:
                # Far behind: each page is a transaction that writes most of the index pages anew, so fewer and larger.
                larger = self.limits.page_rows * self.limits.catch_up
                body = self._pull_body(self.store.sync_state(), 0, page["cursor"]) | {"limit": larger}
                yield StartPull(body, ahead=True)
                ahead = True
            if self._mending is not None:
                yield from check_removals(self._mending, page, self._position(self.store.sync_state()))
            applied = self.store.apply_page(page)
            wait = 0
            if not applied.applied:  # the cursor moved meanwhile: what was fetched ahead fits no more either
                ahead = False
                dropped += 1
                if dropped == IDLE_ROUNDS:
                    raise SessionError("no_progress", "The data moved while it was fetched.", "It is tried again.")
                continue
            dropped = 0
            self.report.add(applied)
            if not page["more"]:
                if page.get("backfill") and (yield from self._fetch_granted()):
                    continue
                self.report.differed += tuple(applied.differed)
                if not (yield from self._repair()):
                    if self._backfill is not None and self.report.digest_ok and self._granted_to is None:
                        self._backfill.begin()
                    return

    def _filled(self) -> Generator[Effect, Body, SyncState | None]:
        """Where the pull begins: behind the prepared parts where all has to be fetched and there are some.

        None for the listening half: it begins no copy, as a full session may be filling one just now.
        """
        state = self.store.sync_state()
        if self._first_fill is None or state.cursor_seq:
            return state
        if not self._healing:
            return None
        self.report.pulled += yield from fill(self._first_fill, state.epoch)
        return self.store.sync_state()

    def _fetch_granted(self) -> Generator[Effect, Body, bool]:
        """One step of the lane of grants, and what was written meanwhile goes out. True: pull again."""
        if self._backfill is None:
            return False
        rows = yield from step(self._backfill, self._position(self.store.sync_state()))
        if rows is None:
            return False
        self.report.pulled += rows
        if self._healing and self.store.pending(1):
            yield from self.push()
        return True

    def _repair(self) -> Generator[Effect, Body, bool]:
        """Mend what differs, or else begin to read all again; each once in a session. True: pull again."""
        if self.report.digest_ok is not False or not self._healing:
            return False
        if self._mending is not None and not self._mended:
            self._mended = True
            found = yield from mend(self._mending, self._position(self.store.sync_state()))
            if found is not None:
                self.report.repaired = True
                self.report.differed += found[:NAMED]
                return True
        if self._reread:
            return False
        self._reread = self.store.begin_repair()
        self.report.repaired |= self._reread
        return self._reread

    def _position(self, state: SyncState, cursor: dict[str, Any] | None = None) -> Body:
        return {
            "epoch": state.epoch,
            "cursor": cursor or {"seq": state.cursor_seq, "commit_id": state.cursor_commit},
            "client_seq": state.client_seq,
            "txn_id": state.txn_id,
        }

    def _pull_body(self, state: SyncState, wait: int, cursor: dict[str, Any] | None = None) -> Body:
        body = self._position(state, cursor)
        if wait:
            body["wait"] = wait
        self._granted_to = self._backfill.after() if self._backfill is not None else None
        if self._granted_to is not None:
            body["backfill"] = self._granted_to
        if self.limits.page_rows != Limits().page_rows:
            body["limit"] = self.limits.page_rows
        return body
