"""The random changes themselves: each changes the module, and the result is a program."""

import ast

from tests.simulation.operators import COUNT, TARGETS, changes, mutated
from tests.simulation.patches import ROOT


def test_every_change_changes_something() -> None:
    for file in TARGETS:
        source = (ROOT / file).read_text(encoding="utf-8")
        plain = ast.unparse(ast.parse(source))
        for change in changes(file)[::15]:  # a part: each takes a module apart and puts it together again
            assert mutated(source, change) != plain, change


def test_there_are_enough_places() -> None:
    assert sum(len(changes(file)) for file in TARGETS) >= COUNT
