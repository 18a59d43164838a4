"""The first sync by prepared parts: what to fetch, in which order, and what to do when a part is broken or gone.

Sans-I/O like the engine. A part that arrives is applied while the next one travels. Nothing here decides about rows:
whatever this leaves undone, the pull that follows does by pages.
"""

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from crm_desktop.errors import SessionError
from sync.ports import Body
from sync.protocol.messages import Code
from sync.store_ports import FillState, FirstFill

TRIES = 3  # of a part that comes damaged, and of manifests whose parts are gone
PATIENCE = 15  # manifests in which nothing is new


@dataclass(frozen=True, slots=True)
class AskManifest:
    """Ask what to fetch; answer: the manifest."""

    body: Body


@dataclass(slots=True)
class StartPart:
    """Begin to fetch a part; answer: nothing. Its bytes are added to `data` as they come, behind what is there.

    Whoever fetched it calls `arrived`: what can be done ahead is done beside the part before.
    """

    snapshot_id: str
    number: int
    size: int
    sha256: str
    decode: Callable[[bytes], Any]
    data: bytearray
    content: Any = None
    """What it holds; None until it has arrived whole and undamaged."""

    def arrived(self) -> None:
        """Check and decode the bytes."""
        packed = bytes(self.data)
        if len(packed) == self.size and hashlib.sha256(packed).hexdigest() == self.sha256:
            self.content = self.decode(packed)


@dataclass(frozen=True, slots=True)
class AwaitPart:
    """Answer: nothing, when the part begun last has come."""


class _Damaged(Exception):
    """A part comes damaged each time."""


PartEffect = AskManifest | StartPart | AwaitPart
PartSteps = Generator[PartEffect, Body, int]


def fill(store: FirstFill, epoch: str) -> PartSteps:
    """Fill an empty copy; returns the rows that came. A copy that is not empty is left alone."""
    state = store.state()
    if state is None:
        return 0
    if state.begun and state.epoch != epoch:
        store.forget()
        return 0
    rows = 0
    for _ in range(TRIES):
        try:
            rows += yield from _parts(store)
            return rows
        except _Damaged:
            break  # where the server keeps it: it would come like this for ever
        except SessionError as error:
            if error.code != Code.NOT_FOUND:
                raise
            # The parts are gone: a new manifest names others.
            state = yield from _manifest(store, again=True)
            if state is None:
                return rows
    store.forget()
    return rows


def _manifest(store: FirstFill, *, again: bool = False) -> Generator[PartEffect, Body, FillState | None]:
    """What the server offers now; None, and the filling is over, where it offers nothing."""
    state = store.state()
    assert state is not None
    resume = [] if again else list(state.snapshots)
    have = 0 if again else len(state.parts)
    try:
        told = yield AskManifest({"resume": resume, "have": have})
    except SessionError as error:
        if error.code != Code.NOT_FOUND:
            raise
        told = {"parts": []}  # a server, or a version of it, that prepares nothing
    if not told.get("parts") and told.get("complete", True):
        if state.begun:
            store.forget()
        return None
    return store.take(told)


def _parts(store: FirstFill) -> PartSteps:
    """Fetch and apply what is known, ask for what is not, until all is in."""
    rows = idle = 0
    ahead: StartPart | None = None
    while (state := store.state()) is not None:
        if state.next == len(state.parts):
            if state.complete and state.begun:
                store.finish()
                return rows
            known = len(state.parts)
            state = yield from _manifest(store)
            if state is None:
                return rows
            idle = idle + 1 if len(state.parts) == known and not state.complete else 0
            if idle == PATIENCE:
                store.forget()
                return rows
            continue
        part = state.parts[state.next]
        content, ahead = yield from _fetch(store, state, ahead)
        store.apply(state.next, content)
        rows += int(part["rows"])
    return rows


def _fetch(
    store: FirstFill, state: FillState, ahead: StartPart | None
) -> Generator[PartEffect, Body, tuple[Any, StartPart | None]]:
    """The content of the next part, and the one behind it, begun."""
    part = state.parts[state.next]
    for _ in range(TRIES):
        if ahead is None or (ahead.snapshot_id, ahead.number) != (part["snapshot_id"], part["i"]):
            ahead = _start(store, part, store.piece(part["sha256"]))
            yield ahead
        try:
            yield AwaitPart()
        except SessionError:
            if ahead.data:
                store.keep_piece(part["sha256"], bytes(ahead.data))
            raise
        content, ahead = ahead.content, None
        if content is not None:
            for behind in state.parts[state.next + 1 : state.next + 2]:
                ahead = _start(store, behind, b"")
                yield ahead
            return content, ahead
        store.keep_piece("", b"")  # what was kept of it may be what is wrong
    raise _Damaged


def _start(store: FirstFill, part: dict[str, Any], kept: bytes) -> StartPart:
    return StartPart(part["snapshot_id"], part["i"], part["bytes"], part["sha256"], store.decode, bytearray(kept))
