"""Bytes of attached files in courier files: those a laptop sends, and those its answer brings."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from crm_desktop.model.files import is_sha256
from server.storage.devices import Device
from server.storage.storage import Storage
from sync.protocol.courier import UNASKED_BYTES, CarriedFile, CourierAnswer, CourierRequest, contents

_LOG = logging.getLogger("crm.server")


def take(storage: Storage, device: Device, files: Sequence[CarriedFile], carried: bytes) -> list[str]:
    """Keep the bytes a laptop sent; returns the contents that are here now.

    Damaged ones are not kept, nor those above the limit of a file: a record that names them is refused, as over the
    network. A server that keeps no files takes none.
    """
    if storage.blobs.folder is None:
        return []
    taken = []
    for file, data in contents(files, carried):
        if not is_sha256(file.sha256) or not 0 < len(data) == file.size <= storage.settings.limits.file_bytes:
            _LOG.warning("a file in a courier file is too large or not whole; it is not taken")
        elif _keep(storage, device, file.sha256, data):
            taken.append(file.sha256)
        else:
            _LOG.warning("a file in a courier file is damaged; it is not taken")
    return taken


def _keep(storage: Storage, device: Device, sha256: str, data: bytes) -> bool:
    files = storage.blobs.files
    if files.size(sha256) == len(data) and _intact(storage, sha256):
        if hashlib.sha256(data).hexdigest() != sha256:
            return False  # knowing a name proves nothing
        files.keep(sha256)
    else:
        upload = f"{device.device_id} by courier"  # beside what this device may be sending over the network
        files.forget(upload, sha256)
        files.append(upload, sha256, data)
        if not files.publish(upload, sha256):
            return False
    with storage.plain_write() as connection:
        storage.blobs.note_proof(connection, device.user_id, sha256, storage.clock)
    return True


def chosen(
    storage: Storage, device: Device, request: CourierRequest, answer: CourierAnswer, most_bytes: int
) -> Iterator[bytes]:
    """List in the answer what goes along, and yield its bytes: what is wanted, then small files told just now.

    Only contents of records the user may see; what does not fit is counted in `left`.
    """
    if storage.blobs.folder is None:
        return iter(())
    here = {*request.have, *answer.taken}
    told = [sha256 for page in [*answer.pages, *answer.granted] for sha256 in _small_files(page)]
    wanted = [sha256 for sha256 in dict.fromkeys([*request.want, *reversed(told)]) if sha256 not in here]
    with storage.read() as connection:
        readable = [s for s in wanted if is_sha256(s) and storage.blobs.may_read(connection, device.user_id, s)]
    room = most_bytes
    for sha256 in readable:
        size = storage.blobs.files.size(sha256)
        if size is None:
            continue
        if size > room:
            answer.left += 1
        elif _intact(storage, sha256):
            answer.files.append(CarriedFile(sha256=sha256, size=size))
            room -= size
        else:
            _LOG.error("a file on the server is damaged; it is not given to a courier")
    return (storage.blobs.files.path(file.sha256).read_bytes() for file in answer.files)


def _intact(storage: Storage, sha256: str) -> bool:
    with storage.blobs.files.path(sha256).open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == sha256


def _small_files(page: dict[str, Any]) -> Iterator[str]:
    """Contents that a page tells of, as far as a laptop fetches them of itself."""
    for commit in page["commits"]:
        for table in commit["put"]:
            if table["e"] == "attachment":
                place = {name: at for at, name in enumerate(table["cols"], 3)}
                for row in table["rows"]:
                    if 0 < int(row[place["size"]] or 0) <= UNASKED_BYTES:
                        yield str(row[place["sha256"]])
