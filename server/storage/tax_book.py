"""Which tax a quote line bears, as the server's catalogue says, and whether its author can have known that."""

from collections.abc import Callable

import orjson
from sqlalchemy import select

from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import tax_holds, tax_known
from server.storage.commit import Commit
from server.storage.records import entity_table
from server.storage.tables import tombstone


class TaxBook:
    """Taxes inside one commit; `is_own` tells whether a commit was written by the device that asks."""

    def __init__(self, commit: Commit, is_own: Callable[[int], bool]) -> None:
        self._commit = commit
        self._is_own = is_own

    def holds(self, revision: Row, line: Row) -> bool:
        """Whether a line bears the tax of its product; without a product, or where that is gone, one there is."""
        product = self._commit.live("product", line["product_id"] or "")
        if product is None:
            return tax_known(line, self._rows(self._every()), revision["quote_date"])
        rates = self._rows(self._rates(product.row["tax_class"]))
        return tax_holds(line, product.row, rates, revision["quote_date"])

    def moved(self, line: Row, seen: int) -> bool:
        """Whether somebody else changed what the tax comes from after `seen`, the newest commit its author knew."""
        product = self._commit.get("product", line["product_id"] or "")
        rates = self._every() if product is None else self._rates(product.row["tax_class"])
        held = [product, *(self._commit.get("tax_rate", rate_id) for rate_id in rates)]
        versions = [record.row_ver for record in held if record is not None]
        versions += self._gone(None if product is None else product.row["tax_class"], seen)
        return any(version > seen and not self._is_own(version) for version in versions)

    def _rates(self, tax_class: str) -> list[str]:
        return self._commit.where("tax_rate", "tax_class", tax_class) if tax_class else []

    def _every(self) -> list[str]:
        return list(self._commit.connection.scalars(select(entity_table("tax_rate").c.id)))

    def _rows(self, rate_ids: list[str]) -> list[Row]:
        rates = (self._commit.live("tax_rate", rate_id) for rate_id in rate_ids)
        return [rate.row for rate in rates if rate is not None]

    def _gone(self, tax_class: str | None, seen: int) -> list[int]:
        """When rates of the class (None: of any) were taken out of the catalogue, as far as after `seen`."""
        c = tombstone.c
        found = self._commit.connection.execute(select(c.row, c.seq).where(c.entity == "tax_rate", c.seq > seen))
        return [
            seq
            for text, seq in found
            if text and (tax_class is None or orjson.loads(text).get("tax_class") == tax_class)
        ]
