"""A restored server meets a laptop that is cut off at once, or that files alone connect with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_desktop.errors import SessionError
from crm_desktop.sealed import Keys, PublicKeys
from server.courier import exchange
from server.storage import copies, courier_keys
from server.storage.tables import device
from sync import courier
from sync.session_report import SessionReport
from tests.integration.in_process import Company, Profile, company_at, profile_at
from tests.integration.trust.test_restored import Backup, answered_and_forgotten


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    """A company whose backup is put back."""
    with company_at(sqlite_database) as made:
        yield made


def lost_with_its_laptop(company: Company, one: Profile, folder: Path) -> str:
    """An account that after the restore only `one` still holds. Returns its id."""
    elsewhere = company.laptop(one.user_id)
    one.sync()
    backup = Backup(company, folder)
    account = str(elsewhere.account(name="Only there"))
    one.sync()
    backup.put_back()
    return account


def told(company: Company) -> list[str]:
    """Records the server was given copies of."""
    with company.storage.read() as connection:
        return [item["id"] for item in copies.listed(connection)]


def test_a_program_that_ends_right_behind_the_news_still_gives_its_copies(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    with profile_at(company, anna, tmp_path / "one") as one:
        account = lost_with_its_laptop(company, one, tmp_path)
        adopt = one.store.adopt_epoch

        def killed(epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
            adopt(epoch, last_client_seq, last_txn_id)
            raise SessionError("offline", "", "")

        one.store.adopt_epoch = killed  # type: ignore[method-assign]
        assert one.sync().error is not None
        one.store.adopt_epoch = adopt  # type: ignore[method-assign]
        assert one.sync().error is None
        assert told(company) == [account]


def exchange_keys(company: Company, one: Profile) -> PublicKeys:
    """Signed in once: files may be carried. Returns the server's keys."""
    own = Keys.make()
    with company.storage.plain_write() as connection:
        server = courier_keys.server_keys(connection).public
        hashed = connection.scalar(
            select(device.c.token_hash).where(device.c.device_id == one.store.sync_state().device_id)
        )
        courier_keys.remember(connection, str(hashed), own.public)
    one.store.set_setting(courier.OWN_KEYS, own.text())
    one.store.set_setting(courier.SERVER_KEYS, server.text())
    return server


def carry(company: Company, one: Profile) -> SessionReport:
    """A round by files."""
    return courier.read_answer(one.store, exchange(company.storage, courier.write_request(one.store).data))


def test_files_alone_take_nothing_out_of_view_that_the_server_lost(company: Company, tmp_path: Path) -> None:
    anna = company.user("anna")
    with profile_at(company, anna, tmp_path / "one") as one:
        server = exchange_keys(company, one)
        account = lost_with_its_laptop(company, one, tmp_path)
        with company.storage.plain_write() as connection:  # they are in the backup
            assert courier_keys.server_keys(connection).public == server
        for _ in range(3):
            carry(company, one)
        row = one.get("account", account)
        assert row is not None
        assert row["name"] == "Only there"
        assert one.sync().copies == 1
        assert told(company) == [account]
        assert one.get("account", account) is None


def test_files_alone_bring_again_what_was_answered_and_is_forgotten(company: Company, tmp_path: Path) -> None:
    anna, ben = company.user("anna"), company.user("ben")
    with profile_at(company, anna, tmp_path / "one") as one, profile_at(company, ben, tmp_path / "two") as two:
        exchange_keys(company, one)
        late = answered_and_forgotten(company, tmp_path, one, two)
        first = carry(company, one)
        assert first.error is not None
        assert first.error.code == "courier_again"
        assert one.get("account", late) is not None
        second = carry(company, one)
        assert (second.pushed, second.error, second.digest_ok) == (1, None, True)
        assert one.get("account", late) is not None
        assert one.outbox() == 0
    with profile_at(company, anna, tmp_path / "three") as other:
        other.sync()
        assert other.get("account", late) is not None
