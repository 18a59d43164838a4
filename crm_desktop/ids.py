"""Ids made on the device: UUIDv7, so that they sort by birth and survive the sync unchanged."""

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7 as text."""
    return str(uuid_utils.uuid7())
