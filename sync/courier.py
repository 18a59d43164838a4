"""Sync without any network: a file out, a file back, carried by anybody.

Both may be carried twice, late or never: transactions are known by number and id, a page is applied only where it
still fits, and the bytes of attached files are known by their hash. What the file brought is acknowledged by the
answer, so nothing leaves the outbox before. Bytes are taken before the records that name them, on both sides.
"""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from crm_desktop import sealed
from crm_desktop.errors import KnownError, SessionError
from crm_desktop.sealed import Keys, PublicKeys
from sync.courier_load import CourierFileStore, CourierLoad
from sync.effects import bad_answer
from sync.files import without_bytes
from sync.mending import mass_removal
from sync.ports import SyncStore
from sync.protocol.courier import (
    BACK,
    FILES_BYTES,
    OUT,
    UNASKED_BYTES,
    CarriedFile,
    CourierAnswer,
    CourierRequest,
    contents,
    pack,
    unpack,
)
from sync.protocol.messages import Code, Cursor
from sync.session_report import SessionReport

_log = logging.getLogger("crm.sync")
OWN_KEYS = "courier.keys"  # settings of the encrypted store
SERVER_KEYS = "courier.server"
_ALL = 1_000_000  # operations: a file has no limit of a request


class CourierStore(SyncStore, Protocol):
    """The sync's port, the small settings of the store and its files."""

    @property
    def files(self) -> CourierFileStore:
        """Bytes of files."""
        ...

    def get_setting(self, key: str) -> str | None:
        """A setting, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A courier file to be written. `left` counts the attached files that did not fit into it."""

    data: bytes
    files: int
    left: int


def write_request(store: CourierStore, most_bytes: int = FILES_BYTES) -> Outgoing:
    """The outbox, the position of this laptop and its files, for its server alone. KnownError no_courier_keys.

    `most_bytes`: of attached files; what does not fit goes with the next one.
    """
    own, server = _keys(store)
    state = store.sync_state()
    load = CourierLoad(store.files, state.epoch, most_bytes)
    waiting = load.of_changes([txn.wire() for txn in store.pending(_ALL)])
    if load.add_waiting():  # their records are the newest changes now
        waiting = [txn.wire() for txn in store.pending(_ALL)]
    store.mark_attempted([int(txn["client_seq"]) for txn in waiting])
    request = CourierRequest(
        schema_ver=state.schema_ver,
        epoch=state.epoch,
        cursor=Cursor(seq=state.cursor_seq, commit_id=state.cursor_commit),
        client_seq=state.client_seq,
        txn_id=state.txn_id,
        txns=waiting,
        files=[CarriedFile(sha256=file.sha256, size=file.size) for file in load.files],
        have=store.files.carried.here(),
        want=store.files.carried.wanted(UNASKED_BYTES),
        granted_to=store.backfill.after(),
        confirmed=state.confirmed,
    )
    body = pack(request, load.bytes())
    data = sealed.seal({"kind": OUT, "device": state.device_id}, body, own, server)
    return Outgoing(data, len(load.files), load.left)


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
    answer, carried = _parse(sealed.unseal(data, own, server))
    report = SessionReport()
    if answer.asked_epoch not in ("", state.epoch):
        raise _old_answer()  # this laptop has gone on with another history of the server meanwhile
    left = _take_files(store, answer, carried)
    if answer.epoch != state.epoch:
        store.adopt_epoch(answer.epoch, answer.last_client_seq, answer.last_txn_id)
        report.error = _another_round()
        return report
    results = [result.model_dump(mode="json") for result in answer.results]
    store.files.carried.doubt(without_bytes(results))
    store.record_results(results)
    report.count(results)
    if answer.refused is not None:
        _refused(store, answer, report)
    _apply(store, answer, report)
    report.error = report.error or left
    return report


