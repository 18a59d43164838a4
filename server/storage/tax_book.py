"""Which tax a quote line bears, as the server's catalogue says, and whether its author can have known that."""

from collections.abc import Callable

import orjson
from sqlalchemy import select

from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import tax_holds
from server.storage.commit import Commit
from server.storage.tables import tombstone


class TaxBook:
    """Taxes inside one commit; `is_own` tells whether a commit was written by the device that asks."""

    def __init__(self, commit: Commit, is_own: Callable[[int], bool]) -> None:
        self._commit = commit
        self._is_own = is_own

    def holds(self, revision: Row, line: Row) -> bool:
        """Whether a line bears the tax of its product; a line without a product, or whose product is gone, may."""
        product = self._commit.live("product", line["product_id"] or "")
        if product is None:
            return True
        rates = (self._commit.live("tax_rate", rate_id) for rate_id in self._rates(product.row["tax_class"]))
        return tax_holds(line, product.row, [rate.row for rate in rates if rate is not None], revision["quote_date"])

    def moved(self, line: Row, seen: int) -> bool:
        """Whether somebody else changed what the tax comes from after `seen`, the newest commit its author knew."""
        product = self._commit.get("product", line["product_id"] or "")
        if product is None:
            return False
        held = [product, *(self._commit.get("tax_rate", i) for i in self._rates(product.row["tax_class"]))]
        versions = [record.row_ver for record in held if record is not None]
        versions += self._gone(product.row["tax_class"], seen)
        return any(version > seen and not self._is_own(version) for version in versions)

    def _rates(self, tax_class: str) -> list[str]:
        return self._commit.where("tax_rate", "tax_class", tax_class) if tax_class else []

    def _gone(self, tax_class: str, seen: int) -> list[int]:
        """When rates of the class were taken out of the catalogue, as far as after `seen`."""
        c = tombstone.c
        found = self._commit.connection.execute(select(c.row, c.seq).where(c.entity == "tax_rate", c.seq > seen))
        return [seq for text, seq in found if text and orjson.loads(text).get("tax_class") == tax_class]
