"""A customer leaves a territory, comes back and leaves again while somebody loses that territory: told in small pages.

Draws from a stream of its own, so that histories without it keep their meaning.
"""

import random

from server.storage import users
from tests.simulation.central import Central
from tests.simulation.company import Company
from tests.simulation.witness import Witness

OFTEN = 0.06


class Moves:
    """Such chains of moves, in one history."""

    def __init__(self, seed: str, central: Central, company: Company, witness: Witness) -> None:
        self._rng = random.Random(f"{seed}/moves")
        self._central = central
        self._company = company
        self._witness = witness
        self._count = 0

    def due(self) -> bool:
        """Whether it happens now."""
        return self._rng.random() < OFTEN

    def chain(self) -> str:
        """The whole chain, commit by commit; empty where nobody has a territory with a customer of another's."""
        name = self._rng.choice(("anna", "ben"))
        user_id = self._company.people[name].user_id
        held = sorted(self._witness.truth.granted.get(user_id, ()))
        accounts = {key[1]: row for key, one in self._witness.truth.rows.items()
                    if key[0] == "account" and not one.deleted and (row := one.row)}  # fmt: skip
        theirs = [
            i for i, row in sorted(accounts.items()) if row["territory_id"] in held and row["owner_id"] != user_id
        ]
        if not theirs:
            return ""
        account = self._rng.choice(theirs)
        territory = accounts[account]["territory_id"]
        self._write(account, territory_id=None)
        self._change_rights(user_id, territory, gets=False)
        for product in self._company.products:  # all see them: a small page ends among them
            self._count += 1
            self._write(product, "product", name=f"part [moves.{self._count}]")
        self._write(account, territory_id=territory)
        self._write(account, territory_id=None)
        if self._rng.random() < 0.5:
            self._change_rights(user_id, territory, gets=True)
        self._witness.premises["customers that left twice"] += 1
        return f"{name} loses a territory that a customer leaves twice"

    def _write(self, record_id: str, entity: str = "account", **values: str | None) -> None:
        self._central.storage.write_records([(entity, record_id, values)], actor="desk")
        self._witness.look(desk="moves")

    def _change_rights(self, user_id: str, territory: str, *, gets: bool) -> None:
        with self._central.storage.write(actor="admin") as commit:
            users.change_territories(
                commit, user_id, revoke=[] if gets else [territory], grant=[territory] if gets else []
            )
        self._witness.look(desk="moves")
