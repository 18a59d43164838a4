"""Passwords are kept as argon2 hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
# Checked when there is no such login, so that the answer takes as long as for one that exists. Written down and not
# made: a hash costs a quarter of a second, and each command of the server imports this module.
NOBODY = f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${'A' * 22}${'A' * 43}"


def hash_password(password: str) -> str:
    """Hash of a password with its parameters."""
    return _HASHER.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; never true without a stored hash, but as slow."""
    try:
        return _HASHER.verify(stored or NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
