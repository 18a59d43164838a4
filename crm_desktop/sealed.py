"""Sealed files: readable by one receiver alone, signed by one sender.

Hybrid public key encryption (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) and an Ed25519 signature over all
of it. The header is readable by everybody who holds the file and must name nobody.
"""

import base64
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crm_desktop.errors import KnownError

MAGIC = b"CRM sealed file 1\n"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_LENGTH = 4
_SIGNATURE = 64
_KEY = 32


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What others need to know of a party: 32 bytes to seal for it, 32 to check its signature."""

    sealing: bytes
    signing: bytes

    def text(self) -> str:
        """Both as one text."""
        return _text(self.sealing, self.signing)

    @classmethod
    def parse(cls, text: str) -> "PublicKeys":
        """From that text. ValueError where it is none."""
        return cls(*_bytes(text))


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The private halves; they never leave the encrypted store or the server's database."""

    sealing: bytes
    signing: bytes

    @classmethod
    def make(cls) -> "Keys":
        """New keys."""
        return cls(X25519PrivateKey.generate().private_bytes_raw(), Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "Keys":
        """From `text`. ValueError where it is none."""
        return cls(*_bytes(text))

    def text(self) -> str:
        """Both as one text, to be kept."""
        return _text(self.sealing, self.signing)

    @property
    def public(self) -> PublicKeys:
        """What others may know."""
        return PublicKeys(
            X25519PrivateKey.from_private_bytes(self.sealing).public_key().public_bytes_raw(),
            Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw(),
        )


def seal(header: dict[str, Any], body: bytes, sender: Keys, receiver: PublicKeys) -> bytes:
    """The file."""
    head = orjson.dumps(header)
    secret = _SUITE.encrypt(body, X25519PublicKey.from_public_bytes(receiver.sealing), info=head)
    signed = MAGIC + len(head).to_bytes(_LENGTH, "big") + head + secret
    return signed + Ed25519PrivateKey.from_private_bytes(sender.signing).sign(signed)


def header(data: bytes) -> dict[str, Any]:
    """What is written outside. KnownError not_sealed where this is no such file, or only a part of one."""
    return _split(data)[0]


def unseal(data: bytes, receiver: Keys, sender: PublicKeys) -> bytes:
    """The body. KnownError not_sealed; seal_broken where it was changed, or is of or for somebody else."""
    _, head, secret = _split(data)
    try:
        Ed25519PublicKey.from_public_bytes(sender.signing).verify(data[-_SIGNATURE:], data[:-_SIGNATURE])
        return _SUITE.decrypt(secret, X25519PrivateKey.from_private_bytes(receiver.sealing), info=head)
    except (InvalidSignature, InvalidTag, ValueError) as error:
        raise KnownError(
            "seal_broken",
            "The file was damaged or changed on its way, or it is meant for another device.",
            "Copy it again, or have it written again. Nothing was taken from it.",
        ) from error


def _split(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    start = len(MAGIC) + _LENGTH
    end = start + int.from_bytes(data[len(MAGIC) : start], "big")
    try:
        if not data.startswith(MAGIC) or end + _SIGNATURE > len(data):
            raise ValueError
        found = orjson.loads(data[start:end])
        if not isinstance(found, dict):
            raise ValueError
    except ValueError as error:
        raise KnownError(
            "not_sealed", "This is not a courier file, or not all of it.", "Choose the file again, or copy it again."
        ) from error
    return found, data[start:end], data[end:-_SIGNATURE]


def _text(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).decode() for part in parts)


def _bytes(text: str) -> tuple[bytes, bytes]:
    parts = [base64.urlsafe_b64decode(part) for part in text.split(".")]
    if len(parts) != 2 or any(len(part) != _KEY for part in parts):
        raise ValueError("no pair of keys")
    return parts[0], parts[1]
