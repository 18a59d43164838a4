"""What the sync endpoints do, in a worker thread: identity, then storage."""

from dataclasses import replace

from crm_desktop.clock import stamp
from crm_desktop.model.columns import format_instant, parse_instant
from server.api.bodies import parse
from server.api.errors import ApiError
from server.api.requests import OLDEST_SCHEMA, Caller, check_schema
from server.identity.enrolment import Identity
from server.storage import devices
from server.storage.devices import Device
from server.storage.history import CursorExpired, HistoryError, check_cursor
from server.storage.pull import Page
from server.storage.scope_sets import scopes_now
from server.storage.sequence import SequenceError
from server.storage.storage import Storage
from sync.protocol import Code, HelloAnswer, HelloRequest, PullRequest, PushAnswer, PushRequest, TxnResult


class SyncCalls:
    """The calls of the sync protocol; every one proves its token anew."""

    def __init__(self, storage: Storage, identity: Identity) -> None:
        self._storage = storage
        self._identity = identity

    def hello(self, who: Caller, body: bytes) -> bytes:
        """What the server knows of the device and what the device should do."""
        request = parse(HelloRequest, body)
        device = self._identity.device(who.token, request.device_id or who.device_id)
        now = self._storage.clock.now()
        trusted = self._trusted(request.clock)
        with self._storage.plain_write() as connection:
            devices.seen(connection, device.device_id, format_instant(now), request.schema_ver, clock_trusted=trusted)
        action = "ok"
        epoch = request.epoch
        if epoch:
            try:
                with self._storage.read() as connection:
                    check_cursor(connection, epoch, request.cursor)
            except CursorExpired:
                action = "rebootstrap"
            except HistoryError as error:
                action = "replay"
                self._renewed(epoch, error)
        if action == "ok" and self._forgot(device, request):
            action = "replay"
            self._storage.new_epoch(epoch)
        if action == "ok" and _forked(device, request.client_seq, request.txn_id):
            action = "new_device_id"
        epoch, seq = self._storage.state()
        with self._storage.read() as connection:
            scopes = sorted(scopes_now(connection, device.user_id))
        return (
            HelloAnswer(
                epoch=epoch,
                server_seq=seq,
                last_client_seq=device.last_client_seq,
                last_txn_id=device.last_txn_id,
                scopes=scopes,
                limits=self._storage.settings.limits,
                min_schema=OLDEST_SCHEMA,
                action=action,
                server_time=stamp(self._storage.clock),
                device_code=device.code,
            )
            .model_dump_json()
            .encode()
        )

    def push(self, who: Caller, body: bytes) -> bytes:
        """Carry out the device's transactions."""
        device = self._identity.device(who.token, who.device_id)
        request = parse(PushRequest, body)
        limits = self._storage.settings.limits
        count = sum(len(txn.ops) for txn in request.txns)
        longest = max((len(txn.ops) for txn in request.txns), default=0)
        if longest > limits.transaction_ops or (count > limits.push_ops and len(request.txns) > 1):
            raise ApiError(
                413,
                Code.TOO_LARGE,
                "Too many changes in one request.",
                "Send less at once.",
                push_ops=limits.push_ops,
                transaction_ops=limits.transaction_ops,
            )
        if request.clock:  # a clock may be set wrong between two hellos
            device = replace(device, clock_trusted=self._trusted(request.clock))
        if not request.txns:
            answer = PushAnswer(results=[], last_client_seq=device.last_client_seq)
        else:
            results, last = self._push(device, request)
            answer = PushAnswer(results=results, last_client_seq=last)
        return answer.model_dump_json().encode()

    def _trusted(self, told: str) -> bool:
        """Whether a device's clock is near enough to ours."""
        try:
            off = (parse_instant(told) - self._storage.clock.now()).total_seconds()
        except (ValueError, TypeError):
            return False
        return abs(off) <= self._storage.settings.clock_tolerance_s

    def _push(self, device: Device, request: PushRequest) -> tuple[list[TxnResult], int]:
        try:
            return self._storage.push(device, request.epoch, request.txns, request.cursor)
        except HistoryError as error:
            raise HistoryError(self._renewed(request.epoch, error)) from error

    def _renewed(self, epoch: str, error: HistoryError) -> str:
        """The epoch that holds now. A cursor unknown in its own epoch shows that this is a restored database."""
        return self._storage.new_epoch(epoch) if error.epoch == epoch else error.epoch

    def _forgot(self, device: Device, request: HelloRequest | PullRequest) -> bool:
        """Whether this history lacks what it has answered: the database was restored, though its cursor is older."""
        return request.confirmed > device.last_client_seq and request.epoch == self._storage.state()[0]

    def pull_request(self, body: bytes) -> PullRequest:
        """The pull as it was asked."""
        return parse(PullRequest, body)

    def pull(self, who: Caller, request: PullRequest, *, first: bool) -> Page:
        """The next page. A cursor of another history starts a new epoch (the server was restored)."""
        device = self._identity.device(who.token, who.device_id)
        check_schema(who)
        if first and _forked(device, request.client_seq, request.txn_id):
            raise SequenceError(fork=True, expected=device.last_client_seq + 1)
        if first and self._forgot(device, request):
            raise HistoryError(self._storage.new_epoch(request.epoch))
        try:
            return self._storage.pull(
                device,
                request.epoch,
                request.cursor,
                request.limit,
                sums=who.knows_all,
                backfill=request.backfill,
            )
        except HistoryError as error:
            raise HistoryError(self._renewed(request.epoch, error)) from error


def _forked(device: Device, client_seq: int, txn_id: str) -> bool:
    """The server has seen more of this device than the device itself: it is another laptop."""
    if device.last_client_seq > client_seq:
        return True
    return device.last_client_seq == client_seq and device.last_txn_id != txn_id
