"""Passwords of users: what a hash costs, and that nobody's takes as long."""

from argon2 import extract_parameters

from server.identity.passwords import NOBODY, check_password, hash_password


def test_a_hash_fits_its_password_alone_and_costs_what_is_recommended() -> None:
    stored = hash_password("right")
    assert check_password(stored, "right")
    assert not check_password(stored, "wrong")
    cost = extract_parameters(stored)
    assert (cost.time_cost, cost.memory_cost, cost.parallelism) == (3, 65536, 4)  # RFC 9106, for little memory


def test_a_login_that_does_not_exist_is_checked_as_long() -> None:
    assert not check_password(None, "any")
    assert extract_parameters(NOBODY) == extract_parameters(hash_password("any"))
