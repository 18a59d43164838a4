"""A laptop's whole data set in its encrypted file: made once, kept in the machine's temporary folder, then copied.

100,000 accounts bring 300,000 notes and 30,000 quotes. The name of the folder holds what the file depends on, so
that another schema or another generator makes another one.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from benchmarks.generated import Generator, Record
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.tables import search_signature
from ui.compose import open_profile

ACCOUNTS = 100_000
PAGE_RECORDS = 20_000
PASSPHRASE = "benchmark"
USER = "01a00000-0000-7000-8000-000000000001"
TERRITORY = "01a00000-0000-7000-8000-000000000003"


def whole_profile(accounts: int = ACCOUNTS) -> Path:
    """The folder of the profile; not to be written. Made where it is missing."""
    os.environ["CRM_PASSPHRASE"] = PASSPHRASE
    depends = f"{SCHEMA_VERSION} {search_signature()} {Path(__file__).with_name('generated.py').read_text()}"
    name = f"{accounts}-{hashlib.sha256(depends.encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / "crm-benchmarks" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            made = Path(temporary) / "profile"
            app = open_profile(made)
            app.store.enrol("01a00000-0000-7000-8000-000000000002", "D1", USER, "epoch")
            fill(app.store, Generator(accounts, TERRITORY, USER).records())
            app.close()
            os.replace(made, folder)
    return folder


@contextmanager
def own_copy(accounts: int = ACCOUNTS) -> Iterator[Path]:
    """A copy of the profile that may be written."""
    source = whole_profile(accounts)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "profile"
        shutil.copytree(source, copy)
        yield copy


def fill(store: ClientStore, records: Iterable[Record]) -> None:
    """A company's records by pages as a server sends them."""
    user: Record = ("user", USER, clean_row("user", {"name": "Anne Dodsworth", "role": "rep"}))
    put_pages(store, _rooted(chain([user], records)))


def put_pages(store: ClientStore, records: Iterator[tuple[str, Record]]) -> None:
    """Records with their roots, by pages behind those the store has; the last one ends a filling, as in life."""
    scopes = [f"user:{USER}"]
    state = store.sync_state()
    seq, asked = state.cursor_seq, {"seq": state.cursor_seq, "commit_id": state.cursor_commit}
    some = list(islice(records, PAGE_RECORDS))
    while some:
        behind = list(islice(records, PAGE_RECORDS))
        seq += 1
        cursor = {"seq": seq, "commit_id": f"commit-{seq}"}
        page = {
            "epoch": "epoch", "asked": asked, "cursor": cursor, "more": bool(behind),
            "scopes": scopes, "scope_sets": [scopes], "digest": None,
            "commits": [{"seq": seq, "put": _puts(some), "gone": [], "evict": []}],
        }  # fmt: skip
        if not store.apply_page(page).applied:
            raise RuntimeError("a page did not fit")
        asked, some = cursor, behind


def _rooted(records: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    account = ""
    for record in records:
        account = record[1] if record[0] == "account" else account
        yield account or record[1], record


def _puts(records: list[tuple[str, Record]]) -> list[dict[str, Any]]:
    by_entity: dict[str, list[list[Any]]] = {}
    for root, (entity, record_id, row) in records:
        values = [row.get(name) for name in columns(entity)]
        by_entity.setdefault(entity, []).append([record_id, root, 0, *values])
    return [{"e": entity, "cols": list(columns(entity)), "rows": rows} for entity, rows in by_entity.items()]


if __name__ == "__main__":
    sys.stdout.write(f"{whole_profile(*(int(value) for value in sys.argv[1:]))}\n")
