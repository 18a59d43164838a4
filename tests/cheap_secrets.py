"""Passphrases and passwords that cost the tests next to nothing.

What the real ones cost is held by tests/unit/crm_desktop/test_profile.py and tests/unit/server/test_passwords.py; a
key file and a stored password name their own cost, so all else takes the same way.
"""

from pathlib import Path

import argon2

from crm_desktop.credentials import Cost, PassphraseCredentials
from server.identity import passwords

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)


def cheap_key(folder: Path, passphrase: str) -> Path:
    """Give a new profile's folder its key; it has no database yet."""
    folder.mkdir(parents=True, exist_ok=True)
    PassphraseCredentials(folder, lambda _new: passphrase, CHEAP).database_key()
    return folder


def cheap_passwords() -> None:
    """Have the passwords of users that this process makes cost little."""
    passwords._HASHER = argon2.PasswordHasher(time_cost=CHEAP.passes, memory_cost=CHEAP.memory_kib, parallelism=1)
