"""Secrets of a profile: the key of its database and the token of its device.

They stay in the keyring of the operating system. Where no keyring works, the random database key is wrapped by a
passphrase (argon2id) in a file of the profile, and the token lies inside the encrypted database.
"""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from crm_desktop.errors import KnownError

SERVICE = "crm-desktop"
FILE = "key.json"
KEY_BYTES = 32
PASSPHRASE_VARIABLE = "CRM_PASSPHRASE"


class Cost(NamedTuple):
    """What argon2id spends on a passphrase. It stands in the key file, so that a later program may spend more."""

    passes: int
    memory_kib: int
    lanes: int


COST = Cost(3, 64 * 1024, 4)  # the second recommended option of RFC 9106; key files that name none have it

Protection = Literal["keyring", "passphrase"]
Ask = Callable[[bool], str]  # True: a new passphrase is chosen, else the known one is entered


class Vault(Protocol):
    """The encrypted database as a place for small secrets."""

    def get_setting(self, key: str) -> str | None:
        """What was kept under the key; None where nothing was."""
        ...

    def set_setting(self, key: str, value: str) -> None:
        """Keep it; durable on return."""
        ...


class Credentials(Protocol):
    """The secrets of one profile."""

    @property
    def protection(self) -> Protection:
        """What guards them: the keyring of the system, or a passphrase."""
        ...

    def database_key(self) -> bytes:
        """32 random bytes, made at the first call."""
        ...

    def token(self, vault: Vault) -> str:
        """The device token, empty before enrolment."""
        ...

    def save_token(self, vault: Vault, token: str) -> None:
        """Keep the device token; durable on return."""
        ...


class KeyringCredentials:
    """Secrets in the keyring; entries are named by the profile's folder."""

    protection: Protection = "keyring"

    def __init__(self, folder: Path) -> None:
        import keyring  # a slow import, needed only here

        self._ring = keyring
        self._name = str(folder.resolve())

    def has_key(self) -> bool:
        """Whether the keyring holds this profile's database key; False where there is no keyring."""
        from keyring.errors import KeyringError

        try:
            return bool(self._ring.get_password(SERVICE, f"{self._name}#key"))
        except (KeyringError, RuntimeError, OSError):
            return False

    def works(self) -> bool:
        """Whether this machine has a keyring that gives back what it is given."""
        from keyring.errors import KeyringError

        entry, probe = f"{self._name}#probe", secrets.token_hex(8)
        try:
            self._ring.set_password(SERVICE, entry, probe)
            kept = self._ring.get_password(SERVICE, entry)
            self._ring.delete_password(SERVICE, entry)
        except (KeyringError, RuntimeError, OSError):
            return False
        return kept == probe

    def database_key(self) -> bytes:
        """32 random bytes, made at the first call."""
        kept = self._ring.get_password(SERVICE, f"{self._name}#key")
        if kept:
            return base64.b64decode(kept)
        key = secrets.token_bytes(KEY_BYTES)
        self._ring.set_password(SERVICE, f"{self._name}#key", base64.b64encode(key).decode())
        return key

    def token(self, vault: Vault) -> str:
        """The device token, empty before enrolment."""
        return self._ring.get_password(SERVICE, f"{self._name}#token") or ""

    def save_token(self, vault: Vault, token: str) -> None:
        """Keep the device token."""
        self._ring.set_password(SERVICE, f"{self._name}#token", token)


class PassphraseCredentials:
    """The database key wrapped by a passphrase. A wrong one is noticed before the database is touched."""

    protection: Protection = "passphrase"

    def __init__(self, folder: Path, ask: Ask, cost: Cost = COST) -> None:
        self._path = folder / FILE
        self._ask = ask
        self._cost = cost  # of a key that is made; one that is there names its own

    def database_key(self) -> bytes:
        """32 random bytes, made at the first call. KnownError wrong_passphrase, passphrase_needed."""
        try:
            kept = json.loads(self._path.read_text(encoding="ascii"))
            salt, wrapped, mac = (bytes.fromhex(kept[name]) for name in ("salt", "wrapped", "mac"))
            cost = Cost(*(int(kept.get(name, usual)) for name, usual in COST._asdict().items()))
            if min(cost) < 1 or cost.memory_kib < 8 * cost.lanes:
                raise ValueError("no such cost")
        except FileNotFoundError:
            return self._make()
        except (ValueError, KeyError, TypeError) as error:
            raise KnownError(
                "key_file_broken",
                f"The key file {self._path} is damaged.",
                "Restore it from a backup.",
                file=self._path,
            ) from error
        pad, seal = _derive(self._ask(False), salt, cost)
        if not hmac.compare_digest(mac, hmac.digest(seal, wrapped, "sha256")):
            raise KnownError("wrong_passphrase", "The passphrase is not the right one.", "Enter it again.")
        return _xor(wrapped, pad)

    def token(self, vault: Vault) -> str:
        """The device token, empty before enrolment."""
        return vault.get_setting("device_token") or ""

    def save_token(self, vault: Vault, token: str) -> None:
        """Keep the device token."""
        vault.set_setting("device_token", token)

    def _make(self) -> bytes:
        key, salt = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(16)
        pad, seal = _derive(self._ask(True), salt, self._cost)
        wrapped = _xor(key, pad)  # a salt is used for one key alone, so the pad is used once
        mac = hmac.digest(seal, wrapped, "sha256")
        content = {"salt": salt.hex(), "wrapped": wrapped.hex(), "mac": mac.hex(), **self._cost._asdict()}
        fresh = self._path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._path)
        return key


def choose(folder: Path, ask: Ask | None, *, has_data: bool) -> Credentials:
    """The secrets of a profile, by what it was made with; a new one takes the keyring where one works.

    CRM_PASSPHRASE answers for `ask`, and makes a new profile take a passphrase. `has_data`: there is a database
    already, so a missing key is an error and not a reason to make one (KnownError key_missing).
    """
    given = os.environ.get(PASSPHRASE_VARIABLE, "")

    def answer(new: bool) -> str:
        return given or (ask(new) if ask else "")

    if (folder / FILE).exists():
        return PassphraseCredentials(folder, answer)
    if not given or has_data:
        ring = KeyringCredentials(folder)
        if ring.has_key():
            return ring
        if has_data:
            raise KnownError(
                "key_missing",
                "The key of this profile is not in the keyring of this machine.",
                "Unlock the keyring, or sign in as the user who made the profile.",
            )
        if ring.works():
            return ring
    return PassphraseCredentials(folder, answer)


def _derive(passphrase: str, salt: bytes, cost: Cost) -> tuple[bytes, bytes]:
    """Pad and seal key from the passphrase."""
    if not passphrase:
        raise KnownError(
            "passphrase_needed",
            "This machine has no keyring that works, so the data is guarded by a passphrase.",
            f"Enter one; scripts set {PASSPHRASE_VARIABLE}.",
            variable=PASSPHRASE_VARIABLE,
        )
    from argon2.low_level import Type, hash_secret_raw

    raw = hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=2 * KEY_BYTES,
        type=Type.ID,
    )
    return raw[:KEY_BYTES], raw[KEY_BYTES:]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
