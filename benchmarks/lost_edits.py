"""Edits lost: two laptops edit the same records offline, half of them in different fields and half in the same one.

Counted is what a person can see afterwards: a value stands on both laptops, or it is in the list of the one whose
value did not stand. Some of those are taken back by one decision each and have to arrive on the other laptop.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from ui.compose import App, open_profile

RECORDS = 500  # one edit on each laptop: 1,000 edits
RESTORED = 10
OTHER = "colleague"


def restore_by_service(app: App, conflict_ids: Sequence[str]) -> None:
    """Take back what did not stand, one decision each."""
    for conflict_id in conflict_ids:
        app.conflicts.resolve(conflict_id, "mine")


def measure(
    records: int = RECORDS,
    restored: int = RESTORED,
    restore: Callable[[App, Sequence[str]], None] = restore_by_service,
) -> Sequence[Figure]:
    """Counts of a run over `records` records; `restore` takes back the losers it is given."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Company(folder, records) as company:
            company.add_user(OTHER)
            first, second = _laptop(company, folder / "a", LOGIN), _laptop(company, folder / "b", OTHER)
            try:
                return _run(first, second, records, restored, restore)
            finally:
                first.close()
                second.close()


def _laptop(company: Company, folder: Path, login: str) -> App:
    app = open_profile(folder)
    app.enrol(company.url, login, PASSWORD, "benchmark")
    _sync(app)
    return app


def _sync(*apps: App) -> None:
    for app in apps:
        report = app.sync_once()
        if report.error is not None or report.digest_ok is False:
            raise RuntimeError(f"sync failed: {report}")


def _run(
    first: App, second: App, records: int, restored: int, restore: Callable[[App, Sequence[str]], None]
) -> Sequence[Figure]:
    ids = sorted(row["id"] for row in first.store.read(lambda reader: reader.where("account")))[:records]
    apart, together = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    for record_id in apart:
        first.records.update("account", record_id, {"website": f"{record_id}.first.example"})
        second.records.update("account", record_id, {"vat_id": f"{record_id} second"})
    for record_id in together:
        first.records.update("account", record_id, {"website": f"{record_id}.first.example"})
        second.records.update("account", record_id, {"website": f"{record_id}.second.example"})
    _sync(first, second, first)

    both = [(app, record_id) for app in (first, second) for record_id in apart]
    website = sum(_value(app, i, "website") == f"{i}.first.example" for app, i in both) / 2
    number = sum(_value(app, i, "vat_id") == f"{i} second" for app, i in both) / 2
    winners = sum(_value(second, i, "website") == f"{i}.first.example" for i in together)
    listed = {
        view.record_id: view
        for view in second.conflicts.open()
        if view.lost_by_me and [field.mine for field in view.fields] == [f"{view.record_id}.second.example"]
    }
    losers = sum(i in listed for i in together)

    chosen = [i for i in together if i in listed][:restored]
    restore(second, [listed[record_id].id for record_id in chosen])
    _sync(second, first)
    arrived = sum(_value(first, i, "website") == f"{i}.second.example" for i in chosen)
    edits = 2 * len(ids)
    lost = edits - int(website + number) - winners - losers
    return (
        Figure("Edits on different fields that stand on both laptops", website + number, 2 * len(apart), "", "", True),
        Figure("Edits on the same field in the list of their author", losers, len(together), "", "", True),
        Figure("Of these taken back and seen on the other laptop", arrived, min(restored, len(together)), "", "", True),
        Figure(f"Edits lost without a word, of {edits}", lost, 0, ""),
    )


def _value(app: App, record_id: str, name: str) -> object:
    row = app.store.read(lambda reader: reader.get("account", record_id))
    return None if row is None else row[name]


if __name__ == "__main__":
    for figure in measure():
        sys.stdout.write(figure.line() + "\n")
