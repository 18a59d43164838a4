"""A territory leaves a laptop with all its records, against the plain DELETE of the same rows.

Twice: where next to nothing stays, and where most of what the laptop holds stays. The product's side is the whole
session: asking the server, taking rows, search documents and sums away page by page, and merging the search index
until none of the words is left in the file. The bare side deletes the same rows by id, and their search documents,
from a copy of the laptop's encrypted file, in one durable transaction without triggers. FTS5 marks their words and
leaves them in the file; told beside it is what SQLite itself takes for the rest of the work, by FTS5's 'optimize'.

usage: python -m benchmarks.eviction [LEAVING STAYING ROUNDS]
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.company import PASSWORD, Company
from benchmarks.figure import Figure
from crm_desktop import credentials
from crm_desktop.model.wire import columns
from crm_desktop.store.connection import Connection, connect
from crm_desktop.store.search_index import DELETE_DOCUMENT
from crm_desktop.store.tables import ENTITY_NAMES, document_id, quoted, table
from ui.compose import App, open_profile

LEAVING = 2_300  # accounts; about 20,000 rows
STAYING = 10_000
ROUNDS = 3
MOST = 2.0
COLLEAGUE = "colleague"
AWAY = "Away"


def measure(leaving: int = LEAVING, staying: int = STAYING, rounds: int = ROUNDS) -> list[Figure]:
    """Where all but one account leaves, and where so many stay."""
    return [
        _figure("Eviction of a territory, all the laptop has", leaving, 1, rounds),
        _figure("Eviction of a territory, most stays", leaving, staying, rounds),
    ]


def _figure(name: str, leaving: int, staying: int, rounds: int) -> Figure:
    """Median of the ratios per round."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    pairs: list[tuple[float, float, float]] = []
    evicted = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "server").mkdir()
        company = Company(folder / "server", staying)
        company.add_territory(AWAY, leaving)
        company.add_user(COLLEAGUE)  # who owns none of the records himself
        company.give_territory(AWAY, COLLEAGUE)
        with company:
            for turn in range(rounds):
                laptop = folder / f"laptop{turn}"
                app = open_profile(laptop)
                app.enrol(company.url, COLLEAGUE, PASSWORD, "benchmark")
                _synced(app)
                app.close()
                before = folder / "before.db"
                shutil.copyfile(app.store.path, before)
                app = open_profile(laptop)
                company.take_territory(AWAY, COLLEAGUE)
                began = time.perf_counter()
                evicted = _synced(app)
                took = time.perf_counter() - began
                kept = {name: _ids(app, name) for name in ENTITY_NAMES}
                app.close()
                company.give_territory(AWAY, COLLEAGUE)
                key = credentials.choose(laptop, None, has_data=True).database_key()
                pairs.append((took, *_bare(before, key, kept)))
                shutil.rmtree(laptop)
    if not evicted:
        raise RuntimeError("nothing left the laptop")
    mine, bare, wordless = (median(column) for column in zip(*pairs, strict=True))
    to_wordless = median(one / other for one, _, other in pairs)
    return Figure(
        f"{name}, time of the plain DELETE", median(one / other for one, other, _ in pairs), MOST, "x",
        f"{evicted} rows leave, {staying} accounts stay, {rounds} rounds; {mine:.2f} s, bare {bare:.2f} s; "
        f"{to_wordless:.2f} x of a plain DELETE that leaves no word in the file ({wordless:.2f} s)",
    )  # fmt: skip


def _synced(app: App) -> int:
    report = app.sync_once()
    if report.error is not None or report.digest_ok is not True:
        raise RuntimeError(f"not in step: {report}")
    return report.evicted


def _ids(app: App, entity: str) -> frozenset[str]:
    return frozenset(row["id"] for row in app.store.read(lambda reader: reader.where(entity)))


def _bare(file: Path, key: bytes, kept: dict[str, frozenset[str]]) -> tuple[float, float]:
    """Seconds to delete what is not kept; and until its words are gone too."""
    connection = connect(file, key)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    work = [_of(connection, entity, kept[entity]) for entity in ENTITY_NAMES]
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for entity, (ids, documents) in zip(ENTITY_NAMES, work, strict=True):
        connection.executemany(f"DELETE FROM {quoted(entity)} WHERE id = ?", ids)
        connection.executemany(DELETE_DOCUMENT, documents)
    connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    wordless = time.perf_counter() - began
    connection.close()
    return took, wordless


def _of(connection: Connection, entity: str, kept: Iterable[str]) -> tuple[list[tuple[str]], list[tuple[object, ...]]]:
    """Ids and search documents of an entity's rows that go."""
    spec = table(entity)
    names = ", ".join(quoted(name) for name in columns(entity))
    found = connection.execute(f"SELECT rowid, id, {names} FROM {quoted(entity)}").fetchall()
    going = [row for row in found if row[1] not in kept]
    documents: list[tuple[object, ...]] = []
    for row in going if spec.searched else ():
        document = spec.document(spec.values(spec.row(row[1], list(row[2:]))))
        if document is not None:
            documents.append((document_id(entity, row[0]), *document))
    return [(row[1],) for row in going], documents


if __name__ == "__main__":
    found = measure(*(int(value) for value in sys.argv[1:]))
    sys.stdout.write("".join(f"{figure.line()}\n" for figure in found))
