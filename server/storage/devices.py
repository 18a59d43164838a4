"""Devices and their tokens. A token is stored as its hash and looked up on every request."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from crm_desktop.errors import KnownError
from server.storage.tables import device, device_token, user_account

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U

# Built once: every request looks its device up.
_DEVICES = (
    select(device, user_account.c.role, user_account.c.active, device_token.c.revoked_at)
    .select_from(device_token)
    .join(device, device.c.token_hash == device_token.c.token_hash)
    .join(user_account, user_account.c.user_id == device_token.c.user_id)
)
_BY_ID = _DEVICES.where(device.c.device_id == bindparam("named"))
_OF_TOKEN = _DEVICES.where(device_token.c.token_hash == bindparam("hashed"))
_NAMED = _OF_TOKEN.where(device.c.device_id == bindparam("named"))
_ENROLLED = _OF_TOKEN.where(device.c.device_id == device_token.c.device_id)


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop as the server knows it. `role` is its user's."""

    device_id: str
    user_id: str
    role: str
    code: str
    name: str
    last_client_seq: int
    last_txn_id: str
    clock_trusted: bool
    revoked: bool


def token_hash(token: str) -> str:
    """How a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_device(connection: Connection, hashed: str, device_id: str) -> Device | None:
    """The device of a token; without an id the one that was enrolled with it. None: no such token or device."""
    found = connection.execute(_NAMED if device_id else _ENROLLED, {"hashed": hashed, "named": device_id}).one_or_none()
    return None if found is None else _device(found)


def by_id(connection: Connection, device_id: str) -> Device | None:
    """The device of an id, where nobody presents its token (a signed file does)."""
    found = connection.execute(_BY_ID, {"named": device_id}).one_or_none()
    return None if found is None else _device(found)


def reread(connection: Connection, known: Device) -> Device:
    """The device as it stands under the writer lock, with the role its user has now. KnownError device_revoked.

    What an admin took away while the push waited for its turn does not count any more. Whether the clock is trusted
    is told by the push itself.
    """
    found = _device(connection.execute(_BY_ID, {"named": known.device_id}).one())
    refuse_revoked(found)
    return replace(found, clock_trusted=known.clock_trusted)


def refuse_revoked(known: Device) -> None:
    """KnownError device_revoked for a device or user that was locked."""
    if known.revoked:
        raise KnownError("device_revoked", "This device may no longer sync.", "Admit it again if its work is wanted.")


def _device(found: Row[Any]) -> Device:
    return Device(
        device_id=found.device_id,
        user_id=found.user_id,
        role=found.role,
        code=found.code,
        name=found.name,
        last_client_seq=found.last_client_seq,
        last_txn_id=found.last_txn_id,
        clock_trusted=bool(found.clock_trusted),
        revoked=found.revoked_at is not None or not found.active,
    )


def enrol_device(connection: Connection, user_id: str, name: str, device_id: str, at: str) -> tuple[str, str]:
    """A new device with a token of its own. Returns (token, device code); the token is told once."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(device_token).values(
            token_hash=token_hash(token), user_id=user_id, device_id=device_id, created_at=at, revoked_at=None
        )
    )
    return token, add_device(connection, token_hash(token), user_id, name, device_id, at)


def add_device(connection: Connection, hashed: str, user_id: str, name: str, device_id: str, at: str) -> str:
    """A device under a token that exists (a cloned laptop took a new id). Returns its code."""
    code = _new_code(connection)
    connection.execute(
        insert(device).values(
            device_id=device_id,
            token_hash=hashed,
            user_id=user_id,
            name=name,
            code=code,
            created_at=at,
            last_seen=at,
            last_client_seq=0,
            last_txn_id="",
            schema_ver=0,
            clock_trusted=True,
        )
    )
    return code


def devices_of_token(connection: Connection, hashed: str) -> int:
    """How many devices share a token."""
    return int(connection.scalar(select(func.count()).select_from(device).where(device.c.token_hash == hashed)) or 0)


def owner_of_token(connection: Connection, hashed: str) -> tuple[str, bool] | None:
    """(user, revoked) of a token, None where there is no such token."""
    t, u = device_token.c, user_account.c
    found = connection.execute(
        select(t.user_id, t.revoked_at, u.active)
        .join(user_account, u.user_id == t.user_id)
        .where(t.token_hash == hashed)
    ).one_or_none()
    return None if found is None else (found.user_id, found.revoked_at is not None or not found.active)


def advance(connection: Connection, device_id: str, client_seq: int, txn_id: str) -> None:
    """The device's transactions up to `client_seq` are done."""
    connection.execute(
        update(device).where(device.c.device_id == device_id).values(last_client_seq=client_seq, last_txn_id=txn_id)
    )


def seen(connection: Connection, device_id: str, at: str, schema_ver: int, *, clock_trusted: bool) -> None:
    """The device said hello."""
    connection.execute(
        update(device)
        .where(device.c.device_id == device_id)
        .values(last_seen=at, schema_ver=schema_ver, clock_trusted=clock_trusted)
    )


def revoke(connection: Connection, device_id: str, at: str) -> int:
    """Revoke the token of a device, and with it every device that shares it. Returns how many tokens."""
    hashed = connection.scalar(select(device.c.token_hash).where(device.c.device_id == device_id))
    t = device_token.c
    done = connection.execute(
        update(device_token).where(t.token_hash == hashed, t.revoked_at.is_(None)).values(revoked_at=at)
    )
    return done.rowcount


def list_devices(connection: Connection) -> list[dict[str, object]]:
    """All devices with their user's login, newest contact first."""
    t, d, u = device_token.c, device.c, user_account.c
    statement = (
        select(d.device_id, d.code, d.name, u.login, d.last_seen, d.schema_ver, t.revoked_at)
        .select_from(device)
        .join(device_token, t.token_hash == d.token_hash)
        .join(user_account, u.user_id == d.user_id)
        .order_by(d.last_seen.desc(), d.device_id)
    )
    return [dict(row._mapping) for row in connection.execute(statement)]


def _new_code(connection: Connection) -> str:
    """Three characters, more when most are taken; never given twice because devices are never removed."""
    for length in (3, 3, 3, 3, 4, 4, 5, 6, 8):
        code = "".join(secrets.choice(_BASE32) for _ in range(length))
        if connection.scalar(select(device.c.code).where(device.c.code == code)) is None:
            return code
    raise RuntimeError("no free device code")


def exists(connection: Connection, device_id: str) -> bool:
    """Whether the id was ever used."""
    return connection.scalar(select(device.c.device_id).where(device.c.device_id == device_id)) is not None
