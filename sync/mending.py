"""What follows where the sums differ, or where a restored server lacks what this laptop still holds. Sans-I/O."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from crm_desktop.errors import SessionError
from sync.ports import Body
from sync.protocol.messages import Code
from sync.store_ports import Key, Mending

_GIVEN_UP = {Code.NOT_FOUND, Code.TOO_LARGE, Code.MALFORMED, Code.NO_FILES}


@dataclass(frozen=True, slots=True)
class Ask:
    """One call beside push and pull; answer: its body."""

    call: str
    body: Body


def mend(mending: Mending, position: Body) -> Generator[Ask, Body, tuple[Key, ...] | None]:
    """Narrow the difference down and fetch it anew. Returns what differed; None: that cannot be done here."""
    try:
        buckets = mending.differing((yield Ask("digest", position)))
        if not buckets:
            return ()  # our sums were wrong, not the rows; they are computed anew now
        return mending.mend((yield Ask("refetch", position | {"buckets": buckets})))
    except SessionError as error:
        if error.code in _GIVEN_UP:
            return None
        raise
    except (LookupError, TypeError, ValueError, AttributeError):
        return None  # an answer nobody can read: the whole copy is read anew instead


def check_removals(mending: Mending, page: Body, position: Callable[[], Body]) -> Generator[Ask, Body, None]:
    """Before a page takes very much away the server says whether it means it. SessionError where it contradicts itself.

    `position` is asked only then: a page with nothing in it costs nothing here. What is not there means nothing by
    itself: a server with a wrong or empty database must not empty a laptop.
    """
    try:
        gone = mending.removals(page)
        if not gone:
            return
        told = yield Ask("standing", position() | {"records": [list(key) for key in gone]})
        standing = told["records"]
    except SessionError as error:
        if error.code != Code.NOT_FOUND:
            raise
        standing = gone
    except (LookupError, TypeError, ValueError):
        return  # not a page at all: the store says so
    if standing:
        raise mass_removal(len(gone))


def mass_removal(count: int) -> SessionError:
    """The server wants to take so many records away without being sure of it: a person has to say so."""
    return SessionError(
        "mass_removal",
        f"The server wants to take {count} records away that are yours by its own word.",
        "Nothing was taken. Ask your administrator; if it is meant so, allow it in the sync history or with "
        "--accept-removals.",
        count=count,
    )


def tell_left(mending: Mending, epoch: Callable[[], str]) -> Generator[Ask, Body, int]:
    """Give the server copies of what it does not know. Returns how many; what cannot be told now stays in view."""
    told = 0
    try:
        while rows := mending.left():
            yield Ask("copies", {"epoch": epoch(), "rows": rows})
            mending.let_go([(row["e"], row["id"]) for row in rows])
            told += len(rows)
    except SessionError as error:
        if error.code not in _GIVEN_UP:
            raise
    return told
