"""Every reason the server refuses a change for is said in plain words, in both languages, with what to do."""

import ast
from pathlib import Path

import pytest

from ui.catalogue import sentence
from ui.presenters.outbox import reason_words

ROOT = Path(__file__).resolve().parents[3]


def reasons() -> set[str]:
    """First arguments of all `Refused(…)` in rules and server, and what the client sets aside for."""
    found = {"server_error", "too_large", "malformed"}
    for path in [*(ROOT / "server").rglob("*.py"), *(ROOT / "crm_desktop" / "rules").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_has_words(language: str) -> None:
    known = reasons()
    assert {"dangling", "state_changed", "out_of_scope"} <= known
    missing = {code for code in known if not sentence(language, f"outbox.reason.{code}")}
    assert not missing
    assert len({reason_words(code, language) for code in known}) == len(known)


def test_a_reason_nobody_knows_is_told_all_the_same() -> None:
    assert reason_words("of_a_later_server", "de") == sentence("de", "outbox.reason.other")
