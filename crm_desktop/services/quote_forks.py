"""Forks of a draft on the laptop: the number one takes when it goes its own way, and giving one up."""

from dataclasses import dataclass

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row
from crm_desktop.rules.revisions import is_fork
from crm_desktop.store.intents import Intent, delete, patch
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A fork that was given up: what was deleted, and the number of the transaction that did it."""

    records: tuple[tuple[str, str], ...]
    client_seq: int | None


def shares_number(revision: Row, others: list[Row]) -> bool:
    """Whether a revision is a fork that still has the number of the draft it was split off."""
    return is_fork(revision) and any(
        row["revision"] == revision["revision"] and row["id"] != revision["id"] for row in others
    )


def take_number(reader: Reader, revision: Row) -> list[Intent]:
    """A number of its own for a fork that leaves the state of a draft: no two papers are called alike."""
    others = reader.where("quote_revision", quote_id=revision["quote_id"])
    if not shares_number(revision, others):
        return []
    return [patch("quote_revision", revision["id"], {"revision": max(row["revision"] or 0 for row in others) + 1})]


def give_up(reader: Reader, fork: Row) -> list[Intent]:
    """Delete a fork with its lines. InvalidInput not_a_fork for the draft of the quote itself."""
    if not is_fork(fork):
        raise InvalidInput(
            "not_a_fork", "This is the draft of the quote itself.", "Change its lines, or close the quote."
        )
    lines = reader.where("quote_line", quote_id=fork["quote_id"], revision_id=fork["id"])
    return [*(delete("quote_line", line["id"]) for line in lines), delete("quote_revision", fork["id"])]
