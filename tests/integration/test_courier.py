"""Two laptops and a server that never meet on a network after their first day: files alone carry the work."""

from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import KnownError
from sync import courier
from sync.session_report import SessionReport
from tests.integration.server_process import PASSWORD, RunningServer
from ui.compose import App, open_profile


@pytest.fixture
def company(server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    monkeypatch.setenv("CRM_PASSPHRASE", "a passphrase of the tests")
    server.run("territory", "add", "NORTH")
    for login in ("anna", "bert"):
        server.run("user", "add", login, "--name", login, "--role", "rep", "--territory", "NORTH",
                   "--password-stdin", stdin=PASSWORD + "\n")  # fmt: skip
    return server


def laptop(company: RunningServer, folder: Path, login: str) -> App:
    app = open_profile(folder, clock=SystemClock())
    app.enrol(company.url, login, PASSWORD)
    report = app.sync_once()
    assert report.error is None
    return app


class Stick:
    """A USB stick between laptops and the server's administrator."""

    def __init__(self, company: RunningServer, folder: Path) -> None:
        self._company = company
        self._folder = folder

    def written(self, app: App, name: str = "out") -> Path:
        file = self._folder / name
        file.write_bytes(courier.write_request(app.store))
        return file

    def answered(self, file: Path) -> Path:
        answer = file.with_suffix(".answer")
        # `courier` takes its file as the word after the verb
        self._company.run("courier", str(file), "--out", str(answer))
        return answer

    def read(self, app: App, file: Path) -> SessionReport:
        return courier.read_answer(app.store, file.read_bytes())

    def round(self, app: App) -> SessionReport:
        return self.read(app, self.answered(self.written(app)))


def names(app: App) -> set[str]:
    return app.store.read(lambda reader: {row["name"] for row in reader.where("account")})


def waiting(app: App) -> int:
    return app.store.read(lambda reader: reader.counts()["outbox"])


def test_work_travels_by_file_both_ways_and_twice_is_once(company: RunningServer, tmp_path: Path) -> None:
    with_territory = company.run("territory", "list")
    assert "NORTH" in with_territory
    anna, bert = laptop(company, tmp_path / "a", "anna"), laptop(company, tmp_path / "b", "bert")
    try:
        company.stop()  # no network from here on
        stick = Stick(company, tmp_path)
        territory = anna.store.read(lambda reader: reader.where("territory")[0]["id"])
        account = anna.records.create("account", {"name": "Brauerei Nord", "territory_id": territory})
        file = stick.written(anna)
        assert b"Brauerei" not in file.read_bytes()
        assert waiting(anna) == 1, "nothing leaves the outbox before it is answered"
        answer = stick.answered(file)
        report = stick.read(anna, answer)
        assert (report.pushed, report.error, report.digest_ok) == (1, None, True)
        assert waiting(anna) == 0

        second = stick.read(anna, stick.answered(file))  # the same file carried again
        assert second.error is not None
        assert second.error.code == "courier_old_answer"
        assert names(anna) == {"Brauerei Nord"}

        assert stick.round(bert).digest_ok is True
        assert names(bert) == {"Brauerei Nord"}
        bert.records.update("account", account, {"employees": 12})
        assert stick.round(bert).error is None
        assert stick.round(anna).pulled >= 1
        row = anna.store.read(lambda reader: reader.get("account", account))
        assert row is not None
        assert row["employees"] == 12
    finally:
        anna.close()
        bert.close()


def test_a_file_written_before_a_later_sync_changes_nothing(company: RunningServer, tmp_path: Path) -> None:
    anna = laptop(company, tmp_path / "a", "anna")
    try:
        stick = Stick(company, tmp_path)
        anna.records.create("account", {"name": "Erste", "owner_id": anna.user_id})
        file = stick.written(anna)
        anna.records.create("account", {"name": "Zweite", "owner_id": anna.user_id})
        assert anna.sync_once().error is None  # a network, after all
        report = stick.read(anna, stick.answered(file))
        assert report.error is not None  # the server has seen more of this laptop than the file says
        assert anna.sync_once().digest_ok is True
        assert names(anna) == {"Erste", "Zweite"}
    finally:
        anna.close()


def test_a_colleague_carries_a_file_over_his_connection(company: RunningServer, tmp_path: Path) -> None:
    anna, bert = laptop(company, tmp_path / "a", "anna"), laptop(company, tmp_path / "b", "bert")
    try:
        anna.records.create("account", {"name": "Funkloch GmbH", "owner_id": anna.user_id})
        line = bert.connect()
        try:
            answer = line.courier(courier.write_request(anna.store))
        finally:
            line.close()
        with pytest.raises(KnownError) as caught:
            courier.read_answer(bert.store, answer)
        assert caught.value.code == "other_device"
        assert courier.read_answer(anna.store, answer).pushed == 1
        assert waiting(anna) == 0
    finally:
        anna.close()
        bert.close()
