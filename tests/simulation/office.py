"""What happens at the server itself: desk edits, imports, moves of customers, rights given and taken."""

from typing import Any

from crm_desktop.ids import new_id
from server.storage import gc, users
from server.storage.aliases import merge_records
from tests.simulation.central import Central
from tests.simulation.chance import Chance, Trace
from tests.simulation.company import Company
from tests.simulation.truth import Row
from tests.simulation.witness import Witness


class Office:
    """Actions of the desk and of the administrator; each returns a line for the trace."""

    def __init__(self, central: Central, chance: Chance, trace: Trace, company: Company, witness: Witness) -> None:
        self._central = central
        self._rng = chance.rng
        self._trace = trace
        self._company = company
        self._witness = witness
        self._count = 0

    def act(self, name: str) -> str | None:
        """Do one action and let the witness look."""
        done: str = getattr(self, name)()
        self._witness.look(desk=name)
        return done or None

    def _pick(self, entity: str) -> tuple[str, Row] | None:
        rows = sorted((key[1], held.row) for key, held in self._witness.truth.rows.items()
                      if key[0] == entity and not held.deleted)  # fmt: skip
        return self._rng.choice(rows[:8]) if rows else None

    def desk_edit(self) -> str:
        """A field is changed at the desk."""
        entity, name = self._rng.choice(
            (("account", "website"), ("account", "name"), ("channel", "value"), ("contact", "job_title"),
             ("visit", "subject"), ("address", "street"), ("visit", "note"), ("product", "cost"))
        )  # fmt: skip
        found = self._pick(entity)
        if found is None:
            return ""
        self._count += 1
        value = f"{self._count}.5000" if name == "cost" else f"desk [desk.{self._count}]\n"
        if name == "note":
            value = f"{found[1]['note']}{value}"
        self._central.storage.write_records([(entity, found[0], {name: value})], actor="desk")
        return f"{self._trace.name(found[0], entity)} {name}"

    def import_batch(self) -> str:
        """New customers come by a file."""
        north = self._company.territories[self._rng.choice(("north", "south"))]
        made: list[tuple[str, str, dict[str, Any]]] = []
        for _ in range(self._rng.randrange(3, 12)):
            account = new_id()
            made.append(("account", account, {"name": f"imported {len(made)}", "territory_id": north}))
            made.append(("contact", new_id(), {"account_id": account, "name": "imported"}))
        self._central.storage.write_records(made, actor="import")
        return f"{len(made)} records"

    def move_account(self) -> str:
        """A customer goes to another territory or another owner."""
        found = self._pick("account")
        if found is None:
            return ""
        people = [person.user_id for person in self._company.people.values()]
        values: Row = self._rng.choice(
            (
                {"territory_id": self._rng.choice([*self._company.territories.values(), None])},
                {"owner_id": self._rng.choice([*people, None])},
            )
        )
        self._central.storage.write_records([("account", found[0], values)], actor="desk")
        return f"{self._trace.name(found[0], 'account')} {sorted(values)}"

    def collect_garbage(self) -> str:
        """The old part of the log is cut off."""
        found = gc.collect(self._central.storage, log_days=self._rng.choice((1, 90)))
        self._witness.collected()
        return f"up to {found.floor}"

    def merge_accounts(self) -> str:
        """Two customers turn out to be one."""
        keep, gone = self._pick("account"), self._pick("account")
        if keep is None or gone is None or keep[0] == gone[0]:
            return ""
        with self._central.storage.write(actor="admin") as commit:
            moved = merge_records(commit, "account", keep[0], gone[0])
        self._witness.premises["customers merged"] += 1
        names = [self._trace.name(found[0], "account") for found in (gone, keep)]
        return f"{names[0]} into {names[1]}, {moved} records go along"

    def change_rights(self) -> str:
        """A territory is granted or taken away."""
        name = self._rng.choice(("anna", "ben"))
        person = self._company.people[name]
        code = self._rng.choice(("north", "south"))
        territory = self._company.territories[code]
        held = territory in self._witness.truth.granted.get(person.user_id, ())
        with self._central.storage.write(actor="admin") as commit:
            users.change_territories(
                commit, person.user_id, revoke=[territory] if held else [], grant=[] if held else [territory]
            )
        return f"{name} {'loses' if held else 'gets'} {code}"
