"""The file for support holds nothing of anybody, also where a log line was wrong to hold it."""

import io
import json
import logging
import zipfile
from pathlib import Path

import pytest

from tests.unit.ui.window.shell_for_tests import open_app, receive, world
from ui.cli.main import run
from ui.cli.parser import build

PLANTED = ("Geheimrat", "Quittengelee", "anna.planted", "planted.example", "0731-4711", "4711", "Traubensaft",
           "hunter2", "10.1.2.3", "Session", "geheim")  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> dict[str, str]:
    """A store and a log full of names, and what of them stands in the file."""
    app = open_app(tmp_path / "profile")
    receive(app.store, world(app.clock.now()))
    try:
        app.change_settings(server_url="https://geheim.planted.example", proxy="http://anna:hunter2@10.1.2.3:3128")
        app.change_settings(ca_file="/home/geheim/company.pem")
        account = app.records.create("account", {"name": "Geheimrat Session", "notes": "Quittengelee"})
        contact = app.records.create("contact", {"account_id": account, "name": "Traubensaft"})
        app.records.create("channel", {"contact_id": contact, "kind": "email", "value": "anna.planted@planted.example"})
        app.notes.start_visit(account, subject="Traubensaft", note="Quittengelee geheim")
        log = logging.getLogger("crm.sync")
        log.info("session started_at=2026-11-22T09:00:00.000Z pushed=3 error_code=%s", "offline")
        log.info("Geheimrat Session wrote Quittengelee to anna.planted@planted.example, 0731-4711, at 10.1.2.3")
        log.warning("Session of Traubensaft hunter2 https://geheim.planted.example/sync /home/geheim/company.pem")
        try:
            raise ValueError("Quittengelee")
        except ValueError:
            log.exception("sync thread ended by an error of ours")
        app.store.log_session(
            {"started_at": "2026-11-22T09:00:00.000Z", "pushed": 3, "repaired": ["account/Geheimrat"]}
        )
        app.support.write(tmp_path / "support.zip", app.settings)
        told = [part.name for part in app.support.parts(app.settings)]
    finally:
        app.close()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "support.zip").read_bytes())) as archive:
        assert archive.namelist() == told, "what was told before is what is in it"
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("word", PLANTED)
def test_nothing_planted_is_in_it(bundle: dict[str, str], word: str) -> None:
    assert [name for name, text in bundle.items() if word in text] == []


def test_what_helps_is_in_it(bundle: dict[str, str]) -> None:
    log = bundle["logs/crm.log"]
    assert "session started_at=2026-11-22T09:00:00.000Z pushed=3 error_code=offline" in log
    assert "sync thread ended by an error of ours" in log
    assert "ValueError" in log
    assert json.loads(bundle["counts.json"])["account"] == 4
    assert json.loads(bundle["sync_history.json"])[0]["pushed"] == 3
    assert json.loads(bundle["sync_history.json"])[0]["mended"] == 1
    assert json.loads(bundle["settings.json"])["proxy"] == "own"
    assert json.loads(bundle["waiting.json"])["states"] == {"waiting": 4}
    assert json.loads(bundle["versions.json"])["packages"]["requests"]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--profile", str(tmp_path / "profile"), "--lang", "en"]
    assert run(build().parse_args([*common, "support"])) == 0
    assert "program, system and libraries" in capsys.readouterr().out
    assert run(build().parse_args([*common, "support", str(tmp_path / "s.zip")])) == 0
    assert zipfile.is_zipfile(tmp_path / "s.zip")
    assert run(build().parse_args([*common, "support", str(tmp_path / "missing" / "s.zip")])) == 1
