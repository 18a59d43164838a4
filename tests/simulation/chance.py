"""Time, ids and chance of one history: everything that is random or moves comes from one seed."""

import hashlib
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import crm_desktop.ids
import server.storage.commit
import server.storage.devices
import server.storage.snapshot

_MEMORY = Path("/dev/shm")
# Databases of histories lie in memory where there is such a place: they are proven by kills, not by the disk.
ROOM = _MEMORY if _MEMORY.is_dir() else None
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_PLACES = (
    (crm_desktop.ids, "uuid_utils"),
    (server.storage.commit, "secrets"),
    (server.storage.devices, "secrets"),
    (server.storage.snapshot, "secrets"),
)


class Chance:
    """The only source of randomness. `rng` decides what happens; ids come from a stream of their own.

    It stands in for the modules `uuid_utils` and `secrets` where the product takes its ids from them.
    """

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.rng = random.Random(f"{seed}/events")
        self.extra = random.Random(f"{seed}/extra")  # what came later draws here, so that old seeds keep their meaning
        self._ids = random.Random(f"{seed}/ids")
        self.now = START

    def pass_time(self, seconds: float) -> None:
        """The world's clock moves on."""
        self.now += timedelta(seconds=seconds)

    def happens(self, probability: float) -> bool:
        """One throw."""
        return self.rng.random() < probability

    # what the product asks for

    def uuid7(self) -> uuid.UUID:
        """An id with the virtual time in front."""
        millis = int(self.now.timestamp() * 1000)
        return uuid.UUID(int=(millis << 80) | (7 << 76) | (2 << 62) | self._ids.getrandbits(62))

    def token_hex(self, size: int) -> str:
        """As `secrets.token_hex`."""
        return self._ids.randbytes(size).hex()

    def token_urlsafe(self, size: int) -> str:
        """As `secrets.token_urlsafe`."""
        return self._ids.randbytes(size).hex()

    def choice(self, items: str) -> str:
        """As `secrets.choice`."""
        return self._ids.choice(items)


class SimClock:
    """A clock that is off by some time, against the world's."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.skew = timedelta()

    def now(self) -> datetime:
        """Current instant as this machine believes it."""
        return self._chance.now + self.skew


@contextmanager
def governed(chance: Chance) -> Iterator[None]:
    """All ids of the product come from `chance` inside the block."""
    kept = [getattr(module, name) for module, name in _PLACES]
    for module, name in _PLACES:
        setattr(module, name, chance)
    try:
        yield
    finally:
        for (module, name), original in zip(_PLACES, kept, strict=True):
            setattr(module, name, original)


class Trace:
    """What happened, for a person to read and to compare: one line each, long ids shown as short names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}
        self._hash = hashlib.sha256()

    def name(self, record_id: str, kind: str) -> str:
        """The short name of an id, given on first use."""
        if record_id not in self._names:
            self._names[record_id] = f"{kind}{len(self._names) + 1}"
        return self._names[record_id]

    def say(self, who: str, what: str) -> None:
        """One more line."""
        line = f"{who:<8} {what}"
        self.lines.append(line)
        self._hash.update(line.encode())

    def digest(self) -> str:
        """Hash of everything said so far."""
        return self._hash.hexdigest()


class Violation(AssertionError):
    """An invariant does not hold. `checker` is its name."""

    def __init__(self, checker: str, message: str) -> None:
        super().__init__(f"{checker}: {message}")
        self.checker = checker
        self.message = message
