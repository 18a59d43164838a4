"""Hello: device and server tell each other where they stand, and it mends what the server refuses to go on with."""

from collections.abc import Callable, Generator
from typing import Any

from pydantic import ValidationError

from crm_desktop.errors import SessionError
from sync.effects import Effect, Hello, Steps, bad_answer
from sync.ports import Body, SyncState, SyncStore
from sync.protocol.messages import Code, HelloAnswer, Limits

HEALS = 3  # times one session lets hello heal it before it gives up
HEALED_BY_HELLO = {Code.EPOCH_CHANGED, Code.DEVICE_FORK, Code.CURSOR_EXPIRED}


class Handshake:
    """The hellos of one session. `now` is the time in wire form, `limits` what the server told last.

    `heals`: how often it may mend something; then the refusal stands.
    """

    def __init__(
        self,
        store: SyncStore,
        *,
        now: Callable[[], str],
        limits: Limits,
        heals: int,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self.now = now
        self.limits = limits
        self._new_id = new_id
        self._heals_left = heals

    def position(self, state: SyncState, cursor: dict[str, Any] | None = None) -> Body:
        """Where this device stands, as every request tells it; `cursor` instead of the one in the store."""
        return {
            "epoch": state.epoch,
            "cursor": cursor or {"seq": state.cursor_seq, "commit_id": state.cursor_commit},
            "client_seq": state.client_seq,
            "txn_id": state.txn_id,
            "confirmed": state.confirmed,
        }

    def hello(self) -> Generator[Effect, Body, HelloAnswer]:
        """Exchange positions and do what the server says."""
        state = self._store.sync_state()
        told = yield Hello(
            self.position(state)
            | {
                "device_id": state.device_id,
                "schema_ver": state.schema_ver,
                "clock": self.now(),
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
            self._store.adopt_device(self._new_id())  # the server admits it by the token at its first request
        if answer.action in ("replay", "rebootstrap") or answer.epoch != state.epoch:
            self._store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
        self._store.adopt_server(answer.scopes, answer.limits.model_dump())
        return answer

    def heal(self, error: SessionError) -> Steps:
        """Let hello mend what `error` says; raises it where hello cannot or was asked often enough."""
        if error.code not in HEALED_BY_HELLO or self._heals_left == 0:
            raise error
        self._heals_left -= 1
        answer = yield from self.hello()
        if error.code == Code.DEVICE_FORK and answer.action == "ok":
            # Hello compares the highest numbers alone: a twin that has sent less than we wrote is found by push only.
            self._store.adopt_device(self._new_id())

    def close_gap(self, error: SessionError) -> Steps:
        """The server expects an earlier transaction than we sent: hello tells whether its history is another."""
        if self._heals_left == 0:
            raise error
        self._heals_left -= 1
        answer = yield from self.hello()
        first = self._store.pending(1)
        expected = int(error.values.get("expected") or 0)
        if first and expected and first[0].client_seq > expected:
            # Same history, yet it forgot what it had acknowledged: the retained log heals it.
            self._store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
