"""No log line of server or laptop carries what a person is called, wrote or signs in with."""

import hashlib
import logging
from pathlib import Path

import pytest

from crm_desktop.errors import KnownError
from tests.integration.server_process import PASSWORD, RunningServer, creating
from ui.compose import open_profile

PLANTED = ("Geheimrat", "Quittengelee", "anna.planted", PASSWORD, "0731-4711", "planted-laptop")


def test_a_day_of_work_leaves_no_names_in_the_logs(server_sqlite: RunningServer, tmp_path: Path) -> None:
    server = server_sqlite
    server.add_user("anna.planted")
    app = open_profile(tmp_path / "profile", passphrase=lambda _new: "a passphrase of the test")
    logging.getLogger("crm").setLevel(logging.DEBUG)
    try:
        with pytest.raises(KnownError):
            app.enrol(server.url, "anna.planted", "Quittengelee", "planted-laptop")
        app.enrol(server.url, "anna.planted", PASSWORD, "planted-laptop")
        account = app.records.create("account", {"name": "Geheimrat Schmidt"})
        contact = app.records.create("contact", {"account_id": account, "name": "Geheimrat"})
        app.records.create("channel", {"contact_id": contact, "kind": "phone", "value": "0731-4711"})
        visit = app.notes.start_visit(account, subject="Geheimrat", note="Quittengelee")
        app.attachments.add_bytes("Quittengelee.pdf", b"Quittengelee" * 100, ("visit", visit))
        assert app.sync_once(full_hello=True).error is None
        # A conflict, a refusal, something unreadable and a server that is away.
        other = server.device("anna.planted")
        other.pull()
        change = {"name": {"base_ver": 99, "old": "Geheimrat Schmidt", "new": "Geheimrat Schmitt"}}
        assert other.push({"k": "patch", "e": "account", "id": account, "set": change}) == ["applied"]
        app.records.update("account", account, {"name": "Geheimrat Schmidt junior"})
        app.notes.save_note(visit, "Quittengelee und mehr")
        app.store.save_draft("visit:x", {"note": "Quittengelee"})
        report = app.sync_once()
        assert (report.error, report.conflicts) == (None, 1)
        refused = creating("visit", visit, account_id="Geheimrat", note="Quittengelee")
        assert other.push(refused) == ["quarantined"]
        assert other.post("/sync/v1/push", {"epoch": "Geheimrat", "txns": ["Quittengelee"]}).status_code == 422
        assert other.post("/Geheimrat", {}).status_code == 404
        (paper,) = (tmp_path / "profile" / "files").iterdir()
        paper.write_bytes(b"")
        with pytest.raises(KnownError):
            app.attachments.read(app.attachments.of("visit", visit)[0].id)
        server.stop()
        assert app.sync_once().error is not None
    finally:
        app.close()
    client_log = (tmp_path / "profile" / "logs" / "crm.log").read_text(encoding="utf-8")
    assert "session started_at" in client_log
    assert "POST /sync/v1/push 200" in server.log()
    for word in (*PLANTED, hashlib.sha256(b"Quittengelee" * 100).hexdigest()):
        assert word not in client_log, word
        assert word not in server.log(), word
