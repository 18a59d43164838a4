"""Loads the sample into a company's database: records, users with one demo password, their territories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crm_desktop.model.wire import Row, default_row
from server.identity.passwords import hash_password
from server.sample.demo_layer import demo_layer
from server.sample.northwind import Colleague, Northwind, read_northwind
from server.sample.record import SampleRecord
from server.storage import users
from server.storage.commit import Commit
from server.storage.record_writing import write_chunk
from server.storage.records import ids_where
from server.storage.storage import Storage

_ACTOR = "sample"
_PEOPLE = ("user", "territory")


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was loaded: records per entity, role per login, and what was odd in the files."""

    counts: dict[str, int]
    logins: dict[str, str]
    problems: tuple[str, ...]


def load_sample(storage: Storage, folder: Path, seed: int, today: date, password: str) -> SampleReport:
    """Load the Northwind tables of `folder` and the invented layer; loading again brings it up to `today`.

    Every colleague can sign in with `password`: a representative sees his region, inside sales and the
    administrator see all. Logins that exist keep their password. KnownError where the folder does not fit.
    """
    northwind = read_northwind(folder)
    records = [_onto_letterhead(storage, record) for record in demo_layer(northwind, seed, today)]
    people = [record for record in records if record.entity in _PEOPLE]
    with storage.write(actor=_ACTOR) as commit:
        write_chunk(commit, _written(people))
        # Before the accounts come: a grant lists every record it makes visible in the user's own feed.
        for colleague in northwind.colleagues:
            _admit(commit, colleague, northwind, password)
    storage.write_records(_written([r for r in records if r.entity not in _PEOPLE]), actor=_ACTOR)
    return SampleReport(
        dict(Counter(record.entity for record in records)),
        {colleague.login: colleague.role for colleague in northwind.colleagues},
        tuple(northwind.problems),
    )


def _written(records: Sequence[SampleRecord]) -> list[tuple[str, str, Row]]:
    """Values that say something; what people filled in elsewhere meanwhile is left to them."""
    empty = {entity: default_row(entity) for entity in {record.entity for record in records}}
    return [
        (r.entity, r.id, {name: value for name, value in r.row.items() if value != empty[r.entity][name]})
        for r in records
    ]


def _admit(commit: Commit, colleague: Colleague, northwind: Northwind, password: str) -> None:
    if users.find_login(commit.connection, colleague.login) is None:
        users.add_account(commit, colleague.user_id, colleague.login, hash_password(password), colleague.role)
    own = [colleague.region_id] if colleague.region_id else []
    territories = own if colleague.role == "rep" else northwind.regions
    users.change_territories(commit, colleague.user_id, grant=territories)


def _onto_letterhead(storage: Storage, record: SampleRecord) -> SampleRecord:
    """A database is made with an empty letterhead: that one is filled, so that there is no second company."""
    if record.entity != "company":
        return record
    with storage.read() as connection:
        for vat_id in (record.row["vat_id"], ""):
            for known in sorted(ids_where(connection, "company", "vat_id", vat_id)):
                return SampleRecord(record.entity, known, record.row)
    return record
