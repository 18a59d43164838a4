"""Sealed files: one reader, one writer, no bit changed."""

import pytest

from crm_desktop import sealed
from crm_desktop.errors import KnownError
from crm_desktop.sealed import MAGIC, Keys, PublicKeys

LAPTOP, SERVER, STRANGER = Keys.make(), Keys.make(), Keys.make()
BODY = "Wir liefern über die Hintertür.".encode() * 20


def file() -> bytes:
    return sealed.seal({"kind": "x", "device": "d"}, BODY, LAPTOP, SERVER.public)


def test_the_receiver_reads_what_the_sender_wrote() -> None:
    data = file()
    assert sealed.header(data) == {"kind": "x", "device": "d"}
    assert sealed.unseal(data, SERVER, LAPTOP.public) == BODY
    assert BODY[:20] not in data


def test_keys_are_kept_as_text() -> None:
    again = Keys.parse(LAPTOP.text())
    assert sealed.unseal(sealed.seal({}, BODY, again, SERVER.public), SERVER, PublicKeys.parse(LAPTOP.public.text()))


@pytest.mark.parametrize(
    "text", ["", "abc", "YQ==.YQ==", LAPTOP.text() + ".YQ=="], ids=["nothing", "a word", "too short", "three parts"]
)
def test_what_are_no_keys_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"keys|padding|base64"):
        Keys.parse(text)


def test_nobody_else_reads_it_and_nobody_else_can_have_written_it() -> None:
    with pytest.raises(KnownError, match="damaged or changed"):
        sealed.unseal(file(), STRANGER, LAPTOP.public)
    forged = sealed.seal({"kind": "x", "device": "d"}, BODY, STRANGER, SERVER.public)
    with pytest.raises(KnownError, match="damaged or changed"):
        sealed.unseal(forged, SERVER, LAPTOP.public)


def test_no_byte_can_be_changed_or_missing() -> None:
    data = file()
    for at in range(0, len(data), 7):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(KnownError) as caught:
            sealed.unseal(bytes(changed), SERVER, LAPTOP.public)
        assert caught.value.code in ("seal_broken", "not_sealed")
    for end in (0, 5, len(MAGIC) + 2, len(data) // 2, len(data) - 1):
        with pytest.raises(KnownError) as caught:
            sealed.unseal(data[:end], SERVER, LAPTOP.public)
        assert caught.value.code in ("seal_broken", "not_sealed")
