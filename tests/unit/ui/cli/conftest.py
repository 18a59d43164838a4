"""A new profile without server, and its command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cheap_secrets import cheap_key
from ui.__main__ import main


class Profile:
    """Runs verbs in this process and gives what they said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def say(self, *words: str, code: int = 0) -> str:
        """Words for a person; both streams."""
        self._capsys.readouterr()
        assert main(["--profile", str(self.folder), *words]) == code, self._capsys.readouterr()
        told = self._capsys.readouterr()
        assert "Traceback" not in told.err
        return told.out + told.err

    def ask(self, *words: str, code: int = 0) -> Any:
        """The JSON answer."""
        return json.loads(self.say("--json", *words, code=code))


@pytest.fixture
def profile(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setenv("CRM_PASSPHRASE", "open sesame")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Profile(cheap_key(tmp_path / "profile", "open sesame"), capsys)
