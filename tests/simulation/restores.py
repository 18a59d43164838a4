"""The server's backups: taken, put back, and the journal repeated at once, late, or never."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.simulation import seen
from tests.simulation.central import Central
from tests.simulation.chance import Trace
from tests.simulation.checks import LaptopChecks
from tests.simulation.given_up import touched_by_given_up
from tests.simulation.laptop import Laptop
from tests.simulation.papers import Papers
from tests.simulation.witness import Witness

WORDS = {"name", "website", "value", "job_title", "subject", "street"}  # fields the desk writes words into


class Restores:
    """What the administrator does. Without `journal` nobody ever remembers it; with `late` always late.

    The office goes on then with what it had written before: the journal's values are the older ones.
    """

    def __init__(
        self,
        seed: str,
        backup: Path,
        central: Central,
        witness: Witness,
        checks: LaptopChecks,
        papers: Papers,
        laptops: Sequence[Laptop],
        trace: Trace,
        *,
        journal: bool,
        late: bool = False,
    ) -> None:
        self._rng = random.Random(f"journal {seed}")
        self._backup = backup
        self._central = central
        self._witness = witness
        self._checks = checks
        self._papers = papers
        self._laptops = laptops
        self._trace = trace
        self._journal = journal
        self._late = late
        self._there = False
        self._due = 0  # steps until somebody remembers the journal

    def backup(self) -> None:
        """A copy of the server as it stands between two requests."""
        self._central.copy_to(self._backup)
        self._there = True
        self._papers.copy()
        self._trace.say("server", f"backup at {self._witness.truth.last_seq}")

    def restore(self) -> None:
        """The copy is put in its place, once."""
        if not self._there:
            return
        self._there = False
        lost = self._witness.truth.last_seq
        self._begin_anew()
        written = self._witness.written_here()
        for key in touched_by_given_up(self._central.storage, self._witness.truth):
            written.pop(key, None)
        self._witness.look_away()
        self._central.restore_from(self._backup)
        self._witness.restored()
        self._papers.restored(self._witness.truth)
        lost -= self._witness.truth.last_seq
        self._witness.premises["I21 restores that lose commits"] += lost > 0
        self._trace.say("server", f"restored to {self._witness.truth.last_seq}, {lost} commits lost")
        self._due = 0
        if self._late:
            self._due = self._rng.randrange(2, 12)
        elif self._journal:
            remembered = self._rng.random()
            if remembered < 0.5:
                self._witness.repeated(written, self._repeat())
            elif remembered < 0.75:
                self._due = self._rng.randrange(2, 30)

    def step(self) -> None:
        """One step later somebody may remember the journal."""
        if self._due:
            self._due -= 1
            if not self._due:
                if self._late:
                    self._go_on()
                self._begin_anew()
                newer = self._witness.written_since()
                self._witness.repeated_late(newer, self._repeat())

    def _go_on(self) -> None:
        """The office writes on some of what it had written before the restore and still finds."""
        told = [
            (entry["e"], entry["id"], name)
            for entry in self._central.forgotten()
            for name in WORDS & entry.get("v", {}).keys()
            if self._witness.truth.live((entry["e"], entry["id"])) is not None
        ]
        for entity, record_id, name in self._rng.sample(sorted(told), min(3, len(told))):
            values = {name: f"since [{self._rng.randrange(1000)}]"}
            self._central.storage.write_records([(entity, record_id, values)], actor="desk")
            self._witness.look(desk="the office goes on")
            self._trace.say("desk", f"goes on with {self._trace.name(record_id, entity)} {name}")

    def _begin_anew(self) -> None:
        for laptop in self._laptops:
            if laptop.syncing or not seen.caught_up(laptop):
                self._checks.dirty.add(laptop.name)

    def _repeat(self) -> list[dict[str, Any]]:
        told = self._central.forgotten()
        done = self._central.repeat_journal()
        self._witness.premises["commits repeated from the journal"] += done.commits
        self._witness.premises["newer than the journal"] += done.newer
        self._trace.say("server", f"{done.commits} commits repeated from the journal, {done.there} are there")
        return told
