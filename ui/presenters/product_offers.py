"""Which products a line is offered for what is typed into it."""

from collections.abc import Iterable

from crm_desktop.rules.folding import fold, search_terms
from ui.presenters.quote_contents import Offered

MOST = 12


def matching(offered: Iterable[Offered], text: str) -> list[Offered]:
    """Number first, then beginnings of names, then words inside; every typed word has to be found."""
    terms = search_terms(text)
    if not terms:
        return []
    ranked: list[tuple[int, str, Offered]] = []
    for product in offered:
        number, name = fold(product.number), fold(product.name)
        words = f"{number} {name}"
        if all(term in words for term in terms):
            rank = 0 if number == terms[0] else 1 if name.startswith(terms[0]) else 2
            ranked.append((rank, name, product))
    ranked.sort(key=lambda item: item[:2])
    return [product for _, _, product in ranked[:MOST]]
