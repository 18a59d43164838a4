"""Invented work of the representatives: visits with notes, planned visits, calls and letters, tasks."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from itertools import cycle, islice

from server.sample.demo_scene import Customer, Scene
from server.sample.demo_texts import AGREEMENTS, LETTERS, MIDDLES, OPENINGS, VISIT_SUBJECTS
from server.sample.record import SampleRecord, sample_id, sample_record

_RHYTHM_DAYS = {"A": 60, "B": 90, "C": 150}
_YEAR_DAYS = 400
_NEAR = ("Berlin", "Brandenburg", "Leipzig", "Cunewalde")  # a day's drive from the company in Berlin
_PLANNED_TODAY = (time(9, 0), time(11, 30), time(15, 0))
_LAST_VISIT_TASK_DAYS = 45  # an agreement older than this is settled


def work(scene: Scene) -> list[SampleRecord]:
    """Visits, activities and tasks of all owned accounts."""
    records: list[SampleRecord] = []
    for customer in scene.owned:
        records += _past_visits(scene, customer)
        records += _letters(scene, customer)
    return records + list(_planned_visits(scene))


def _past_visits(scene: Scene, customer: Customer) -> Iterator[SampleRecord]:
    dice = scene.dice("visits", customer.key)
    rhythm = _RHYTHM_DAYS[customer.customer_class]
    ago = dice.randrange(4, rhythm + rhythm // 3)
    index = 0
    # Gone through in turn, so that no account hears a sentence twice before it heard them all.
    openings, middles = cycle(_shuffled(dice, OPENINGS, customer)), cycle(_shuffled(dice, MIDDLES, customer))
    while ago < _YEAR_DAYS:
        index += 1
        day = scene.workday(-ago)
        words = _words(scene, customer, f"visit {index}", day)
        key = f"{customer.key} demo {index}"
        agreement, outcome, task = dice.choice(AGREEMENTS[customer.language])
        sentences = [next(openings), *islice(middles, dice.choice((1, 2, 2))), agreement]
        subject = task.format(**words)
        yield _visit(
            scene,
            customer,
            key,
            day,
            time(dice.randrange(8, 17), dice.choice((0, 15, 30))),
            {
                "duration_min": dice.choice((30, 45, 45, 60, 75)),
                "status": "done",
                "outcome": outcome,
                "subject": dice.choice(VISIT_SUBJECTS[customer.language]),
                "next_step": subject,
                "note": " ".join(sentences).format(**words),
                "participants": [customer.contact_name] if customer.contact_name else [],
            },
        )
        yield from _task(scene, dice, customer, key, day, subject)
        ago += dice.randrange(rhythm * 3 // 4, rhythm * 5 // 4)


def _shuffled(dice: random.Random, sentences: Mapping[str, Sequence[str]], customer: Customer) -> list[str]:
    return dice.sample(sentences[customer.language], len(sentences[customer.language]))


def _task(
    scene: Scene, dice: random.Random, customer: Customer, key: str, day: date, subject: str
) -> Iterator[SampleRecord]:
    """The task an agreement leaves: settled after a while, due around today where the visit is fresh."""
    age = (scene.today - day).days
    if age > _LAST_VISIT_TASK_DAYS and dice.random() < 0.5:
        return
    is_open = age <= _LAST_VISIT_TASK_DAYS and dice.random() < 0.8
    due = scene.today + timedelta(days=dice.choice((-3, -1, 0, 0, 1, 2, 5, 9))) if is_open else day + timedelta(days=7)
    yield sample_record(
        "task",
        key,
        {
            "account_id": customer.id,
            "visit_id": sample_id("visit", key),
            "owner_id": customer.owner_id,
            "subject": subject,
            "due_on": max(due, day),
            "status": "open" if is_open else "done",
            "created_at": scene.instant(day, time(18), customer.zone),
            "created_by": customer.owner_id,
        },
    )


def _planned_visits(scene: Scene) -> Iterator[SampleRecord]:
    """Up to three visits today per colleague, the second at a fixed time, and some in the days after."""
    cities = {record.row["account_id"]: record.row["city"] for record in scene.northwind.of("address")}
    by_owner: dict[str, list[Customer]] = defaultdict(list)
    for customer in scene.owned:
        by_owner[customer.owner_id or ""].append(customer)
    for owner, customers in by_owner.items():
        dice = scene.dice("plan", owner)
        dice.shuffle(customers)
        # A day's visits lie near the company or at least in one country: nobody drives from Berlin to Caracas.
        near = {customer.id for customer in customers if cities.get(customer.id) in _NEAR}
        near = near if len(near) > 1 else set()
        countries = Counter(customer.country for customer in customers)
        customers.sort(
            key=lambda customer: (
                customer.id not in near,
                -countries[customer.country],
                customer.country,
                customer.customer_class,
            )
        )
        slots = [(scene.today, at) for at in _PLANNED_TODAY[: len(near) or None]]
        slots += [(scene.workday(days), at) for days in (1, 2, 4, 7) for at in _PLANNED_TODAY[:2]]
        used: set[tuple[date, time]] = set()
        for customer, slot in zip(customers, slots, strict=False):
            if slot in used:  # two offsets may fall on one workday
                continue
            used.add(slot)
            yield _visit(
                scene,
                customer,
                f"{customer.key} demo planned",
                *slot,
                {
                    "duration_min": 60,
                    "status": "planned",
                    "fixed": slot == (scene.today, _PLANNED_TODAY[1]),
                    "subject": dice.choice(VISIT_SUBJECTS[customer.language]),
                },
            )


def _visit(scene: Scene, customer: Customer, key: str, day: date, at: time, values: dict[str, object]) -> SampleRecord:
    made = min(day, scene.today - timedelta(days=2)) if values["status"] == "planned" else day
    return sample_record(
        "visit",
        key,
        values
        | {
            "account_id": customer.id,
            "contact_id": customer.contact_id,
            "owner_id": customer.owner_id,
            "starts_at": scene.instant(day, at, customer.zone),
            "zone": customer.zone,
            "created_at": scene.instant(made, time(18), customer.zone),
            "created_by": customer.owner_id,
        },
    )


def _letters(scene: Scene, customer: Customer) -> Iterator[SampleRecord]:
    dice = scene.dice("letters", customer.key)
    inside = [c.user_id for c in scene.northwind.colleagues if c.role == "inside_sales"]
    count = {"A": 5, "B": 3, "C": 2}[customer.customer_class]
    for index, letter in enumerate(dice.sample(LETTERS[customer.language], count), start=1):
        day = scene.workday(-dice.randrange(2, 300))
        words = _words(scene, customer, f"letter {index}", day)
        # Calls that come in reach the desk as often as the representative.
        who = dice.choice([customer.owner_id, *inside]) if letter.direction == "in" else customer.owner_id
        at = scene.instant(day, time(dice.randrange(8, 17), dice.randrange(0, 60)), customer.zone)
        yield sample_record(
            "activity",
            f"{customer.key} demo {index}",
            {
                "account_id": customer.id,
                "contact_id": customer.contact_id,
                "owner_id": who,
                "kind": letter.kind,
                "direction": letter.direction,
                "happened_at": at,
                "duration_min": dice.randrange(3, 20) if letter.kind == "call" else None,
                "subject": letter.subject.format(**words),
                "body": letter.body.format(**words),
                "created_at": at,
                "created_by": who,
            },
        )


def _words(scene: Scene, customer: Customer, topic: str, day: date) -> dict[str, str]:
    dice = scene.dice("words", topic, customer.key)
    names = [scene.products[product]["name"] for product in scene.assortment(customer, topic, 2)]
    fallback = "die Ware" if customer.language == "de" else "the goods"
    return {
        "contact": customer.contact_name or customer.name,
        "product": names[0] if names else fallback,
        "other": names[1] if len(names) > 1 else fallback,
        "percent": str(dice.randrange(3, 11)),
        "boxes": str(dice.choice((10, 12, 20, 24, 30, 40, 60))),
        "stock": str(dice.randrange(2, 8)),
        "year": str(day.year + 1),
    }
