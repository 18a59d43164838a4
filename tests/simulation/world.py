"""One history: a seed, a company, some laptops, a bad network, and everything that can go wrong; then peace."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from crm_desktop.errors import BugError
from server.settings import Settings
from sync.protocol import Limits
from tests.simulation import seen
from tests.simulation.central import Answer, Central, Request
from tests.simulation.chance import ROOM, Chance, Trace, Violation, governed
from tests.simulation.checks import LaptopChecks
from tests.simulation.company import LAPTOPS, Company
from tests.simulation.drafts import Drafts
from tests.simulation.laptop import Laptop, LaptopKilled
from tests.simulation.ledger import Ledger
from tests.simulation.lines import Line
from tests.simulation.mail import Mail
from tests.simulation.moves import Moves
from tests.simulation.net import FAULTS, Net, Weather
from tests.simulation.office import Office
from tests.simulation.papers import Papers
from tests.simulation.people import People, act
from tests.simulation.restores import Restores
from tests.simulation.witness import Witness

# What may happen, and how often beside each other. Every history takes a part of it.
LOCAL = {
    "edit_field": 20, "open_form": 4, "save_form": 6, "edit_group": 8, "edit_text": 12, "edit_set": 10, "make": 6,
    "remove": 4, "bring_back": 5, "quote": 14, "decide": 4, "retry": 3, "poison": 2, "take_back": 2, "big": 1,
}  # fmt: skip
DESK = {"desk_edit": 5, "import_batch": 1, "move_account": 3, "change_rights": 2, "collect_garbage": 1}
WORLD = {
    "sync": 14, "sync_some": 10, "listen": 3, "hang_up": 2, "late": 3, "kill": 3, "power_cut": 1, "restart": 1,
    "stuck_push": 1, "clone": 1, "backup": 2, "restore_server": 1, "restart_server": 1, "hours_pass": 2,
    "months_pass": 0.6, "clock_jumps": 1, "two_clones_write": 0.5,
}  # fmt: skip
ALWAYS = {"sync", "sync_some"}
# Beside all that in the wider histories, drawn from a stream of its own.
WIDER = {
    "courier_out": 6, "courier_to_server": 8, "courier_in": 8, "attach": 8, "move": 8, "spoil": 1, "merge_accounts": 2,
}  # fmt: skip
WIDE = "wide-"  # a seed that begins so is one of them
DRAFTS = "drafts-"  # in a seed that begins so people meet over the lines of drafts
RESTORED = "restored-"  # in one that begins so the server is restored often, and what the office wrote is repeated
LATE = (
    "late-"  # the same, and the journal is always repeated late, when the office has gone on with what it had written
)
OFTEN = 0.35  # steps of a wider history that are followed by one of these
ROUNDS = 8  # sessions per laptop until everything must be at rest


@dataclass(frozen=True, slots=True)
class Plan:
    """Which history: its seed and how many steps it takes. A seed that begins with `all-` may do everything."""

    seed: str
    steps: int = 80

    @property
    def wider(self) -> bool:
        """Whether courier files, attached files, prepared parts and merged customers occur: in one of three."""
        return self.seed.startswith(("all-", WIDE, RESTORED, LATE)) or (
            self.seed.isdecimal() and int(self.seed) % 3 == 0
        )

    @property
    def moving(self) -> bool:
        """Whether customers leave a territory again and again while somebody loses it: in one of twenty."""
        return self.seed.startswith("all-") or (self.seed.isdecimal() and int(self.seed) % 20 == 16)

    @property
    def meeting(self) -> bool:
        """Whether people change one line of a draft at the same time: in one of ten."""
        return self.seed.startswith(("all-", DRAFTS)) or (self.seed.isdecimal() and int(self.seed) % 10 == 9)


class World:
    """Everything of one history."""

    def __init__(self, plan: Plan, company: Company, folder: Path) -> None:
        self.plan = plan
        self.chance = Chance(plan.seed)
        self.trace = Trace()
        self.ledger = Ledger()
        rng = self.chance.rng
        limits = Limits(
            page_rows=rng.choice((3, 12, 2000)), transaction_ops=rng.choice((10, 500)), push_ops=rng.choice((4, 500))
        )
        if plan.moving and not plan.wider:
            limits = limits.model_copy(update={"page_rows": 3})
        settings = Settings(limits=limits, commit_rows=rng.choice((5, 2000)))
        if plan.wider:
            settings = replace(settings, snapshot_from_rows=1, snapshot_part_rows=self.chance.extra.choice((4, 30)))
        self.folder = folder
        shutil.copyfile(company.database, folder / "server.db")
        self.central = Central(folder / "server.db", self.chance, settings)
        self.witness = Witness(self.central, self.ledger)
        self.checks = LaptopChecks(self.witness, self.ledger)
        self.net = Net(self.central, self.chance, self.trace, self._heard)
        self.people = People(self.chance, self.trace, company.products)
        self.office = Office(self.central, self.chance, self.trace, company, self.witness)
        self.drafts = Drafts(plan.seed, company.products)
        self.moves = Moves(plan.seed, self.central, company, self.witness)
        self.mail = Mail(self.central, self.witness, self.ledger, self.chance, self.trace)
        self.papers = Papers(self.central, self.ledger, self.chance.extra, self.trace)
        self.witness.on_rows = self.papers.check_server
        self.witness.on_cut = self._on_cut
        self.laptops: list[Laptop] = []
        self.restores = Restores(
            plan.seed, folder / "backup.db", self.central, self.witness, self.checks, self.papers, self.laptops,
            self.trace, journal=plan.seed.startswith(("all-", RESTORED, LATE)), late=plan.seed.startswith(LATE),
        )  # fmt: skip
        self._cloned = 0
        for name, who in LAPTOPS[: rng.choice((2, 3, 4))]:
            home = folder / name
            fresh = self.chance.happens(0.15) or (plan.wider and self.chance.extra.random() < 0.2)
            shutil.copytree(company.profile(name, fresh=fresh), home)
            laptop = Laptop(name, company.people[who], company.tokens[name], home, self.chance, self.net)
            laptop.on_page, laptop.on_results = self._on_page, self.checks.answered
            if plan.wider:
                laptop.line = Line(self.central, self.net, self.chance, self.witness, laptop)
            if self.chance.happens(0.15):
                laptop.clock.skew = timedelta(hours=rng.choice((-26, -1, 1, 50)))
            self.laptops.append(laptop)
        self._actions = self._swarm()
        everything = self.plan.seed.startswith("all-")
        bad = 0.15 if everything else rng.choice((0.0, 0.1, 0.3))
        chosen = list(FAULTS) if everything else rng.sample(FAULTS, rng.randrange(1, len(FAULTS)))
        self._weather = Weather({name: bad / len(chosen) for name in chosen} if bad else {})
        self.trace.say("world", f"{plan.seed}: {sorted(self._actions)} weather {self._weather.rates}")

    def _swarm(self) -> dict[str, float]:
        rng = self.chance.rng
        everything = {**LOCAL, **DESK, **WORLD}
        if self.plan.seed.startswith("all-"):
            return everything | {"quote": 30, "collect_garbage": 3, "kill": 5}  # what leads to the rarer premises
        if self.plan.seed.startswith((RESTORED, LATE)):
            office = {"desk_edit": 14, "import_batch": 4, "move_account": 6, "change_rights": 4}
            return everything | office | {"backup": 6, "restore_server": 5}
        share = rng.choice((0.35, 0.6, 0.9))
        return {n: w for n, w in everything.items() if n in ALWAYS or rng.random() < share}

    # hearing

    def _heard(self, request: Request, answer: Answer) -> None:
        self.witness.heard(request, answer)

    def _on_page(self, laptop: Laptop, page: dict[str, Any], applied: Any) -> None:
        if self.net.was_flipped(page):
            self.checks.dirty.add(laptop.name)
        self.checks.page(laptop, page, applied)

    def _on_cut(self, floor: int) -> None:
        """Whose lane of grants has not come so far may lack some of them: the digest is what finds that."""
        for laptop in self.laptops:
            if (laptop.syncing or not seen.caught_up(laptop)) and seen.granted_to(laptop) < floor:
                self.checks.dirty.add(laptop.name)

    # the history

    def run(self) -> None:
        """All steps, then peace and the last checks."""
        with governed(self.chance):
            try:
                self.net.weather = self._weather
                names, weights = list(self._actions), list(self._actions.values())
                for _ in range(self.plan.steps):
                    self.chance.pass_time(self.chance.rng.randrange(1, 600))
                    self.step(self.chance.rng.choices(names, weights)[0])
                    if self.plan.wider and self.chance.extra.random() < OFTEN:
                        self.step_wider(self.chance.extra.choices(list(WIDER), list(WIDER.values()))[0])
                    if self.plan.meeting and self.drafts.due():
                        self._meet()
                    if self.plan.moving and self.moves.due():
                        self._leave_twice()
                    self.restores.step()
                self.make_peace()
            finally:
                self.close()

    def step(self, name: str) -> None:
        """One thing happens."""
        laptop = self.chance.rng.choice(self.laptops)
        if name in LOCAL:
            self._local(laptop, name)
        elif name in DESK:
            done = self.office.act(name)
            if done:
                self.trace.say("desk", f"{name} {done}")
        else:
            self._mortal(laptop, getattr(self, f"_{name}"))

    def step_wider(self, name: str) -> None:
        """One thing of the wider world happens."""
        laptop = self.chance.extra.choice(self.laptops)
        if name == "merge_accounts":
            if done := self.office.act(name):
                self.trace.say("desk", f"{name} {done}")
        elif name in ("attach", "move", "spoil"):
            self._mortal(laptop, getattr(self.papers, name))
        else:
            laptop = self.mail.reader(self.laptops) if name == "courier_in" else laptop
            self._mortal(laptop, getattr(self.mail, name))
            self.checks.local(laptop)

    def _leave_twice(self) -> None:
        """Everybody is up to date, a customer leaves twice, and everybody hears of it in small pages."""
        for laptop in self.laptops:
            self._mortal(laptop, self._sync)
        if done := self.moves.chain():
            self.trace.say("desk", done)
            for laptop in self.laptops:
                self._mortal(laptop, self._sync_in_small_pages)

    def _meet(self) -> None:
        """People change one line of a draft, each without having seen the others; or a draft is begun for it."""
        line_id, who = self.drafts.meeting(self.laptops)
        if not who:
            author = self.laptops[0]
            self._did(author, "begin_draft", self.drafts.begin(author))
            who = self.laptops
        for laptop in who if line_id else ():
            self._did(laptop, "meet", self.drafts.change(laptop, line_id))
        if self.drafts.at_once() or not line_id:
            for laptop in who:
                self._mortal(laptop, self._sync)

    def _local(self, laptop: Laptop, name: str) -> None:
        self._did(laptop, name, act(self.people, laptop, name))

    def _did(self, laptop: Laptop, name: str, done: str | None) -> None:
        if not done:
            return
        laptop.synced()
        self.trace.say(laptop.name, f"{name} {done}")
        fresh = self.ledger.wrote(laptop)
        self.ledger.dropped |= self.people.taken_back
        self.ledger.premises[f"did {name}"] += 1
        self.ledger.premises["I1 local writes"] += len(fresh)
        self.checks.local(laptop)

    def _mortal(self, laptop: Laptop, do: Callable[[Laptop], None]) -> None:
        try:
            do(laptop)
        except LaptopKilled:
            self._die(laptop, power_cut=self.chance.happens(0.3))
        except BugError:
            if not laptop.struck:  # SQLite says more than "interrupted": a schema it was just reading "has changed"
                raise
            self.ledger.premises["killed inside a statement"] += 1
            self._die(laptop, power_cut=self.chance.happens(0.3))

    def _die(self, laptop: Laptop, *, power_cut: bool) -> None:
        self.trace.say(laptop.name, "power cut" if power_cut else "killed")
        self.ledger.premises["laptops killed"] += 1
        laptop.die(power_cut=power_cut)
        self._survived(laptop)
        self.checks.local(laptop)

    def _survived(self, laptop: Laptop) -> None:
        self.ledger.survived(laptop)
        self.papers.survived(laptop)

    def _told(self, laptop: Laptop) -> None:
        if laptop.report is not None:
            report = laptop.report
            error = report.error.code if report.error else "done"
            self.trace.say(
                laptop.name,
                f"session {error}: pushed {report.pushed} pulled {report.pulled} evicted {report.evicted} "
                f"deleted {report.deleted} outcomes {sorted(report.outcomes.items())}",
            )

    # what happens to a laptop

    def _sync(self, laptop: Laptop) -> None:
        laptop.run(full_hello=self.chance.happens(0.2))
        self._told(laptop)

    def _sync_in_small_pages(self, laptop: Laptop) -> None:
        laptop.hang_up()
        laptop.run(full_hello=True)  # it tells how small
        self._told(laptop)

    def _sync_some(self, laptop: Laptop) -> None:
        """A part of a session: others go on before it does."""
        if not laptop.syncing:
            laptop.begin(full_hello=self.chance.happens(0.2))
        for _ in range(self.chance.rng.randrange(1, 4)):
            if not laptop.step():
                self._told(laptop)
                return
        self.trace.say(laptop.name, "in the middle of a session")

    def _listen(self, laptop: Laptop) -> None:
        if not laptop.syncing:
            laptop.run(push=False)
            self._told(laptop)

    def _hang_up(self, laptop: Laptop) -> None:
        if laptop.syncing:
            laptop.hang_up()
            self.trace.say(laptop.name, "session cut off")

    def _kill(self, laptop: Laptop) -> None:
        """Killed between two store calls of a session, in the middle of one, or where it stands."""
        if self.chance.happens(0.5):
            laptop.arm(self.chance.rng.randrange(8), before=self.chance.happens(0.5))
        else:
            laptop.arm_inside(int(2 ** (self.chance.rng.random() * 9)))
        laptop.run()
        laptop.disarm()
        self._die(laptop, power_cut=False)

    def _power_cut(self, laptop: Laptop) -> None:
        self._die(laptop, power_cut=True)

    def _restart(self, laptop: Laptop) -> None:
        laptop.restart()
        self._survived(laptop)
        self.checks.local(laptop)
        self.trace.say(laptop.name, "ended and started")

    def _stuck_push(self, laptop: Laptop) -> None:
        """L2: nothing goes up; what is new comes down all the same."""
        laptop.hang_up()
        kept, self.net.weather = self.net.weather, Weather(push_blocked="retry")
        laptop.run()
        self.net.weather = kept
        behind = self.witness.truth.last_seq - laptop.store.sync_state().cursor_seq
        if behind:
            raise Violation("L2", f"{laptop.name} is {behind} commits behind because its push is stuck")
        self.ledger.premises["L2 downloads beside a stuck push"] += bool(seen.waiting(laptop))

    def _clone(self, laptop: Laptop) -> None:
        """The disk of a laptop is copied to a second one; both are used."""
        if self._cloned == 2:
            return
        self._cloned += 1
        laptop.hang_up()
        twin = laptop.clone(f"{laptop.name}-twin{self._cloned}")
        self.laptops.append(twin)
        if laptop.name in self.checks.dirty:
            self.checks.dirty.add(twin.name)
        self.ledger.premises["I20 clones"] += 1
        self.trace.say(twin.name, f"made from {laptop.name}")

    def _two_clones_write(self, laptop: Laptop) -> None:
        """A laptop and its new twin both write and sync at once: the same number for two changes."""
        before = len(self.laptops)
        self._clone(laptop)
        for one in (laptop, *self.laptops[before:]):
            self._local(one, "edit_field")
            self._mortal(one, self._sync)

    def _clock_jumps(self, laptop: Laptop) -> None:
        hours = self.chance.rng.choice((-30, -2, 0, 3, 24 * 400, -24 * 3000))
        laptop.clock.skew = timedelta(hours=hours)
        self.trace.say(laptop.name, f"clock off by {hours} h")

    # what happens to the server and to everybody

    def _late(self, _laptop: Laptop) -> None:
        self.net.deliver_late()

    def _backup(self, _laptop: Laptop) -> None:
        self.restores.backup()

    def _restore_server(self, _laptop: Laptop) -> None:
        self.restores.restore()

    def _restart_server(self, _laptop: Laptop) -> None:
        self.central.restart()
        self.trace.say("server", "restarted")

    def _hours_pass(self, _laptop: Laptop) -> None:
        self.chance.pass_time(3600 * self.chance.rng.randrange(1, 60))
        self.trace.say("world", "hours pass")

    def _months_pass(self, _laptop: Laptop) -> None:
        self.chance.pass_time(86400 * self.chance.rng.randrange(20, 80))
        self.trace.say("world", "months pass")

    # the end

    def make_peace(self) -> None:
        """Faults stop; everything must come to rest within some rounds, and then be true."""
        self.trace.say("world", "peace")
        self.net.weather = Weather()
        while self.net.deliver_late():
            pass
        for laptop in self.laptops:
            laptop.disarm()
            laptop.hang_up()
        for number in range(ROUNDS):
            self.chance.pass_time(26 * 3600)  # a repair that did not help rests for a day
            for laptop in self.laptops:
                laptop.run()
                self._told(laptop)
                if self.plan.wider:
                    self._move_all(laptop, starting=not number)
            if number and self._at_rest():
                break
        self.ledger.premises["L1 rounds to rest"] += 1
        self.ledger.premises["I14 texts merged"] += self.witness.model.merged_texts
        self.ledger.premises["I16 papers sent"] += self.witness.model.papers_sent
        forks = self.witness.model.forks
        self.ledger.premises["drafts forked"] += forks.made
        self.ledger.premises["drafts forked for a third author"] += forks.third
        self.ledger.premises["forks worked on again"] += forks.again
        truth = self.witness.truth
        for laptop in self.laptops:
            self.checks.converged(laptop, truth)
            self._survived(laptop)
            if self.plan.wider:
                self.papers.converged(laptop, truth)
        self.ledger.check_nothing_lost(truth, self.laptops)
        self.ledger.check_overwrites(truth)

    def _move_all(self, laptop: Laptop, *, starting: bool) -> None:
        """All files move; a program that starts asks again for what the server had not got."""
        if starting:
            laptop.store.files.sweep(starting=True)
            self.papers.look(laptop)
        self.papers.move(laptop)

    def _at_rest(self) -> bool:
        last = self.witness.truth.last_seq
        if self.plan.wider and not all(self.papers.at_rest(laptop) for laptop in self.laptops):
            return False
        return all(laptop.store.sync_state().cursor_seq == last and not seen.waiting(laptop) for laptop in self.laptops)

    def close(self) -> None:
        """Give files and connections back."""
        for laptop in self.laptops:
            laptop.close()
        self.central.close()
        self.witness.close()


@dataclass(slots=True)
class History:
    """How a history ended."""

    seed: str
    digest: str
    premises: Counter[str]
    lines: list[str]
    violation: Violation | None = None
    crash: BaseException | None = None

    @property
    def held(self) -> bool:
        """Whether every invariant held."""
        return self.violation is None and self.crash is None

    def story(self) -> str:
        """The trace and what went wrong, for a person."""
        ending = f"\nVIOLATED {self.violation}" if self.violation else f"\nCRASHED {self.crash!r}" if self.crash else ""
        return "\n".join(self.lines) + ending


def live(plan: Plan, company: Company) -> History:
    """Run one history from its seed to its end."""
    with tempfile.TemporaryDirectory(dir=ROOM, prefix="crm-sim-") as name:
        world = World(plan, company, Path(name))
        history = History(plan.seed, "", world.ledger.premises, world.trace.lines)
        try:
            world.run()
        except Violation as violation:
            history.violation = violation
        except Exception as error:
            history.crash = error
        world.ledger.premises.update({f"net {name}": count for name, count in world.net.faults.items()})
        history.digest = world.trace.digest()
        return history
