"""Credentials that stay in memory: stretching a passphrase for each laptop would take most of a test's time."""

from typing import Any

KEY = bytes(range(32))


class InMemory:
    """A fixed database key, and the token as long as the test lasts."""

    protection: Any = "passphrase"

    def __init__(self) -> None:
        self._token = ""

    def database_key(self) -> bytes:
        return KEY

    def token(self, vault: Any) -> str:
        return self._token

    def save_token(self, vault: Any, token: str) -> None:
        self._token = token
