"""Lists and search over a whole data set, against the bare query in the same encrypted file.

Three works. A list of 50 by the beginning of a word: what the list page reads (the numbers of all rows that fit,
in order, then the first 50 with their columns) against the first 50 with the same columns by one SQL statement that
asks the same question: accounts by their own words or by those of a contact, address, channel or file of theirs.
Search as one types, every beginning of a word being one search over all kinds of records and note texts: the
product's ranked hits against FTS5's own ranking (`ORDER BY rank`) with the rows of its hits. Words of notes in full:
hits with their rows against the numbers FTS5 alone finds, newest first. Each side asks each text twice on a new
connection: cold, when no page of the file is deciphered yet, and warm; cold is compared with cold and warm with warm,
at the median and at the 95th percentile, and the worse one of the two is the figure.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from statistics import quantiles

from benchmarks.figure import Figure
from benchmarks.full_store import ACCOUNTS, whole_profile
from crm_desktop.rules.folding import search_terms
from crm_desktop.rules.search_query import SearchQuery
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.computed import computed
from crm_desktop.store.connection import Connection, connect
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NAMES, ENTITY_NUMBER, quoted, table
from ui.compose import open_profile

ROUNDS = 60
ROWS = 50
LIMIT = 30
TODAY = "2026-11-22"
_PARTS = ("contact", "address", "channel", "attachment")
_WORDS = (
    "berlin hamburg meeting delivery contract renewal competitor complaint warehouse training valve pump sensor "
    "machinery quantity question deadline customer gdansk zurich"
).split()


@dataclass
class Times:
    """Seconds of both sides, cold and warm."""

    ours: tuple[list[float], list[float]]
    bare: tuple[list[float], list[float]]

    def ratio(self, percent: int) -> float:
        """Of the percentiles; the worse one of cold and warm."""
        pairs = zip(self.ours, self.bare, strict=True)
        return max(_percentile(ours, percent) / _percentile(bare, percent) for ours, bare in pairs)

    def told(self) -> str:
        """Both sides in milliseconds."""
        return "; ".join(
            f"{state}: " + ", ".join(
                f"{name} p50 {_percentile(side, 50) * 1000:.2f} ms p95 {_percentile(side, 95) * 1000:.2f} ms"
                for name, side in (("product", ours), ("bare", bare))
            )
            for state, ours, bare in zip(("cold", "warm"), self.ours, self.bare, strict=True)
        )  # fmt: skip


def measure(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Figure, ...]:
    """The three works."""
    app = open_profile(whole_profile(accounts))
    try:
        chance = random.Random(9)
        names = _beginnings(app.store, chance, rounds)
        typed = [word[:length] for word in chance.choices(_WORDS, k=rounds // 3 + 1) for length in (2, 3, 4, 5)]
        words = [" ".join(chance.sample(_WORDS, 2)) for _ in range(rounds)]
        lists = _compare(app.store, names, _our_list, _bare_list)
        narrow = _compare(app.store, names, _our_list, _bare_names)
        search = _compare(app.store, typed[:rounds], _our_search, _bare_search)
        texts = _compare(app.store, words, _our_search, _bare_texts)
    finally:
        app.close()
    size = f"{accounts} accounts, {rounds} queries"
    return (
        Figure("List of 50 by the beginning of a name, p50 of the bare query", lists.ratio(50), 3, "x",
               f"{size}; {lists.told()}"),
        Figure("List of 50 by the beginning of a name, p95 of the bare query", lists.ratio(95), 4, "x",
               f"{size}; of a query for accounts' own names alone p50 {narrow.ratio(50):.2f}x"),
        Figure("Search as one types, p50 of FTS5's ranking", search.ratio(50), 3, "x", f"{size}; {search.told()}"),
        Figure("Search as one types, p95 of FTS5's ranking", search.ratio(95), 4, "x", size),
        Figure("Words of notes with rows, p50 of FTS5 alone", texts.ratio(50), 5, "x", f"{size}; {texts.told()}"),
    )  # fmt: skip


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _compare(
    store: ClientStore,
    asked: Sequence[str],
    ours: Callable[[Reader, str], int],
    bare: Callable[[Connection, str], int],
) -> Times:
    times = Times(([], []), ([], []))
    for number, text in enumerate(asked):
        sides: list[tuple[tuple[list[float], list[float]], Callable[[Reader], int]]] = [
            (times.bare, partial(_of_bare, bare, text)),
            (times.ours, partial(_of_ours, ours, text)),
        ]
        for side, work in sides[:: 1 if number % 2 else -1]:
            with closing(connect(store.path, store._key, read_only=True)) as connection:
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM search WHERE search MATCH 'nobody' LIMIT 1").fetchone()
                reader = Reader(connection, TODAY)
                for kept in side:
                    began = time.perf_counter()
                    work(reader)
                    kept.append(time.perf_counter() - began)
    return times


def _of_bare(bare: Callable[[Connection, str], int], text: str, reader: Reader) -> int:
    return bare(reader._connection, text)


def _of_ours(ours: Callable[[Reader, str], int], text: str, reader: Reader) -> int:
    return ours(reader, text)


def _beginnings(store: ClientStore, chance: random.Random, count: int) -> list[str]:
    ids = store.read(lambda reader: reader.row_ids(ListQuery("account")))
    rows = store.read(lambda reader: reader.rows("account", chance.sample(list(ids), count)))
    return [search_terms(str(row["name"]))[0][:3] for row in rows]


def _our_list(reader: Reader, text: str) -> int:
    return len(reader.rows("account", list(reader.row_ids(ListQuery("account", search=text))[:ROWS])))


def _bare_list(connection: Connection, text: str) -> int:
    """Accounts found by themselves or by a contact, address, channel or file of theirs, as the list finds them."""
    found = "SELECT rowid >> {bits} AS d FROM search WHERE search MATCH ?1 AND rowid & {mask} = {number}"
    own, *parts = (
        found.format(bits=ENTITY_BITS, mask=ENTITY_MASK, number=ENTITY_NUMBER[name]) for name in ("account", *_PARTS)
    )
    accounts = " UNION ALL ".join(
        f"SELECT a.rowid FROM ({sql}) f CROSS JOIN {name} p ON p.rowid = f.d "
        "CROSS JOIN account a ON a.id = p.account_id"
        for name, sql in zip(_PARTS, parts, strict=True)
    )
    return _fifty(connection, f"{own} UNION ALL {accounts}", text)


def _bare_names(connection: Connection, text: str) -> int:
    """A narrower question: accounts found by their own name alone."""
    number = ENTITY_NUMBER["account"]
    of_accounts = f"search MATCH ?1 AND rowid & {ENTITY_MASK} = {number}"
    return _fifty(connection, f"SELECT rowid >> {ENTITY_BITS} FROM search WHERE {of_accounts}", text)


def _fifty(connection: Connection, found: str, text: str) -> int:
    columns = ", ".join(column.sql for column in computed("account").values() if column.shown)
    first = f"SELECT a.rowid AS r FROM account a WHERE a.rowid IN ({found}) ORDER BY a.sort_key LIMIT ?2"
    rows = connection.execute(
        f"SELECT id, {table('account').select}, {columns} FROM ({first}) w CROSS JOIN account e ON e.rowid = w.r",
        (_match(text), ROWS),
    )
    return len(rows.fetchall())


def _our_search(reader: Reader, text: str) -> int:
    return len(reader.find(SearchQuery(text), LIMIT))


def _match(text: str) -> str:
    return " ".join(f'"{term}"*' for term in search_terms(text))


def _bare_search(connection: Connection, text: str) -> int:
    numbers = connection.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?", (_match(text), LIMIT)
    ).fetchall()
    found = 0
    for (number,) in numbers:
        entity = ENTITY_NAMES[number & ENTITY_MASK]
        statement = f"SELECT id, {table(entity).select} FROM {quoted(entity)} WHERE rowid = ?"
        found += connection.execute(statement, (number >> ENTITY_BITS,)).fetchone() is not None
    return found


def _bare_texts(connection: Connection, text: str) -> int:
    found = connection.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (_match(text), LIMIT)
    )
    return len(found.fetchall())


if __name__ == "__main__":
    sys.stdout.write("".join(f"{figure.line()}\n" for figure in measure(*(int(value) for value in sys.argv[1:]))))
