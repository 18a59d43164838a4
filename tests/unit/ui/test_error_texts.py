"""Every error a person may meet has a German text whose placeholders are filled wherever it is raised."""

import ast
import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from crm_desktop import errors
from crm_desktop.errors import KnownError
from crm_desktop.store.connection import _KNOWN as DATABASE_ERRORS
from sync.protocol import Code
from ui.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[3]
KINDS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, KnownError)
}  # an error class of another module would be overlooked: test_errors_stand_in_one_tree forbids it
# Where a code is no literal: what it may be. A new place of this sort has to be named here.
COMPUTED = {
    "crm_desktop/store/connection.py": {code for code, _, _ in DATABASE_ERRORS.values()},
    "sync/transport_answer.py": {str(code) for code in Code},
    "ui/presenters/entry.py": {"not_a_day", "not_an_instant", "not_a_number"},
}
# What the server tells with a refusal, beside its code.
TOLD_BY_THE_SERVER = {"after"}


@dataclass(frozen=True)
class Raised:
    """One place that makes an error."""

    place: str
    codes: frozenset[str]
    values: frozenset[str]


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for package in ("crm_desktop", "sync", "ui")
        for path in sorted((ROOT / package).rglob("*.py"))
    )


@cache
def raised() -> list[Raised]:
    found = []
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                values = {keyword.arg for keyword in node.keywords if keyword.arg is not None}
                if any(keyword.arg is None for keyword in node.keywords):
                    values |= TOLD_BY_THE_SERVER
                found.append(Raised(f"{file}:{node.lineno}", codes(file, node), frozenset(values)))
    return found


def codes(file: str, call: ast.Call) -> frozenset[str]:
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return frozenset({str(first.value)})
    if isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.id == "Code":
        return frozenset({str(Code[first.attr])})
    assert file in COMPUTED, f"{file}:{call.lineno} computes its code: name what it may be"
    return frozenset(COMPUTED[file])


def wanted(code: str, part: str) -> set[str]:
    message = catalogue("de").get(f"error.{code}.{part}", "")
    assert isinstance(message, str)
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_every_error_is_told_in_german() -> None:
    known = catalogue("de").keys()
    missing = {
        f"{where.place} {code}"
        for where in raised()
        for code in where.codes
        if not {f"error.{code}.title", f"error.{code}.advice"} <= known
    }
    assert missing == set()


def test_every_placeholder_has_its_value_where_the_error_is_made() -> None:
    empty = {
        f"{where.place} {code}: {name}"
        for where in raised()
        for code in where.codes
        for name in (wanted(code, "title") | wanted(code, "advice")) - where.values
    }
    assert empty == set()


def test_no_text_without_its_error() -> None:
    used = {code for where in raised() for code in where.codes} | {"defect"}
    assert {key.split(".")[1] for key in catalogue("de") if key.startswith("error.")} - used == set()


def test_errors_stand_in_one_tree() -> None:
    strangers = [
        f"{file}: {node.name}"
        for file, tree in sources()
        if file != "crm_desktop/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in KINDS for base in node.bases)
    ]
    assert strangers == []


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_of_the_server_is_told_in_german(code: Code) -> None:
    assert f"error.{code}.title" in catalogue("de")