def _take_files(store: CourierStore, answer: CourierAnswer, carried: bytes) -> KnownError | None:
    """Keep the bytes that came and what the server has taken; returns what is left to be done about files."""
    damaged = 0
    for file, data in contents(answer.files, carried):
        if not file.is_of(data) or not store.files.carried.take(file.sha256, data, answer.epoch):
            damaged += 1
    for sha256 in answer.taken:
        store.files.uploaded(sha256, answer.epoch)
    if damaged:
        _log.warning("%d carried files were damaged and are not taken", damaged)
        return KnownError(
            "courier_damaged_files",
            f"Attached files that arrived damaged and were not taken: {damaged}.",
            "Everything else was. Write another courier file: they come again with its answer.",
            count=damaged,
        )
    if answer.left:
        return KnownError(
            "courier_files_left",
            f"Attached files that did not fit into the answer: {answer.left}.",
            "Everything else is taken. Write another courier file: they come with its answer.",
            count=answer.left,
        )
    return None


def _apply(store: CourierStore, answer: CourierAnswer, report: SessionReport) -> None:
    if answer.pages and (filling := store.first_fill.state()) is not None and filling.begun:
        # Pages from the start tell no departures: what has left since a prepared part was put in would stay.
        report.error = report.error or KnownError(
            "courier_first_copy",
            "This laptop has begun its first copy over the network; news by file fit only behind it.",
            "Let the first sync end once, then write another courier file. What you wrote has arrived.",
        )
        return
    taken = 0
    for page in answer.pages:
        if (doubt := _doubt(store, answer, page)) is not None:
            report.error = report.error or doubt
            return
        applied = store.apply_page(page)
        if not applied.applied:
            continue
        taken += 1
        report.add(applied)
    taken += _granted(store, answer, report)
    if answer.pages and not taken:
        report.error = report.error or _old_answer()
    elif answer.pages and answer.pages[-1].get("more"):
        report.error = report.error or _another_round()


def _doubt(store: CourierStore, answer: CourierAnswer, page: dict[str, Any]) -> KnownError | None:
    """Where a page takes very much away that the server does not mean, as over the network; the file fits later."""
    gone = store.mending.removals(page)
    meant = answer.standing is not None and not set(gone) & set(answer.standing)
    return mass_removal(len(gone)) if gone and not meant else None


def _granted(store: CourierStore, answer: CourierAnswer, report: SessionReport) -> bool:
    """Put in what a grant made visible, where the laptop stands at the end of the pages; False where it does not."""
    closing, here = answer.closing, store.sync_state()
    if closing is None or store.backfill.after() != answer.granted_to:
        return False
    if closing["asked"] != {"seq": here.cursor_seq, "commit_id": here.cursor_commit}:
        return False
    for page in answer.granted:
        report.pulled += store.backfill.apply(page)
    if (doubt := _doubt(store, answer, closing)) is not None:
        report.error = report.error or doubt
        return True
    report.add(store.apply_page(closing))
    return True


def _refused(store: CourierStore, answer: CourierAnswer, report: SessionReport) -> None:
    assert answer.refused is not None
    told = answer.refused
    if told.code == Code.MALFORMED and isinstance(told.details.get("client_seq"), int):
        number, txn_id = int(told.details["client_seq"]), told.details.get("txn_id")
        # A copy of this profile may have used the number for something else.
        if any((txn.client_seq, txn.txn_id) == (number, txn_id) for txn in store.pending(_ALL)):
            store.quarantine_locally(number, told.code, told.message)
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


def _old_answer() -> KnownError:
    return KnownError(
        "courier_old_answer",
        "This laptop knows all that, or has moved on since the file was written.",
        "Nothing had to be taken from it. Write a new courier file if you miss something.",
    )


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


def _parse(body: bytes) -> tuple[CourierAnswer, bytes]:
    try:
        told, carried = unpack(body)
        return CourierAnswer.model_validate(told), carried
    except (ValueError, ValidationError) as error:
        raise bad_answer() from error
