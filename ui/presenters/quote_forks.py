"""What a screen tells of a draft that two people changed at once: whose version this is, and where the other one is."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_desktop.model.wire import Row
from crm_desktop.rules.revisions import is_fork
from crm_desktop.services.quote_forks import shares_number
from crm_desktop.store.reader import Reader
from ui.presenters.quote_standing import name_of


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """Another revision of the same number; `author` is empty for the one the others were split off."""

    revision_id: str
    author: str


@dataclass(frozen=True, slots=True)
class ForkView:
    """`author`: whose version a fork is, empty for a revision that is none. `others` have the same number."""

    author: str = ""
    others: tuple[OtherVersion, ...] = ()


NO_FORK = ForkView()


def load_fork(reader: Reader, revision: Row, revisions: Sequence[Row]) -> ForkView:
    """The standing of a revision among those of the quote (rows with `id`)."""
    same = [row for row in revisions if row["revision"] == revision["revision"] and row["id"] != revision["id"]]
    others = tuple(OtherVersion(row["id"], author_of(reader, row, revisions)) for row in same)
    forked = is_fork(revision) or any(other.author for other in others)
    return ForkView(author_of(reader, revision, revisions), others if forked else ())


def author_of(reader: Reader, revision: Row, revisions: Sequence[Row]) -> str:
    """By whose name a fork is told from the others of its number; empty where a number is enough."""
    return name_of(reader, revision["created_by"]) if shares_number(revision, list(revisions)) else ""
