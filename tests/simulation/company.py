"""The small company every history begins with: made once per process, then copied file by file."""

import shutil
from pathlib import Path
from typing import Any

from crm_desktop.clock import stamp
from crm_desktop.ids import new_id
from crm_desktop.sealed import Keys
from crm_desktop.store.client_store import ClientStore
from server.settings import Settings
from server.storage import courier_keys, devices, users
from server.storage.record_writing import write_chunk
from server.storage.storage import Storage
from sync import courier
from tests.simulation.central import Central
from tests.simulation.chance import START, Chance, SimClock, Trace, governed
from tests.simulation.laptop import KEY, Laptop, Person
from tests.simulation.net import Net

ROLES = {"anna": "rep", "ben": "rep", "ivo": "inside_sales"}
TERRITORIES = {"anna": ("north",), "ben": ("north", "south"), "ivo": ("north", "south")}
LAPTOPS = (("anna1", "anna"), ("ben1", "ben"), ("ivo1", "ivo"), ("anna2", "anna"))
_DAY = START.date().isoformat()


class Company:
    """Template files and the ids in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people: dict[str, Person] = {}
        self.territories: dict[str, str] = {}
        self.products: list[str] = []
        self.tokens: dict[str, str] = {}
        chance = Chance("template")
        with governed(chance):
            self._make_server(chance)
            self._make_laptops(chance)

    @property
    def database(self) -> Path:
        """The server's file."""
        return self.folder / "server.db"

    def profile(self, laptop: str, *, fresh: bool) -> Path:
        """The folder of an enrolled laptop; fresh: before its first sync."""
        return self.folder / (f"{laptop}.fresh" if fresh else laptop)

    def _make_server(self, chance: Chance) -> None:
        storage = Storage.create(str(self.database), "Sim & Co", Settings(), SimClock(chance))
        self.territories = {name: new_id() for name in ("north", "south")}
        self.people = {name: Person(new_id(), role) for name, role in ROLES.items()}
        with storage.write(actor="sim") as commit:
            write_chunk(
                commit,
                [("territory", i, {"code": name, "name": name}) for name, i in self.territories.items()]
                + [("user", p.user_id, {"name": n, "login": n, "role": p.role}) for n, p in self.people.items()],
            )
            for name, person in self.people.items():
                users.add_account(commit, person.user_id, name, "no password opens this", person.role)
        for name, codes in TERRITORIES.items():
            with storage.write(actor="sim") as commit:
                users.change_territories(
                    commit, self.people[name].user_id, grant=[self.territories[code] for code in codes]
                )
        storage.write_records([*self._catalogue(), *self._customers()], actor="sim")
        storage.close()

    def _catalogue(self) -> list[tuple[str, str, dict[str, Any]]]:
        price_list = new_id()
        made: list[tuple[str, str, dict[str, Any]]] = [
            ("tag", new_id(), {"name": "vip"}),
            ("tax_rate", new_id(), {"tax_class": "full", "percent": "19.00", "valid_from": "2020-01-01"}),
            ("price_list", price_list, {"name": "list", "currency": "EUR", "valid_from": "2020-01-01"}),
        ]
        for number in range(3):
            product = new_id()
            self.products.append(product)
            made.append(
                (
                    "product",
                    product,
                    {"number": f"P{number}", "name": f"part {number}", "tax_class": "full", "cost": "1.2500"},
                )
            )
            price = {"price_list_id": price_list, "product_id": product, "min_quantity": "1.000"}
            made.append(("price_item", new_id(), price | {"price": f"{number + 3}.3300"}))
        return made

    def _customers(self) -> list[tuple[str, str, dict[str, Any]]]:
        north, south = self.territories["north"], self.territories["south"]
        anna, ben = self.people["anna"].user_id, self.people["ben"].user_id
        made: list[tuple[str, str, dict[str, Any]]] = []
        places = ((north, anna), (north, None), (south, ben), (south, None), (None, None), (None, anna))
        for number, (territory, owner) in enumerate(places):
            account = new_id()
            values = {"name": f"customer {number}", "territory_id": territory, "owner_id": owner}
            made.append(("account", account, values | {"currency": "EUR", "credit_limit": "100.00"}))
            contact = new_id()
            made.append(("contact", contact, {"account_id": account, "name": f"person {number}"}))
            made.append(("channel", new_id(), {"contact_id": contact, "kind": "phone", "value": f"030 55{number}"}))
            made.append(("address", new_id(), {"account_id": account, "street": f"road {number}", "city": "Bonn"}))
            made.append(
                (
                    "visit",
                    new_id(),
                    {"account_id": account, "owner_id": owner, "subject": f"visit {number}", "note": "first line\n"},
                )
            )
            made.append(("task", new_id(), {"account_id": account, "owner_id": owner, "subject": f"task {number}"}))
        return made

    def _make_laptops(self, chance: Chance) -> None:
        central = Central(self.database, chance, Settings())
        net = Net(central, chance, Trace(), lambda request, answer: None)
        for name, who in LAPTOPS:
            person = self.people[who]
            device_id = new_id()
            with central.storage.plain_write() as connection:
                token, code = devices.enrol_device(
                    connection, person.user_id, name, device_id, stamp(central.storage.clock)
                )
                keys = Keys.make()
                courier_keys.remember(connection, devices.token_hash(token), keys.public)
                of_server = courier_keys.server_keys(connection).public
            self.tokens[name] = token
            fresh = self.profile(name, fresh=True)
            with ClientStore.open(fresh, KEY, SimClock(chance)) as store:
                store.enrol(device_id, code, person.user_id, central.storage.state()[0])
                store.set_setting(courier.OWN_KEYS, keys.text())
                store.set_setting(courier.SERVER_KEYS, of_server.text())
            shutil.copytree(fresh, self.profile(name, fresh=False))
            laptop = Laptop(name, person, token, self.profile(name, fresh=False), chance, net)
            report = laptop.run()
            assert report.error is None, report.error
            laptop.close()
        central.copy_to(self.folder / "settled.db")
        central.close()
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        (self.folder / "settled.db").rename(self.database)
