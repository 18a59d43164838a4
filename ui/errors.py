"""How an error is told: the user's language by its code, the text it carries where no catalogue knows it."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_desktop.errors import CrmError, KnownError

Lookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """What happened and what to do."""

    title: str
    advice: str


def shown(error: CrmError, lookup: Lookup) -> Shown:
    """`lookup` gives the message of a key such as `error.wrong_password.title`, or None.

    A defect of ours (BugError) is never shown raw.
    """
    if not isinstance(error, KnownError):
        title = lookup("error.defect.title") or "Something went wrong in the program."
        return Shown(title, lookup("error.defect.advice") or "What you entered is kept.")
    return Shown(
        _filled(lookup(f"error.{error.code}.title"), error) or error.title,
        _filled(lookup(f"error.{error.code}.advice"), error) or error.advice,
    )


def _filled(message: str | None, error: KnownError) -> str:
    if not message:
        return ""
    try:
        return message.format_map(error.values)
    except (KeyError, IndexError, ValueError):
        return ""
