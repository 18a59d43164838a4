"""Courier files from the sync history: written, answered, taken; a damaged answer is told and takes nothing."""

from pathlib import Path

import orjson
import pytest
import zstandard

from crm_desktop import sealed
from crm_desktop.errors import KnownError
from crm_desktop.model.operations import Outcome
from crm_desktop.sealed import Keys
from sync import courier
from sync.protocol import OpResult, TxnResult
from sync.protocol.courier import BACK, CourierAnswer, CourierRequest
from tests.unit.ui.window.shell_for_tests import TestShell, shots
from ui.window.views.sync_history_page import SyncHistoryPage

LAPTOP, SERVER = Keys.make(), Keys.make()


@pytest.fixture
def page(shell: TestShell) -> SyncHistoryPage:
    shell.app.store.set_setting(courier.OWN_KEYS, LAPTOP.text())
    shell.app.store.set_setting(courier.SERVER_KEYS, SERVER.public.text())
    page = SyncHistoryPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def answer_to(file: Path) -> bytes:
    """What a server answers that takes everything."""
    data = file.read_bytes()
    body = zstandard.ZstdDecompressor().decompress(sealed.unseal(data, SERVER, LAPTOP.public))
    asked = CourierRequest.model_validate(orjson.loads(body))
    results = [
        TxnResult(
            client_seq=txn["client_seq"],
            txn_id=txn["txn_id"],
            commit_seq=9,
            ops=[OpResult(op_id=op["op_id"], outcome=Outcome.APPLIED) for op in txn["ops"]],
        )
        for txn in asked.txns
    ]
    answer = CourierAnswer(epoch=asked.epoch, last_client_seq=asked.client_seq, last_txn_id=asked.txn_id)
    answer.results = results
    packed = zstandard.ZstdCompressor().compress(answer.model_dump_json().encode())
    return sealed.seal({"kind": BACK, "device": sealed.header(data)["device"]}, packed, SERVER, LAPTOP.public)


def test_a_file_is_written_and_its_answer_taken(shell: TestShell, page: SyncHistoryPage, tmp_path: Path) -> None:
    shell.app.records.update("account", "acc-1", {"employees": 77})
    page.courier.write_to(tmp_path / "out.crm")
    shell.settle()
    assert "stays in the outbox" in shell.toasts[-1]
    back = tmp_path / "back.crm"
    back.write_bytes(answer_to(tmp_path / "out.crm"))
    page.courier.read_from(back)
    shell.settle()
    assert page.told.isVisible()
    assert "1 sent" in page.told.accessibleName()
    shots(shell, "courier-taken")


def test_a_damaged_answer_takes_nothing(shell: TestShell, page: SyncHistoryPage, tmp_path: Path) -> None:
    shell.app.records.update("account", "acc-1", {"employees": 77})
    page.courier.write_to(tmp_path / "out.crm")
    shell.settle()
    damaged = bytearray(answer_to(tmp_path / "out.crm"))
    damaged[-100] ^= 1
    (tmp_path / "back.crm").write_bytes(damaged)
    page.courier.read_from(tmp_path / "back.crm")
    shell.settle()
    page.courier.read_from(tmp_path / "nothing.crm")
    shell.settle()
    page.courier.write_to(tmp_path / "no" / "folder.crm")
    shell.settle()
    told = [error.code for error in shell.errors if isinstance(error, KnownError)]
    assert told == ["seal_broken", "cannot_read", "cannot_write"]
    assert shell.app.store.read(lambda reader: reader.counts()["outbox"]) == 1
