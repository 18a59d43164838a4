"""The random changes themselves: each changes the module, the result is a program, and everybody runs it."""

import ast
import importlib
from pathlib import Path

import pytest

from tests.simulation import trial
from tests.simulation.operators import COUNT, TARGETS, changes, mutated, name_of
from tests.simulation.patches import ROOT

PROBE = """
from functools import cache

LIMIT = 3

class Box:
    @cache
    def full(self, held: int = 2) -> bool:
        def over(by: int) -> bool:
            return held + by > LIMIT
        return over(1)
"""


def test_every_change_changes_something() -> None:
    for file in TARGETS:
        source = (ROOT / file).read_text(encoding="utf-8")
        plain = ast.unparse(ast.parse(source))
        for change in changes(file)[::15]:  # a part: each takes a module apart and puts it together again
            assert mutated(source, change) != plain, change


def test_there_are_enough_places_and_each_has_a_name() -> None:
    found = [change for file in TARGETS for change in changes(file)]
    assert len(found) >= COUNT
    some = found[::15]
    assert len({name_of(change) for change in some}) == len(some)


def test_the_function_of_a_change_is_found() -> None:
    tree = ast.parse(PROBE)
    told = {ast.unparse(node): trial.home(tree, node) for node in ast.walk(tree)}
    assert told["held + by > LIMIT"] == "Box.full"
    assert (told["3"], told["2"]) == ("", "")  # a default is read when the module is


def test_who_holds_a_function_runs_the_planted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted_probe.py").write_text(PROBE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    full = importlib.import_module("planted_probe").Box().full
    assert full() is False
    assert trial.plant("planted_probe", PROBE.replace("> LIMIT", ">= LIMIT"), "Box.full")
    assert full(2) is True
    assert not trial.plant("planted_probe", PROBE, "")
