"""The same actions driven by Hypothesis: it chooses, and shrinks what breaks to the few steps that matter."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.simulation.chance import ROOM, governed
from tests.simulation.company import Company
from tests.simulation.world import DESK, LOCAL, WIDE, WIDER, WORLD, Plan, World


class Machine(RuleBasedStateMachine):
    """A world whose next event is chosen by Hypothesis; its checkers are those of every history."""

    company: ClassVar[Company]

    def __init__(self) -> None:
        super().__init__()
        self._room = TemporaryDirectory(dir=ROOM)
        self._world = World(Plan(f"{WIDE}machine"), self.company, Path(self._room.name))
        self._steps = 0

    @rule(name=st.sampled_from(sorted(LOCAL)))
    def somebody_works(self, name: str) -> None:
        self._step(name)

    @rule(name=st.sampled_from(sorted(DESK)))
    def the_office_works(self, name: str) -> None:
        self._step(name)

    @rule(name=st.sampled_from(sorted(WORLD)))
    def the_world_turns(self, name: str) -> None:
        self._step(name)

    @rule(name=st.sampled_from(sorted(WIDER)))
    def files_and_couriers_travel(self, name: str) -> None:
        with governed(self._world.chance):
            self._world.step_wider(name)

    @invariant()
    def the_server_is_as_the_rules_say(self) -> None:
        self._world.witness.look(desk="nobody")

    def _step(self, name: str) -> None:
        with governed(self._world.chance):
            self._world.chance.pass_time(60)
            self._world.step(name)
        self._steps += 1

    def teardown(self) -> None:
        with governed(self._world.chance):
            self._world.make_peace()
        self._world.close()
        self._room.cleanup()


def test_what_hypothesis_tries_holds(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "company", company, raising=False)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=4,
            stateful_step_count=15,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
