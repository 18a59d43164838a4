"""Files by command line, on a profile without server."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cheap_secrets import cheap_key
from ui.__main__ import main


class Profile:
    """Runs the verb in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def say(self, *words: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main(["--profile", str(self.folder), *words]) == code, self._capsys.readouterr()
        told = self._capsys.readouterr()
        return told.out + told.err

    def ask(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.say("--json", *words, code=code))


@pytest.fixture
def profile(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setenv("CRM_PASSPHRASE", "open sesame")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Profile(cheap_key(tmp_path / "profile", "open sesame"), capsys)


def test_a_file_is_added_listed_fetched_and_removed(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "account", "name=Müller")
    paper = tmp_path / "Preis <1>.pdf"
    data = os.urandom(200_000)
    paper.write_bytes(data)
    made = profile.ask("attach", "add", "account", "Müller", str(paper), "--note", "from the fair")["id"]
    (listed,) = profile.ask("attach", "list", "Kunde", "Müller")
    assert (listed["id"], listed["name"], listed["size"], listed["place"], listed["note"]) == (
        made,
        "Preis _1_.pdf",
        200_000,
        "only_here",
        "from the fair",
    )
    assert "nur hier" in profile.say("--lang", "de", "attach", "list", "account", "Müller")
    target = tmp_path / "copy.pdf"
    profile.say("attach", "get", made[-12:], "--out", str(target))
    assert target.read_bytes() == data
    assert not (profile.folder / "viewing").exists()
    profile.say("attach", "remove", made)
    assert profile.ask("attach", "list", "account", "Müller") == []


def test_what_cannot_be_done_is_one_sentence(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "account", "name=Müller")
    told = profile.ask("attach", "add", "account", "Müller", str(tmp_path / "gone"), code=1)
    assert told["error"] == "file_unreadable"
    assert profile.ask("attach", "get", "nothing", code=4)["error"] == "not_here"
