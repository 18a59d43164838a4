"""What was bought with what, counted over the orders on this laptop."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from crm_desktop.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Bought:
    """A product in the orders of an account: how many orders, when last, and how much then (thousandths)."""

    product_id: str
    orders: int
    last_on: str | None
    last_quantity: int


@dataclass(frozen=True, slots=True)
class BoughtWith:
    """`product_id` stood in the same order as `beside` in so many orders of so many accounts."""

    product_id: str
    beside: str
    orders: int
    accounts: int


def bought(connection: Connection, account_id: str) -> list[Bought]:
    """Products of an account's orders, most often ordered first; a cancelled order counts for nothing."""
    # SQLite takes the bare columns beside max() from the row that holds it: the last order.
    found = connection.execute(
        """SELECT line.product_id, COUNT(DISTINCT ord.id), MAX(ord.ordered_on), line.quantity
        FROM "order" AS ord JOIN order_line AS line ON line.order_id = ord.id
        WHERE ord.account_id = ? AND ord.status <> 'cancelled' AND line.product_id IS NOT NULL
        GROUP BY line.product_id ORDER BY 2 DESC, 3 DESC, 1""",
        (account_id,),
    )
    return [Bought(product, orders, last_on, quantity or 0) for product, orders, last_on, quantity in found]


def bought_with(
    connection: Connection, products: Sequence[str], without_account: str, least_accounts: int, limit: int
) -> list[BoughtWith]:
    """Products other accounts ordered together with some of these, those of the most accounts first."""
    wanted = orjson.dumps(list(products)).decode()
    found = connection.execute(
        """SELECT other.product_id, line.product_id, COUNT(DISTINCT ord.id), COUNT(DISTINCT ord.account_id)
        FROM order_line AS line
        JOIN order_line AS other ON other.order_id = line.order_id
        JOIN "order" AS ord ON ord.id = line.order_id
        WHERE line.product_id IN (SELECT value FROM json_each(?1))
        AND other.product_id NOT IN (SELECT value FROM json_each(?1))
        AND ord.account_id <> ?2 AND ord.status <> 'cancelled'
        GROUP BY 1, 2 HAVING COUNT(DISTINCT ord.account_id) >= ?3
        ORDER BY 4 DESC, 3 DESC, 1, 2 LIMIT ?4""",
        (wanted, without_account, least_accounts, limit),
    )
    return [BoughtWith(*row) for row in found]
