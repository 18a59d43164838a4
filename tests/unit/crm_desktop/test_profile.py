"""Secrets, settings and logs of a profile."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from crm_desktop import credentials, logs, settings
from crm_desktop.credentials import KeyringCredentials, PassphraseCredentials
from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.paths import profile_folder


class MemoryRing(KeyringBackend):
    """A keyring that works, gone with the process."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Vault:
    """The encrypted database as far as secrets need it."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_setting(self, key: str) -> str | None:
        return self.kept.get(key)

    def set_setting(self, key: str, value: str) -> None:
        self.kept[key] = value


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyringBackend], None]:
    monkeypatch.delenv(credentials.PASSPHRASE_VARIABLE, raising=False)
    before = keyring.get_keyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", before)
    return keyring.set_keyring


def test_a_keyring_that_works_holds_key_and_token_per_profile(
    tmp_path: Path, ring: Callable[[KeyringBackend], None]
) -> None:
    memory = MemoryRing()
    ring(memory)
    here, there = tmp_path / "a", tmp_path / "b"
    for folder in (here, there):
        folder.mkdir()
    secrets = credentials.choose(here, None, has_data=False)
    assert isinstance(secrets, KeyringCredentials)
    key = secrets.database_key()
    assert (len(key), secrets.database_key()) == (32, key)
    assert credentials.choose(here, None, has_data=True).database_key() == key
    assert credentials.choose(there, None, has_data=False).database_key() != key
    vault = Vault()
    secrets.save_token(vault, "token")
    assert (secrets.token(vault), vault.kept) == ("token", {})
    assert not any(name.endswith("#probe") for _, name in memory.kept)
    assert list(here.iterdir()) == []


def test_a_lost_key_is_not_replaced_by_a_new_one(tmp_path: Path, ring: Callable[[KeyringBackend], None]) -> None:
    ring(MemoryRing())
    with pytest.raises(KnownError) as caught:
        credentials.choose(tmp_path, None, has_data=True)
    assert caught.value.code == "key_missing"


def test_without_a_keyring_a_passphrase_wraps_the_key(tmp_path: Path, ring: Callable[[KeyringBackend], None]) -> None:
    ring(NoKeyring())  # type: ignore[no-untyped-call]
    asked: list[bool] = []

    def ask(new: bool) -> str:
        asked.append(new)
        return "correct horse"

    secrets = credentials.choose(tmp_path, ask, has_data=False)
    assert isinstance(secrets, PassphraseCredentials)
    key = secrets.database_key()
    assert credentials.choose(tmp_path, ask, has_data=True).database_key() == key
    assert asked == [True, False]
    content = (tmp_path / credentials.FILE).read_bytes()
    assert key.hex().encode() not in content
    assert (tmp_path / credentials.FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(KnownError) as caught:
        credentials.choose(tmp_path, lambda new: "wrong", has_data=True).database_key()
    assert caught.value.code == "wrong_passphrase"
    vault = Vault()
    secrets.save_token(vault, "token")
    assert (secrets.token(vault), list(vault.kept.values())) == ("token", ["token"])


def test_the_key_file_names_what_its_passphrase_costs(tmp_path: Path) -> None:
    dear, cheap, old = (tmp_path / name for name in ("dear", "cheap", "old"))
    for folder in (dear, cheap, old):
        folder.mkdir()
    key = PassphraseCredentials(dear, lambda new: "x").database_key()
    kept = json.loads((dear / credentials.FILE).read_text())
    assert (kept["passes"], kept["memory_kib"], kept["lanes"]) == (3, 65536, 4)  # RFC 9106
    less = PassphraseCredentials(cheap, lambda new: "x", credentials.Cost(1, 64, 1)).database_key()
    assert PassphraseCredentials(cheap, lambda new: "x").database_key() == less
    # A file of an earlier program names none.
    first = {name: kept[name] for name in ("salt", "wrapped", "mac")}
    (old / credentials.FILE).write_text(json.dumps(first))
    assert PassphraseCredentials(old, lambda new: "x").database_key() == key
    (old / credentials.FILE).write_text(json.dumps(first | {"lanes": 0}))
    with pytest.raises(KnownError) as caught:
        PassphraseCredentials(old, lambda new: "x").database_key()
    assert caught.value.code == "key_file_broken"


def test_nobody_to_ask(tmp_path: Path, ring: Callable[[KeyringBackend], None]) -> None:
    ring(NoKeyring())  # type: ignore[no-untyped-call]
    with pytest.raises(KnownError) as caught:
        credentials.choose(tmp_path, None, has_data=False).database_key()
    assert caught.value.code == "passphrase_needed"
    assert list(tmp_path.iterdir()) == []


def test_a_script_answers_by_the_environment(
    tmp_path: Path, ring: Callable[[KeyringBackend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(MemoryRing())
    monkeypatch.setenv(credentials.PASSPHRASE_VARIABLE, "from a script")
    secrets = credentials.choose(tmp_path, None, has_data=False)
    assert secrets.protection == "passphrase"
    assert secrets.database_key() == credentials.choose(tmp_path, None, has_data=True).database_key()


def test_a_damaged_key_file_is_named(tmp_path: Path, ring: Callable[[KeyringBackend], None]) -> None:
    ring(NoKeyring())  # type: ignore[no-untyped-call]
    (tmp_path / credentials.FILE).write_text("{")
    with pytest.raises(KnownError) as caught:
        credentials.choose(tmp_path, lambda new: "x", has_data=True).database_key()
    assert caught.value.code == "key_file_broken"


def test_settings_survive_and_refuse_nonsense(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == settings.Settings()
    chosen = settings.Settings().changed(language="de", theme="dark", text_size_percent=125, server_url='https://a"ä')
    settings.save(tmp_path, chosen)
    assert settings.load(tmp_path) == chosen
    with pytest.raises(InvalidInput):
        chosen.changed(language="fr")
    with pytest.raises(InvalidInput):
        chosen.changed(text_size_percent=10)


@pytest.mark.parametrize(
    ("text", "code"),
    [("language = ", "settings_broken"), ("version = 99", "settings_newer"), ('theme = "pink"', "invalid_setting")],
)
def test_a_settings_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / settings.FILE).write_text(text)
    with pytest.raises(KnownError) as caught:
        settings.load(tmp_path)
    assert caught.value.code == code


def test_logs_go_to_the_profile(tmp_path: Path) -> None:
    handler = logs.start(tmp_path)
    logging.getLogger("crm.sync").info("session pushed=1")
    logs.stop(handler)
    logging.getLogger("crm.sync").info("not any more")
    text = (tmp_path / "logs" / "crm.log").read_text()
    assert "crm.sync" in text
    assert "session pushed=1" in text
    assert "not any more" not in text


def test_a_profile_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = profile_folder(str(tmp_path / "new" / "profile"))
    assert folder.stat().st_mode & 0o077 == 0
