"""Ids that follow from what they name: the same on every device and in every replay."""

import hashlib

_VERSION = "8"  # of RFC 9562: a UUID whose content its maker decides


def named_id(text: str) -> str:
    """The id of what `text` names, in the form of all ids."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{_VERSION}{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def is_named(record_id: str) -> bool:
    """Whether an id follows from a name; the others are made where a record is made."""
    return record_id[14:15] == _VERSION
