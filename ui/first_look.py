"""A profile to look at: invented customers, made on demand, without a server, gone with its window."""

import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from crm_desktop.clock import Clock, SystemClock
from crm_desktop.credentials import Protection, Vault
from crm_desktop.errors import KnownError
from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from crm_desktop.settings import Settings
from crm_desktop.store.client_store import ClientStore
from ui.compose import App

_EPOCH = "first-look"
_KEY_BYTES = 32


class FirstLook(App):
    """The sample as a profile. What is changed in it stays on this machine and goes with it."""

    sample = True

    def enrol(self, server_url: str, login: str, password: str, device_name: str = "") -> None:
        """Refused: the sample never meets a server. KnownError sample_profile."""
        raise KnownError("sample_profile", "This is the sample data.", "Leave it first, then connect to your server.")

    def close(self) -> None:
        """Close it and throw it away."""
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _NoSecrets:
    """A random key that is never written down: nobody can open the folder after the program has ended."""

    protection: Protection = "passphrase"

    def __init__(self) -> None:
        self._key = os.urandom(_KEY_BYTES)

    def database_key(self) -> bytes:
        return self._key

    def token(self, vault: Vault) -> str:
        return ""

    def save_token(self, vault: Vault, token: str) -> None:
        raise KnownError("sample_profile", "This is the sample data.", "Leave it first, then connect to your server.")


def open_first_look(chosen: Settings, clock: Clock | None = None) -> FirstLook:
    """Make the profile and open it in the language and look that are `chosen`; a second of work."""
    clock = clock or SystemClock()
    folder = Path(tempfile.mkdtemp(prefix="crm-first-look-"))
    secrets = _NoSecrets()
    store = None
    try:
        packed = json.loads(gzip.decompress((resources.files("resources") / "first_look/sample.json.gz").read_bytes()))
        store = ClientStore.open(folder, secrets.database_key(), clock)
        store.enrol(_EPOCH, "SAM", packed["user"], _EPOCH)
        store.apply_page(_page(packed, clock.now().astimezone().date()))
        app = FirstLook(folder, store, secrets, clock)
    except BaseException:
        if store is not None:
            store.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    app.change_settings(language=chosen.language, theme=chosen.theme, text_size_percent=chosen.text_size_percent)
    return app


def _page(packed: dict[str, Any], today: date) -> dict[str, Any]:
    """What a server would send, its days moved to today."""
    by = today - date.fromisoformat(packed["day"])
    for table in packed["put"]:
        moves = _moves(table["e"], table["cols"], by)
        for row in table["rows"]:
            for at, move in moves:
                if row[at]:
                    row[at] = move(row[at])
    return {
        "epoch": _EPOCH,
        "asked": {"seq": 0, "commit_id": ""},
        "cursor": {"seq": 1, "commit_id": _EPOCH},
        "more": False,
        "scopes": [],
        "scope_sets": [[]],
        "commits": [{"seq": 1, "put": packed["put"], "gone": [], "evict": []}],
        "digest": None,
    }


def _moves(entity: str, names: list[str], by: timedelta) -> list[tuple[int, Callable[[str], str]]]:
    """Which values of a row are days or instants, and how each moves; id, version and stamp stand before them."""
    moves: dict[Kind, Callable[[str], str]] = {
        Kind.DATE: lambda text: (date.fromisoformat(text) + by).isoformat(),
        Kind.INSTANT: lambda text: format_instant(parse_instant(text) + by),
    }
    facts = field_facts(entity)
    return [(at, moves[facts[name].kind]) for at, name in enumerate(names, 3) if facts[name].kind in moves]
