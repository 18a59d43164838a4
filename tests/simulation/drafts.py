"""Two or three people change one line of a draft without having seen each other: what makes forks.

Draws from a stream of its own, so that histories without it keep their meaning.
"""

import random
from collections.abc import Sequence
from decimal import Decimal

from crm_desktop.errors import KnownError
from crm_desktop.services.quotes import NewLine, QuoteService
from tests.simulation.laptop import Laptop

OFTEN = 0.12  # steps of such a history that are followed by a meeting over a line


class Drafts:
    """Meetings over the lines of drafts, in one history."""

    def __init__(self, seed: str, products: Sequence[str]) -> None:
        self._rng = random.Random(f"{seed}/drafts")
        self._products = products

    def due(self) -> bool:
        """Whether people meet now."""
        return self._rng.random() < OFTEN

    def at_once(self) -> bool:
        """Whether those who met send what they wrote right away, one after another."""
        return self._rng.random() < 0.6

    def meeting(self, laptops: Sequence[Laptop]) -> tuple[str, list[Laptop]]:
        """A line of a draft and who changes it; nobody where no line is shown to two."""
        shown: dict[str, list[Laptop]] = {}
        for laptop in laptops:
            for line_id in self._lines(laptop):
                shown.setdefault(line_id, []).append(laptop)
        # A few lines again and again: a fork that is there already is worked on too.
        shared = sorted(line_id for line_id, who in shown.items() if len(who) > 1)[:6]
        if not shared:
            return "", []
        line_id = self._rng.choice(shared)
        who = shown[line_id]
        return line_id, self._rng.sample(who, min(len(who), self._rng.choice((2, 2, 3))))

    @staticmethod
    def _lines(laptop: Laptop) -> list[str]:
        drafts = {row["id"] for row in laptop.store.read(lambda reader: reader.where("quote_revision"))
                  if row["status"] == "draft"}  # fmt: skip
        lines = laptop.store.read(lambda reader: reader.where("quote_line"))
        return [row["id"] for row in lines if row["revision_id"] in drafts]

    def change(self, laptop: Laptop, line_id: str) -> str:
        """One of them changes what it costs, once or twice; empty where the product refused it."""
        service = QuoteService(laptop.store, laptop.clock, laptop.person.user_id)
        done = []
        try:
            for what in self._rng.sample(("amount", "discount", "optional"), self._rng.choice((1, 1, 2))):
                number = Decimal(self._rng.randrange(1, 60))
                if what == "amount":
                    service.change_line(line_id, number)
                elif what == "discount":
                    service.change_line(line_id, discount_percent=number / 10)
                else:
                    service.set_optional(line_id, number > 30)
                done.append(f"{what} {number}")
        except KnownError:
            pass
        return f"{', '.join(done)} of a line that others change too" if done else ""

    def begin(self, laptop: Laptop) -> str:
        """A draft to meet over."""
        accounts = laptop.store.read(lambda reader: reader.where("account"))
        if not accounts:
            return ""
        account = self._rng.choice(sorted(row["id"] for row in accounts)[:3])
        lines = [NewLine(product, Decimal(1)) for product in self._products[:2]]
        try:
            QuoteService(laptop.store, laptop.clock, laptop.person.user_id).new_quote(account, lines=lines)
        except KnownError:
            return ""
        return "a draft for others to see"
