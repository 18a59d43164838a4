"""People of one territory, each with a laptop, and what they do with quotes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crm_desktop.ids import new_id
from crm_desktop.services.quotes import QuoteService
from crm_desktop.services.refusals import RefusalService
from tests.integration.in_process import Company, Profile, profile_at

Making = Callable[..., Profile]


@contextmanager
def people_of(company: Company, folder: Path) -> Iterator[Making]:
    """Makes synced laptops by login and role; with `like` another laptop of that person.

    All share the territory N, and there the customer `acc`.
    """
    territory = company.write("territory", code="N", name="North")
    company.write("account", "acc", name="Adler", website="old", territory_id=territory)
    with ExitStack() as stack:

        def make(login: str, role: str = "rep", like: Profile | None = None) -> Profile:
            user_id = company.user(login, role, [territory]) if like is None else like.user_id
            made = stack.enter_context(profile_at(company, user_id, folder / f"{login}-{new_id()}"))
            sync(made)
            return made

        yield make


def catalogue(company: Company, **prices: str) -> None:
    """A price list in euro with these products, named by their ids, at 7 % tax."""
    company.write("tax_rate", tax_class="food", percent="7")
    company.write("price_list", "list", name="List", currency="EUR", rounding="unit", valid_from="2026-01-01")
    for product, price in prices.items():
        company.write("product", product, name=product.title(), number=product, tax_class="food")
        company.write("price_item", price_list_id="list", product_id=product, price=price)


def sync(*people: Profile) -> None:
    """A session of each, one after the other; each ends well and holds what the server says it should."""
    for person in people:
        report = person.sync()
        assert report.error is None, report.error
        assert report.digest_ok is True


def quotes(person: Profile) -> QuoteService:
    """The quotes on his laptop."""
    return QuoteService(person.store, person.company.clock, person.user_id)


def refusals(person: Profile) -> RefusalService:
    """What was refused, on his laptop."""
    return RefusalService(person.store, person.company.clock)


def refused(person: Profile) -> list[str]:
    """Why what he sent was refused, after a session."""
    sync(person)
    return [view.reason for view in refusals(person).open()]
