"""The command line on a profile without server: every verb by its exit code, JSON and words."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crm_desktop import settings
from crm_desktop.errors import InvalidInput, KnownError, NotFound, SessionError
from crm_desktop.model.columns import parse_instant
from tests.unit.ui.cli.conftest import Profile
from ui.__main__ import main
from ui.cli.main import exit_code
from ui.cli.output import table_lines
from ui.cli.words import WORDS
from ui.compose import open_profile

ROOT = Path(__file__).resolve().parents[4]


def test_a_record_is_made_found_changed_and_deleted(profile: Profile) -> None:
    account = profile.ask("new", "account", "name=Müller & Söhne", "external_id=M1", "tags=b,a")["id"]
    profile.ask("new", "contact", "name=Eva", f"account_id={account}")
    for given in (account, "M1", account[-10:], "MUELLER", "Müller & Söhne"):
        shown = profile.ask("show", "account", given)
        assert (shown["id"], shown["tags"], shown["state"]) == (account, ["a", "b"], "local")
    assert [row["name"] for row in shown["children"]["contact"]] == ["Eva"]
    assert profile.ask("set", "contact", "Eva", "birthday=28.02.1990")["changed"] is True
    assert profile.ask("show", "contact", "Eva")["birthday"] == "1990-02-28"
    profile.ask("new", "visit", f"account_id={account}", "starts_at=24.11.2026 10:00")
    (visit,) = profile.ask("list", "visit", "--filter", "starts_at=2026-11-24")
    assert parse_instant(visit["starts_at"]).astimezone().hour == 10
    assert [hit["entity"] for hit in profile.ask("search", "muller")] == ["account"]
    assert profile.ask("set", "account", "M1", "industry=Food", "key_account=yes")["changed"] is True
    assert profile.ask("set", "account", "M1", "industry=Food")["changed"] is False
    assert len(profile.ask("list", "Kunden", "--filter", "industry=Food", "--filter", "name~Söhne")) == 1
    assert profile.ask("list", "account", "--filter", "industry!=Food") == []
    profile.ask("new", "account", "name=Zoo", "tags=a")
    rows = profile.ask("list", "account", "--filter", "tags=a", "--sort", "name", "--descending")
    assert [row["name"] for row in rows] == ["Zoo", "Müller & Söhne"]
    profile.ask("delete", "account", "M1")
    assert [row["name"] for row in profile.ask("list", "account")] == ["Zoo"]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["show", "account", "nobody"], 4, "no_match"),
        (["show", "spaceship", "x"], 1, "unknown_entity"),
        (["new", "account", "colour=red"], 1, "not_a_form_field"),
        (["new", "account", "customer_class=Z"], 1, "invalid_value"),
        (["new", "account", "name"], 2, "not_an_assignment"),
        (["list", "account", "--filter", "name"], 2, "not_a_filter"),
        (["sync"], 1, "not_enrolled"),
        (["enrol", "--server", "http://127.0.0.1:1", "--login", "a", "--password-stdin"], 3, "offline"),
        (["note", "nobody", "text"], 4, "no_match"),
        (["new", "account", "name= ", "tags=", "key_account=no"], 1, "record_says_nothing"),
        (["new", "account"], 1, "record_says_nothing"),
        (["task", "done", "abcdef"], 4, "no_match"),
        (["outbox", "discard", "7"], 4, "no_entry"),
        (["outbox", "retry", "7"], 4, "no_entry"),
        (["resolve", "abc", "mine"], 4, "no_conflict"),
        (["quote", "show", "Q-1"], 4, "no_match"),
        (["import", "account", "/nowhere.csv"], 1, "cannot_read"),
        (["export", "account", "/nowhere/x.csv"], 1, "cannot_write"),
    ],
)
def test_known_errors_have_a_code_a_sentence_and_no_trace(
    profile: Profile, words: list[str], code: int, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.readline", lambda: "password\n", raising=False)
    told = profile.ask(*words, code=code)
    assert (told["error"], told["exit_code"]) == (error, code)
    assert told["message"]


def test_wrong_use_is_two(profile: Profile) -> None:
    for words in (["resolve", "x", "both"], ["quote"], ["list"], ["--no-such-thing"]):
        with pytest.raises(SystemExit) as caught:
            main(["--profile", str(profile.folder), *words])
        assert caught.value.code == 2


def test_note_with_follow_up_and_tasks(profile: Profile) -> None:
    account = profile.ask("new", "account", "name=Alpha")["id"]
    visit = profile.ask("note", "Alpha", "Spoke about cheese", "--follow-up", "Call", "--due", "2030-01-02")["id"]
    assert profile.ask("note", "Alpha", " ", code=1)["error"] == "note_says_nothing"
    profile.ask("note", "--visit", visit, "Spoke about wine")
    assert profile.ask("show", "visit", visit)["note"] == "Spoke about wine"
    (task,) = profile.ask("task", "list")
    assert (task["subject"], task["due_on"], task["account_id"]) == ("Call", "2030-01-02", account)
    extra = profile.ask("task", "add", "Write", "--account", "Alpha")["id"]
    profile.ask("task", "done", task["id"])
    assert [row["id"] for row in profile.ask("task", "list")] == [extra]


def test_the_outbox_can_be_read_taken_back_and_exported(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "account", "name=Alpha")
    profile.ask("set", "account", "Alpha", "industry=Food")
    first, second = profile.ask("outbox")["entries"]
    assert (first["state"], second["can_discard"]) == ("waiting", True)
    assert "'' -> 'Food'" in profile.say("outbox")
    assert profile.ask("outbox", "discard", str(second["client_seq"])) == {"discarded": True}
    assert profile.ask("show", "account", "Alpha")["industry"] == ""
    assert profile.ask("export", "outbox", str(tmp_path / "out.jsonl"))["count"] >= 1


def test_the_outbox_is_listed_whole_and_takes_back_what_builds_on_it(profile: Profile) -> None:
    with closing(open_profile(profile.folder)) as app:
        account_id = app.records.create("account", {"name": "Alpha"})
        for number in range(202):
            app.records.update("account", account_id, {"industry": f"Food {number}"})
    entries = profile.ask("outbox")["entries"]
    assert len(entries) == 203
    assert profile.ask("outbox", "discard", str(entries[0]["client_seq"])) == {"discarded": True}
    assert profile.ask("outbox")["entries"] == []


def test_a_refused_change_is_changed_sent_again_or_dropped_with_a_reason(profile: Profile) -> None:
    profile.ask("new", "account", "name=Alpha")
    profile.ask("set", "account", "Alpha", "industry=Food")
    with closing(open_profile(profile.folder)) as app:
        for txn in app.store.pending(10):
            app.store.quarantine_locally(txn.client_seq, "malformed", "It could not be read.")
    first, second = profile.ask("outbox")["refused"]
    assert (first["place"], second["place"], second["group"]) == (0, 1, first["id"])
    assert "malformed" in profile.say("outbox")
    assert profile.ask("outbox", "drop", first["id"], code=1)["error"] == "reason_missing"
    assert profile.ask("outbox", "edit", first["id"], "name=Beta") == {"edit": first["id"], "count": 2}
    assert profile.ask("show", "account", "Beta")["industry"] == "Food"
    assert profile.ask("outbox")["refused"] == []
    with closing(open_profile(profile.folder)) as app:
        app.store.quarantine_locally(app.store.pending(10)[-1].client_seq, "malformed", "It could not be read.")
    (refused,) = profile.ask("outbox")["refused"]
    assert profile.ask("outbox", "drop", refused["id"], "--reason", "not needed") == {"drop": refused["id"], "count": 1}
    for which in ([], ["--settled"], ["--all"]):
        assert profile.ask("conflicts", *which) == []


def test_it_speaks_german_where_the_profile_does(profile: Profile) -> None:
    profile.folder.mkdir(exist_ok=True)
    settings.save(profile.folder, settings.Settings(language="de"))
    profile.ask("new", "account", "name=Alpha")
    assert "Kunde Alpha" in profile.say("show", "account", "Alpha")
    assert profile.say("set", "account", "Alpha", "industry=Wein") == "Gespeichert.\n"


def test_errors_are_german_by_option_profile_or_machine(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "„nobody“ wurde auf diesem Laptop nicht gefunden (Kunde). Versuchen Sie: search nobody\n"
    words = ("show", "account", "nobody")
    assert profile.say("--lang", "de", *words, code=4) == told
    assert profile.say(*words, "--lang", "de", code=4) == told
    monkeypatch.setenv("LC_ALL", "de_AT.UTF-8")
    assert profile.say(*words, code=4) == told
    assert profile.say("--lang", "en", *words, code=4) == "No account 'nobody' on this laptop. Try: search nobody\n"
    settings.save(profile.folder, settings.Settings(language="en"))
    assert profile.say(*words, code=4).startswith("No account")


def test_problems_of_an_import_are_german_too(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Name;Kundennummer\nAlpha;1;2\n", encoding="utf-8")
    assert "Zellen, die Kopfzeile" in profile.say("--lang", "de", "import", str(tmp_path / "a.csv"), "--dry-run")


def test_a_wrong_passphrase_is_one_sentence(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    profile.ask("list", "account")
    monkeypatch.setenv("CRM_PASSPHRASE", "wrong")
    assert profile.ask("list", "account", code=1)["error"] == "wrong_passphrase"


def test_verbs_never_load_the_window_toolkit(profile: Profile) -> None:
    script = (
        "import sys; from ui.__main__ import main; code = main(sys.argv[1:]);"
        "assert not [name for name in sys.modules if name.startswith('PySide6')]; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--profile", str(profile.folder), "list", "account"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_cannot_be_made_is_named(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = Profile(tmp_path / "file" / "profile", profile._capsys)
    assert blocked.ask("list", "account", code=1)["error"] == "no_profile_folder"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_output_that_cannot_be_written_is_one_sentence(profile: Profile, form: tuple[str, ...]) -> None:
    profile.ask("new", "tag", "name=VIP")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ui", "--profile", str(profile.folder), *form, "list", "tag"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "could not be written" in done.stderr


def test_self_check_passes_here(profile: Profile) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui", "--self-check"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())


def test_exit_codes_are_stable() -> None:
    assert exit_code(KnownError("x", "")) == 1
    assert exit_code(InvalidInput("not_a_filter", "")) == 2
    assert exit_code(SessionError("offline", "")) == 3
    assert exit_code(NotFound("x", "")) == 4
    assert exit_code(SessionError("device_revoked", "")) == 5


def test_tables_line_up_and_every_message_has_two_languages() -> None:
    lines = table_lines(("a", "bb"), [("xxx", None), ("y", ["p", "q"])], "-")
    assert lines == ["a    bb", "---  ----", "xxx", "y    p, q"]
    assert table_lines(("a",), [], "nothing") == ["nothing"]
    assert all(english and german for english, german in WORDS.values())
