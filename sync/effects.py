"""What a session asks of whoever drives it: each effect is yielded and its answer sent back in."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from crm_desktop.errors import SessionError
from sync.first_sync import PartEffect
from sync.mending import Ask
from sync.ports import Body


@dataclass(frozen=True, slots=True)
class Hello:
    """Exchange positions; answer: HelloAnswer."""

    body: Body


@dataclass(frozen=True, slots=True)
class Push:
    """Send transactions; answer: PushAnswer.

    `before_send` has to be done before the first byte leaves, and not where no connection could be made: it notes
    durably that the transactions may have reached the server.
    """

    body: Body
    before_send: Callable[[], None]


@dataclass(frozen=True, slots=True)
class StartPull:
    """Begin to fetch a page and go on; answer: nothing. One begun before and never awaited is dropped.

    `ahead`: something else is done before it is awaited.
    """

    body: Body
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class AwaitPull:
    """Answer: the page begun last."""


Effect = Hello | Push | StartPull | AwaitPull | PartEffect | Ask
Steps = Generator[Effect, Body, None]


def bad_answer() -> SessionError:
    """An answer in JSON, yet none of the protocol."""
    return SessionError(
        "bad_answer",
        "The server gives an answer this program does not know.",
        "Update the program or ask your administrator. What you wrote stays on this laptop.",
    )
