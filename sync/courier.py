"""Sync without any network: a file out, a file back, carried by anybody.

Both may be carried twice, late or never: transactions are known by number and id, and a page is applied only where
it still fits. What the file brought is acknowledged by the answer, so nothing leaves the outbox before.
"""

from typing import Protocol

import orjson
import zstandard
from pydantic import ValidationError

from crm_desktop import sealed
from crm_desktop.errors import KnownError, SessionError
from crm_desktop.sealed import Keys, PublicKeys
from sync.engine import SessionReport, bad_answer
from sync.ports import SyncStore
from sync.protocol.courier import BACK, OUT, CourierAnswer, CourierRequest
from sync.protocol.messages import Code, Cursor

OWN_KEYS = "courier.keys"  # settings of the encrypted store
SERVER_KEYS = "courier.server"
_ALL = 1_000_000  # operations: a file has no limit of a request
_MOST = 1024 * 1024 * 1024  # bytes of an answer when unpacked


class CourierStore(SyncStore, Protocol):
    """The sync's port and the small settings of the store."""

    def get_setting(self, key: str) -> str | None:
        """A setting, or None."""
        ...


def write_request(store: CourierStore) -> bytes:
    """The outbox and the position of this laptop, for its server alone. KnownError no_courier_keys."""
    own, server = _keys(store)
    state = store.sync_state()
    waiting = store.pending(_ALL)
    store.mark_attempted([txn.client_seq for txn in waiting])
    request = CourierRequest(
        schema_ver=state.schema_ver,
        epoch=state.epoch,
        cursor=Cursor(seq=state.cursor_seq, commit_id=state.cursor_commit),
        client_seq=state.client_seq,
        txn_id=state.txn_id,
        txns=[txn.wire() for txn in waiting],
    )
    body = zstandard.ZstdCompressor(level=3).compress(orjson.dumps(request.model_dump(mode="json")))
    return sealed.seal({"kind": OUT, "device": state.device_id}, body, own, server)


def read_answer(store: CourierStore, data: bytes) -> SessionReport:
    """Take outcomes and pages from an answer; a second time changes nothing.

    The report's `error` says what is left to do. KnownError: not_sealed, seal_broken, other_device,
    courier_old_answer (written before a newer state of this laptop: nothing taken from its pages).
    """
    own, server = _keys(store)
    head = sealed.header(data)
    state = store.sync_state()
    if head.get("kind") != BACK or head.get("device") != state.device_id:
        raise KnownError(
            "other_device",
            "This file is not an answer for this laptop.",
            "Choose the answer that was written for your own courier file.",
        )
    answer = _parse(sealed.unseal(data, own, server))
    report = SessionReport()
    if answer.epoch != state.epoch:
        store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
        report.error = _another_round()
        return report
    results = [result.model_dump(mode="json") for result in answer.results]
    store.record_results(results)
    report.count(results)
    if answer.refused is not None:
        _refused(store, answer, report)
    _apply(store, answer, report)
    return report


def _apply(store: CourierStore, answer: CourierAnswer, report: SessionReport) -> None:
    taken = 0
    for page in answer.pages:
        applied = store.apply_page(page)
        if not applied.applied:
            continue
        taken += 1
        report.add(applied)
    if answer.pages and not taken:
        report.error = report.error or KnownError(
            "courier_old_answer",
            "This laptop knows all that, or has moved on since the file was written.",
            "Nothing had to be taken from it. Write a new courier file if you miss something.",
        )
    elif answer.pages and answer.pages[-1].get("more"):
        report.error = report.error or _another_round()


def _refused(store: CourierStore, answer: CourierAnswer, report: SessionReport) -> None:
    assert answer.refused is not None
    told = answer.refused
    if told.code == Code.MALFORMED and isinstance(told.details.get("client_seq"), int):
        store.quarantine_locally(int(told.details["client_seq"]), told.code, told.message)
        report.refused += 1
    elif told.code == Code.SEQ_GAP:
        # The server forgot what it had acknowledged: the retained log goes with the next file.
        store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
    elif told.code == Code.DEVICE_FORK:
        report.error = SessionError(
            "courier_fork",
            "Another laptop works with a copy of this profile.",
            "Connect this laptop to the server once: it then gets an identity of its own. Nothing is lost.",
        )
        return
    report.error = _another_round()


def _another_round() -> KnownError:
    return KnownError(
        "courier_again", "The answer is taken; more is to be exchanged.", "Write another courier file and send it."
    )


def _keys(store: CourierStore) -> tuple[Keys, PublicKeys]:
    own, server = store.get_setting(OWN_KEYS), store.get_setting(SERVER_KEYS)
    if not own or not server:
        raise KnownError(
            "no_courier_keys",
            "This profile has exchanged no keys with its server yet.",
            "Sign in once while the server can be reached.",
        )
    return Keys.parse(own), PublicKeys.parse(server)


def _parse(body: bytes) -> CourierAnswer:
    try:
        data = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MOST)
        return CourierAnswer.model_validate(orjson.loads(data))
    except (zstandard.ZstdError, orjson.JSONDecodeError, ValidationError) as error:
        raise bad_answer() from error
