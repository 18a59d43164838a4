"""SIGKILL at every named point of laptop and server: nothing is lost, nothing is done twice."""

import ast
from pathlib import Path

import pytest

from crm_desktop.failpoints import POINTS
from tests.integration.faults.killing import SCENARIOS, cases, kill_everywhere
from tests.integration.faults.share import Part, Timed
from tests.integration.server_process import ROOT


def placed() -> list[str]:
    """The names that the product's code passes."""
    found = []
    for package in ("crm_desktop", "sync", "server", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    assert isinstance(node.args[0], ast.Constant)
                    found.append(str(node.args[0].value))
    return found


def test_every_point_stands_in_the_code_once_and_has_a_kill() -> None:
    assert sorted(placed()) == sorted(POINTS)
    assert SCENARIOS.keys() == POINTS.keys()


@pytest.mark.slow
def test_a_kill_at_every_point_heals(tmp_path: Path) -> None:
    with Timed(Part("killed at a named point", of=len(cases(all_passes=True)))) as part:
        kill_everywhere(part, tmp_path, all_passes=False)
    assert not part.failures, "\n".join(part.failures)
