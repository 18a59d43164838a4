"""The duplicate warning at 100,000 accounts: how long one lookup takes while a name is typed."""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.services.duplicates import Wanted
from crm_desktop.store.client_store import ClientStore
from ui.compose import open_profile

ACCOUNTS = 100_000
LOOKUPS = 1000
LIMIT_MS = 50.0
FEWEST_FOUND = 0.95
PAGE_ROWS = 2000
USER = "01a00000-0000-7000-8000-000000000001"
_SYLLABLES = "ba be bo da de do fa fe ga ge go ha ka ke ko la le lo ma me mo na ne no pa ra re ro sa se so ta".split()
_TRADES = "Bau Energie Feinkost Handel Logistik Maschinen Metall Optik Papier Pharma Technik Textil".split()
_FORMS = "GmbH AG Ltd SARL SpA KG OHG Inc.".split()


def measure(accounts: int = ACCOUNTS, lookups: int = LOOKUPS) -> list[Figure]:
    """p95 of lookups on names with one typing error, each as long as its name; and how many are found."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    dice = random.Random(20261122)
    names = [_name(dice) for _ in range(accounts)]
    with tempfile.TemporaryDirectory() as temporary:
        app = open_profile(Path(temporary))
        try:
            app.store.enrol("01a00000-0000-7000-8000-000000000002", "D1", USER, "epoch")
            _fill(app.store, names)
            took, found = [], 0
            app.duplicates.look(Wanted(companies=(names[0],)))  # the comparing library is loaded by the first
            for _ in range(lookups):
                number = dice.randrange(accounts)
                typed = _misspelt(dice, names[number])
                began = time.perf_counter()
                likely = app.duplicates.look(Wanted(companies=(typed,)))
                took.append((time.perf_counter() - began) * 1000)
                found += any(item.name == names[number] for item in likely)
        finally:
            app.close()
    took.sort()
    detail = f"{accounts} accounts, {lookups} names with a typing error, p50 {took[len(took) // 2]:.1f} ms"
    share = Figure("Misspelt names found", found / lookups, FEWEST_FOUND, "of 1", detail, at_least=True)
    return [Figure("Looking for duplicates, p95", took[len(took) * 95 // 100], LIMIT_MS, "ms", detail), share]


def _name(dice: random.Random) -> str:
    word = "".join(dice.choice(_SYLLABLES) for _ in range(dice.randrange(4, 7))).title()
    return f"{word} {dice.choice(_TRADES)} {dice.choice(_FORMS)}"


def _misspelt(dice: random.Random, name: str) -> str:
    at = dice.randrange(len(name.split()[0]) - 1)
    return dice.choice((name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :]))


def _fill(store: ClientStore, names: list[str]) -> None:
    """Pages as the server sends them."""
    asked: dict[str, Any] = {"seq": 0, "commit_id": ""}
    scopes = [f"user:{USER}"]
    for seq, start in enumerate(range(0, len(names), PAGE_ROWS), 1):
        part = list(_rows(start, names[start : start + PAGE_ROWS]))
        put = {"e": "account", "cols": columns("account"), "rows": part}
        cursor = {"seq": seq, "commit_id": f"commit-{seq}"}
        page = {
            "epoch": "epoch", "asked": asked, "cursor": cursor, "more": start + PAGE_ROWS < len(names),
            "scopes": scopes, "scope_sets": [scopes], "digest": None,
            "commits": [{"seq": seq, "put": [put], "gone": [], "evict": []}],
        }  # fmt: skip
        if not store.apply_page(page).applied:
            raise RuntimeError("a page did not fit")
        asked = cursor


def _rows(start: int, names: list[str]) -> Iterator[list[Any]]:
    for number, name in enumerate(names, start):
        record_id = f"01a10000-0000-7000-8000-{number:012x}"
        yield [record_id, record_id, 0, *clean_row("account", {"name": name, "owner_id": USER}).values()]


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
