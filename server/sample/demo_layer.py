"""The invented layer over the real tables, relative to a day and the same for the same seed.

Northwind ends in 1998 and knows no visits, notes, tasks, quotes, taxes or costs. All of these are made here;
the company record says what is invented. The real tables are not changed, only their empty fields filled.
"""

from datetime import date

from crm_desktop.model.wire import clean_row
from server.sample import demo_catalogue as terms
from server.sample.demo_approvals import bonuses, ceilings
from server.sample.demo_crm import crm
from server.sample.demo_day import rhythms, with_birthdays
from server.sample.demo_people import Changes, colleagues_mail, known_contacts, more_contacts
from server.sample.demo_quotes import PriceBook, quotes
from server.sample.demo_scene import Scene
from server.sample.demo_work import work
from server.sample.northwind import Northwind
from server.sample.record import SampleRecord


def demo_layer(northwind: Northwind, seed: int, today: date) -> list[SampleRecord]:
    """The records of `northwind` with their empty fields filled, and the invented records, roots before children."""
    scene = Scene(northwind, seed, today)
    changes: Changes = (
        colleagues_mail(scene)
        | with_birthdays(scene, known_contacts(scene))
        | terms.product_terms(scene)
        | terms.account_terms(scene)
    )
    real = [_filled(record, changes) for record in northwind.records]
    catalogue = [
        terms.company(),
        *ceilings(),
        *rhythms(),
        *terms.tags(),
        *terms.taxes(),
        terms.freight(),
        *terms.trade_list(scene),
    ]
    contracts = [*terms.conditions(scene), *bonuses(scene)]
    products = [record for record in real if record.entity == "product"]
    book = PriceBook([*catalogue, *products, *contracts])
    return [*catalogue, *real, *more_contacts(scene), *contracts, *work(scene), *crm(scene), *quotes(scene, book)]


def _filled(record: SampleRecord, changes: Changes) -> SampleRecord:
    if record.id not in changes:
        return record
    return SampleRecord(
        record.entity, record.id, record.row | clean_row(record.entity, record.row | changes[record.id])
    )
