"""Scenes that chance plays too rarely, played on purpose; judged by the same checkers."""

from pathlib import Path
from tempfile import TemporaryDirectory

from crm_desktop.services.conflicts import ConflictService
from crm_desktop.store.intents import Intent, create, patch
from tests.simulation.chance import ROOM, governed
from tests.simulation.company import Company
from tests.simulation.laptop import Laptop
from tests.simulation.world import Plan, World


def _save(world: World, laptop: Laptop, intent: Intent) -> None:
    laptop.store.commit([intent])
    laptop.synced()
    world.ledger.wrote(laptop)


def test_a_change_waits_for_the_record_that_the_restored_server_lost(company: Company) -> None:
    """The author of the change comes back before the author of the record."""
    with TemporaryDirectory(dir=ROOM) as room:
        world = World(Plan("scene"), company, Path(room))
        with governed(world.chance):
            anna, ben = world.laptops[:2]
            anna.run()
            ben.run()
            world.step("backup")
            north = company.territories["north"]
            _save(world, ben, create("account", "made-by-ben", {"name": "new", "territory_id": north}))
            ben.run()
            anna.run()
            _save(world, anna, patch("account", "made-by-ben", {"website": "anna.example"}))
            anna.run()
            world.step("restore_server")
            for laptop in (anna, anna, ben, ben):
                laptop.run()
            world.make_peace()
            world.close()
    assert world.ledger.premises["refused work carried out later"] == 1
    assert world.witness.truth.rows["account", "made-by-ben"].row["website"] == "anna.example"


def test_two_people_decide_one_conflict_differently(company: Company) -> None:
    """Who lost and who owns the record both may; the second one is asked again."""
    with TemporaryDirectory(dir=ROOM) as room:
        world = World(Plan("scene"), company, Path(room))
        with governed(world.chance):
            anna, ben = world.laptops[:2]
            owner = anna.store.sync_state().user_id
            values = {"name": "Adler", "territory_id": company.territories["north"], "owner_id": owner}
            _save(world, anna, create("account", "disputed", values))
            for laptop in (anna, ben):
                laptop.run()
            _save(world, anna, patch("account", "disputed", {"website": "anna.example"}))
            _save(world, ben, patch("account", "disputed", {"website": "ben.example"}))
            for laptop in (anna, ben, anna):
                laptop.run()
            (entry,) = ConflictService(anna.store).open()
            for laptop, side in ((anna, "theirs"), (ben, "mine")):
                ConflictService(laptop.store).resolve(entry.id, side)  # type: ignore[arg-type]
                laptop.synced()
                world.ledger.wrote(laptop)
            for laptop in (anna, ben):
                laptop.run()
            world.make_peace()
            (asked,) = ConflictService(ben.store).open()
            world.close()
    assert world.ledger.premises["I14 decided twice"] == 2  # the step of the entry, and the value of the record
    assert (asked.fields[0].mine, asked.fields[0].theirs) == ("ben.example", "anna.example")
    assert world.witness.truth.rows["account", "disputed"].row["website"] == "anna.example"
