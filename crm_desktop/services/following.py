"""What builds on what among waiting or refused actions: a record is made by one and used by later ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Operations = Iterable[Mapping[str, Any]]


def made_and_used(operations: Operations) -> tuple[set[str], set[str]]:
    """Ids of the records a transaction creates, and of those it writes on or refers to."""
    made, used = set(), set()
    for op in operations:
        used.add(op["id"])
        if op["k"] == "create":
            made.add(op["id"])
            used |= {value for value in op["v"].values() if isinstance(value, str)}
        elif op["k"] == "patch":
            used |= {part["new"] for part in op["set"].values() if isinstance(part["new"], str)}
    return made, used


def with_followers(transactions: Sequence[tuple[int, Operations]], chosen: Iterable[int]) -> list[int]:
    """The chosen transactions and the later ones that need a record they make, in the order of writing.

    `transactions` are all there are, as (number, operations), in the order of writing.
    """
    taken = set(chosen)
    made: set[str] = set()
    result = []
    for number, operations in transactions:
        creates, uses = made_and_used(operations)
        if number in taken or not made.isdisjoint(uses):
            made |= creates
            result.append(number)
    return result
