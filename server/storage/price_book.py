"""What the catalogue says a quote line costs, as the server holds it, and whether its author can have known that."""

from collections.abc import Callable

import orjson
from sqlalchemy import select

from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import PriceBasis
from server.storage.commit import Commit
from server.storage.records import Key
from server.storage.tables import tombstone


class PriceBook:
    """Prices inside one commit; `is_own` tells whether a commit was written by the device that asks."""

    def __init__(self, commit: Commit, is_own: Callable[[int], bool]) -> None:
        self._commit = commit
        self._is_own = is_own

    def basis(self, revision: Row, account_id: str, line: Row) -> PriceBasis | None:
        """Where the price of a line comes from; None where product or price list are gone or were never named."""
        keys = self._keys(revision, account_id, line)
        product, price_list = self._row(keys[0]), self._row(keys[1])
        if product is None or price_list is None:
            return None
        rows: dict[str, list[Row]] = {"price_item": [], "customer_condition": []}
        for key in keys[2:]:
            row = self._row(key)
            if row is not None:
                rows[key[0]].append(row)
        account = self._row(("account", account_id))
        agreed_in = "" if account is None else account["currency"]
        return PriceBasis(product, price_list, rows["price_item"], rows["customer_condition"], agreed_in)

    def moved(self, revision: Row, account_id: str, line: Row, seen: int) -> bool:
        """Whether somebody else changed what the price comes from after `seen`, the newest commit its author knew."""
        keys = self._keys(revision, account_id, line)
        held = (self._commit.get(*key) for key in keys)
        versions = [record.row_ver for record in held if record is not None]
        versions += self._gone(revision, account_id, line, seen)
        account = self._commit.get("account", account_id)
        versions += [] if account is None else [account.field_ver.get("currency", 0)]
        return any(version > seen and not self._is_own(version) for version in versions)

    def _keys(self, revision: Row, account_id: str, line: Row) -> list[Key]:
        """Product, price list, then its prices of the product and the conditions of the customer."""
        product_id, list_id = line["product_id"] or "", revision["price_list_id"] or ""
        where = self._commit.where
        items = [i for i in where("price_item", "product_id", product_id) if self._of_list(i, list_id)]
        conditions = where("customer_condition", "account_id", account_id)
        return [
            ("product", product_id),
            ("price_list", list_id),
            *(("price_item", i) for i in items),
            *(("customer_condition", i) for i in conditions),
        ]

    def _of_list(self, item_id: str, list_id: str) -> bool:
        row = self._row(("price_item", item_id))
        return row is not None and row["price_list_id"] == list_id

    def _row(self, key: Key) -> Row | None:
        record = self._commit.live(*key)
        return None if record is None else record.row | {"id": key[1]}

    def _gone(self, revision: Row, account_id: str, line: Row, seen: int) -> list[int]:
        """When prices and conditions of this line were taken out of the catalogue, as far as after `seen`."""
        c = tombstone.c
        of_price = {"price_list_id": revision["price_list_id"], "product_id": line["product_id"]}
        wanted = {"price_item": of_price, "customer_condition": {"account_id": account_id}}
        found = self._commit.connection.execute(
            select(c.entity, c.row, c.seq).where(c.entity.in_(list(wanted)), c.seq > seen)
        )
        return [
            seq
            for entity, text, seq in found
            if text and all(orjson.loads(text).get(name) == value for name, value in wanted[entity].items())
        ]
