"""Answers a courier file: the same push and pull as over the network, for one device, in one go.

Idempotent as they are: the file given twice is answered twice with the same outcomes. Bytes of attached files are kept
before the changes that name them are carried out, and go out by record, never by knowledge of a hash.
"""

from typing import Any

import orjson
from pydantic import ValidationError

from crm_desktop import sealed
from crm_desktop.errors import KnownError
from crm_desktop.model.operations import Transaction
from server import courier_files
from server.storage import courier_keys
from server.storage.devices import Device, by_id, refuse_revoked
from server.storage.digest import standing
from server.storage.history import CursorExpired, HistoryError, check_cursor
from server.storage.pull import backfill_page
from server.storage.sequence import SequenceError
from server.storage.storage import Storage
from sync.protocol import Code, Cursor
from sync.protocol.courier import BACK, FILES_BYTES, OUT, CourierAnswer, CourierRequest, Refusal, pack, unpack


def exchange(storage: Storage, data: bytes, most_bytes: int = FILES_BYTES) -> bytes:
    """Carry out what a laptop's file asks for and return the file that answers it.

    `most_bytes`: of attached files in the answer.

    KnownError: not_sealed, seal_broken, not_a_request, device_revoked, no_courier_keys.
    """
    head = sealed.header(data)
    device_id = str(head.get("device", ""))
    if head.get("kind") != OUT:
        raise KnownError("not_a_request", "This file does not come from a laptop.", "Choose the laptop's courier file.")
    with storage.plain_write() as connection:
        own = courier_keys.server_keys(connection)
        device = by_id(connection, device_id)
        theirs = courier_keys.device_keys(connection, device_id)
    if device is None or theirs is None:
        raise KnownError(
            "no_courier_keys",
            "This server knows no courier keys of that laptop.",
            "The laptop has to sign in here once over the network.",
        )
    body = sealed.unseal(data, own, theirs)
    refuse_revoked(device)
    request, carried = _parse(body)
    answer = _carry_out(storage, device, request, carried)
    files = courier_files.chosen(storage, device, request, answer, most_bytes)
    return sealed.seal({"kind": BACK, "device": device_id}, pack(answer, files), own, theirs)


def _carry_out(storage: Storage, device: Device, request: CourierRequest, carried: bytes) -> CourierAnswer:
    epoch = _history(storage, device, request)
    answer = CourierAnswer(
        epoch=epoch,
        last_client_seq=device.last_client_seq,
        last_txn_id=device.last_txn_id,
        asked_epoch=request.epoch,
        taken=courier_files.take(storage, device, request.files, carried),
    )
    if epoch != request.epoch:
        return answer
    _push(storage, device, request, answer)
    if answer.refused is None or answer.refused.code != Code.DEVICE_FORK:
        _tell(storage, device, request, answer)
    return answer


def _history(storage: Storage, device: Device, request: CourierRequest) -> str:
    """The epoch after looking whether the laptop's cursor lies in this history, as hello does."""
    try:
        with storage.read() as connection:
            check_cursor(connection, request.epoch, request.cursor)
    except CursorExpired:
        pass
    except HistoryError as error:
        return storage.new_epoch(request.epoch) if error.epoch == request.epoch else error.epoch
    if request.confirmed > device.last_client_seq:  # this history lacks what it has answered
        return storage.new_epoch(request.epoch)
    return request.epoch


def _push(storage: Storage, device: Device, request: CourierRequest, answer: CourierAnswer) -> None:
    batch: list[Transaction] = []
    size = 0
    limit = storage.settings.limits.push_ops
    for raw in request.txns:
        try:
            txn = Transaction.model_validate(raw)
        except ValidationError as error:
            answer.refused = _malformed(raw, error)
            break
        if batch and size + len(txn.ops) > limit:
            if not _send(storage, device, request.epoch, batch, answer):
                return
            batch, size = [], 0
        batch.append(txn)
        size += len(txn.ops)
    if batch:
        _send(storage, device, request.epoch, batch, answer)


def _send(storage: Storage, device: Device, epoch: str, batch: list[Transaction], answer: CourierAnswer) -> bool:
    try:
        results, last = storage.push(device, epoch, batch)
    except SequenceError as error:
        code = Code.DEVICE_FORK if error.fork else Code.SEQ_GAP
        answer.refused = Refusal(code=code, message="The numbers do not fit.", details={"expected": error.expected})
        return False
    answer.results += results
    answer.last_client_seq, answer.last_txn_id = last, results[-1].txn_id
    return True


def _tell(storage: Storage, device: Device, request: CourierRequest, answer: CourierAnswer) -> None:
    """All from the laptop's cursor to now, and what was granted; a file has no limit of a page."""
    cursor, after = request.cursor, request.granted_to

    def pull() -> dict[str, Any]:
        rows = storage.settings.limits.page_rows
        page: dict[str, Any] = orjson.loads(storage.pull(device, request.epoch, cursor, rows, backfill=after).body)
        return page

    try:
        while not answer.pages or answer.pages[-1]["more"]:
            answer.pages.append(pull())
            cursor = Cursor.model_validate(answer.pages[-1]["cursor"])
    except CursorExpired:
        answer.pages = []  # away for too long: with the next connection it reads everything anew
        return
    if after is not None and answer.pages[-1].get("backfill"):
        answer.granted_to = after
        with storage.read() as connection:
            while True:
                step = orjson.loads(backfill_page(connection, device, request.epoch, cursor, after))
                if step["backfill"] == after:
                    break
                answer.granted.append(step)
                after = int(step["backfill"])
        answer.closing = pull()
    answer.standing = _standing(storage, device, request, answer)


def _standing(
    storage: Storage, device: Device, request: CourierRequest, answer: CourierAnswer
) -> list[tuple[str, str]]:
    """The laptop can't ask later whether what the pages take away is really meant."""
    pages = [*answer.pages, *([answer.closing] if answer.closing else [])]
    commits = [commit for page in pages for commit in page["commits"]]
    named = [(entity, record_id) for commit in commits for entity, record_id in (*commit["gone"], *commit["evict"])]
    with storage.read() as connection:
        return standing(connection, device, request.epoch, request.cursor, named)


def _malformed(raw: dict[str, Any], error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    named: dict[str, Any] = {name: raw[name] for name in ("client_seq", "txn_id") if name in raw}
    return Refusal(code=Code.MALFORMED, message=f"The change does not fit at {place}: {first['msg']}.", details=named)


def _parse(body: bytes) -> tuple[CourierRequest, bytes]:
    try:
        told, carried = unpack(body)
        return CourierRequest.model_validate(told), carried
    except (ValueError, ValidationError) as error:
        raise KnownError(
            "not_a_request", "The file holds something else than a laptop's work.", "Update the laptop's program."
        ) from error
