"""Reads hints for the quote on the screen, again only when other products stand on it."""

from collections.abc import Callable

from crm_desktop.services.quote_hints import Hints, load_hints
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from ui.presenters.quote_contents import QuoteContents, load_offered
from ui.presenters.tasks import Tasks


class QuoteAdvisor:
    """`show` gets the hints; none for a paper that is frozen."""

    def __init__(self, store: ClientStore, tasks: Tasks, show: Callable[[Hints], None]) -> None:
        self._store = store
        self._tasks = tasks
        self._show = show
        self._asked: tuple[str, ...] = ()

    def read(self, contents: QuoteContents) -> None:
        """Hints for what stands on the quote now."""
        products = tuple(line.product_id for line in contents.lines if line.product_id)
        price_list = contents.revision["price_list_id"]
        account_id = str(contents.quote["account_id"] or "")
        asked = (contents.revision["id"], str(contents.editable), *sorted(products))
        if asked == self._asked:
            return
        self._asked = asked
        if not contents.editable:
            self._show(Hints())
            return

        def work(reader: Reader) -> Hints:
            offered = frozenset(product.id for product in load_offered(reader, price_list))
            return load_hints(reader, account_id, products, offered)

        self._tasks.read(lambda: self._store.read(work), self._show, key="hints")
