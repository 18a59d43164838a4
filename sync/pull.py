"""The fetching half of a session: pages until the server has no more, and what follows from the last one."""

from collections.abc import Generator
from typing import Any

from crm_desktop.errors import SessionError
from sync.backfill import step
from sync.effects import AwaitPull, Effect, StartPull, Steps, bad_answer
from sync.first_sync import fill
from sync.handshake import Handshake
from sync.mending import check_removals, mend
from sync.ports import Body, SyncState, SyncStore
from sync.protocol.messages import Limits
from sync.push import PushHalf
from sync.session_report import SessionReport

NAMED = 50  # of what differed, in the report
IDLE_ROUNDS = 3  # pages without progress before it gives up
PAGE_PARTS = {"cursor", "more"}  # what is read here; the rest is the store's


class PullHalf:
    """Fetches what is new. `healed` tells that hello had to mend something meanwhile.

    Without `push` it only listens: it begins no copy, heals nothing and sends nothing.
    """

    def __init__(
        self,
        store: SyncStore,
        handshake: Handshake,
        report: SessionReport,
        *,
        push: PushHalf | None,
    ) -> None:
        self.healed = False
        self._store = store
        self._handshake = handshake
        self._report = report
        self._push = push
        self._granted_to: int | None = None
        self._mended = False
        self._reread = False

    def run(self, wait_s: int) -> Steps:
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
                yield from self._handshake.heal(error)
                self.healed = True
                continue
            if not page.keys() >= PAGE_PARTS:
                raise bad_answer()
            if page["more"]:
                # Far behind: each page is a transaction that writes most of the index pages anew, so fewer and larger.
                larger = self._handshake.limits.page_rows * self._handshake.limits.catch_up
                body = self._pull_body(self._store.sync_state(), 0, page["cursor"]) | {"limit": larger}
                yield StartPull(body, ahead=True)
                ahead = True
            yield from check_removals(
                self._store.mending, page, lambda: self._handshake.position(self._store.sync_state())
            )
            applied = self._store.apply_page(page)
            wait = 0
            if not applied.applied:  # the cursor moved meanwhile: what was fetched ahead fits no more either
                ahead = False
                dropped += 1
                if dropped == IDLE_ROUNDS:
                    raise SessionError("no_progress", "The data moved while it was fetched.", "It is tried again.")
                continue
            dropped = 0
            self._report.add(applied)
            if not page["more"]:
                if page.get("backfill") and (yield from self._fetch_granted()):
                    continue
                self._report.differed += tuple(applied.differed)
                if not (yield from self._repair()):
                    if self._report.digest_ok and self._granted_to is None:
                        self._store.backfill.begin()
                    return

    def _filled(self) -> Generator[Effect, Body, SyncState | None]:
        """Where the pull begins: behind the prepared parts where all has to be fetched and there are some.

        None for the listening half: it begins no copy, as a full session may be filling one just now.
        """
        state = self._store.sync_state()
        if state.cursor_seq:
            return state
        if self._push is None:
            return None
        self._report.pulled += yield from fill(self._store.first_fill, state.epoch)
        return self._store.sync_state()

    def _fetch_granted(self) -> Generator[Effect, Body, bool]:
        """One step of the lane of grants, and what was written meanwhile goes out. True: pull again."""
        if self._granted_to is None:  # nobody asked for the lane
            return False
        rows = yield from step(self._store.backfill, self._handshake.position(self._store.sync_state()))
        if rows is None:
            return False
        self._report.pulled += rows
        if self._push is not None and self._store.pending(1):
            yield from self._push.run()
        return True

    def _repair(self) -> Generator[Effect, Body, bool]:
        """Mend what differs, or else begin to read all again; each once in a session. True: pull again."""
        if self._report.digest_ok is not False or self._push is None:
            return False
        if not self._mended:
            self._mended = True
            found = yield from mend(self._store.mending, self._handshake.position(self._store.sync_state()))
            if found is not None:
                self._report.repaired = True
                self._report.differed += found[:NAMED]
                return True
        if self._reread:
            return False
        self._reread = self._store.begin_repair()
        self._report.repaired |= self._reread
        return self._reread

    def _pull_body(self, state: SyncState, wait: int, cursor: dict[str, Any] | None = None) -> Body:
        body = self._handshake.position(state, cursor)
        if wait:
            body["wait"] = wait
        self._granted_to = self._store.backfill.after()
        if self._granted_to is not None:
            body["backfill"] = self._granted_to
        if self._handshake.limits.page_rows != Limits().page_rows:
            body["limit"] = self._handshake.limits.page_rows
        return body
