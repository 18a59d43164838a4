"""Invented for the day of a representative: how often each class is visited, and when contacts have their birthday."""

from datetime import timedelta

from server.sample.demo_people import Changes
from server.sample.demo_scene import Scene
from server.sample.record import SampleRecord, sample_record

RHYTHM_DAYS = {"A": 30, "B": 60, "C": 120}
_SOON = 0.12  # of the contacts have their birthday within the coming week, so that the page of a day shows one


def rhythms() -> list[SampleRecord]:
    """Days between visits by class."""
    return [
        sample_record("visit_rhythm", f"demo {name}", {"customer_class": name, "days": days})
        for name, days in RHYTHM_DAYS.items()
    ]


def with_birthdays(scene: Scene, contacts: Changes) -> Changes:
    """The changes of contacts, each with a birthday; nobody is younger than 25."""
    changes: Changes = {}
    for record_id, values in contacts.items():
        dice = scene.dice("birthday", record_id)
        day = scene.today + timedelta(days=dice.randrange(8) if dice.random() < _SOON else dice.randrange(365))
        day = day.replace(day=min(day.day, 28), year=scene.today.year - dice.randrange(26, 62))
        changes[record_id] = values | {"birthday": day.isoformat()}
    return changes
