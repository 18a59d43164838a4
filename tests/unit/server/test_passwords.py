"""Passwords of users: what a hash costs, and that nobody's takes as long."""

import importlib.util
from types import ModuleType

import pytest
from argon2 import extract_parameters


@pytest.fixture
def passwords() -> ModuleType:
    """The module as the server loads it: other tests of this process may have made theirs cheap."""
    spec = importlib.util.find_spec("server.identity.passwords")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_a_hash_fits_its_password_alone_and_costs_what_is_recommended(passwords: ModuleType) -> None:
    stored = passwords.hash_password("right")
    assert passwords.check_password(stored, "right")
    assert not passwords.check_password(stored, "wrong")
    cost = extract_parameters(stored)
    assert (cost.time_cost, cost.memory_cost, cost.parallelism) == (3, 65536, 4)  # RFC 9106, for little memory


def test_a_login_that_does_not_exist_is_checked_as_long(passwords: ModuleType) -> None:
    assert not passwords.check_password(None, "any")
    assert extract_parameters(passwords.NOBODY) == extract_parameters(passwords.hash_password("any"))
