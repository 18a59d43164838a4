from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import resources
from server.identity.passwords import check_password
from server.sample.loader import load_sample
from server.sample.record import sample_id
from server.storage import users
from server.storage.records import ids_where, load_records
from server.storage.scope_sets import scopes_now
from server.storage.storage import Storage

FOLDER = Path(resources.__file__).parent / "sample" / "northwind"
TODAY = date(2026, 11, 19)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    made = Storage.create(f"sqlite:///{tmp_path / 'central.db'}", "Our Company")
    yield made
    made.close()


def test_northwind_in_a_fresh_database(storage: Storage) -> None:
    report = load_sample(storage, FOLDER, 7, TODAY, "demo password")
    assert report.counts["account"] == 91
    assert report.counts["order_line"] == 2155
    assert report.logins["lcallahan"] == "inside_sales"
    assert len(report.logins) == 9
    assert report.problems == ()
    with storage.read() as connection:
        rep, desk = sample_id("user", "1"), sample_id("user", "8")
        eastern = sample_id("territory", "region 1")
        assert users.territories_of(connection, rep) == [eastern]
        assert len(users.territories_of(connection, desk)) == 4
        assert f"territory:{eastern}" in scopes_now(connection, rep)
        assert "unassigned" in scopes_now(connection, desk)
        account = users.find_login(connection, "ndavolio")
        assert account is not None
        assert check_password(account.password_hash, "demo password")
        ((_, row),) = load_records(connection, "account", [sample_id("account", "ALFKI")])
        assert row["name"] == "Alfreds Futterkiste"
        companies = [
            *ids_where(connection, "company", "vat_id", "DE000000000"),
            *ids_where(connection, "company", "vat_id", ""),
        ]
        assert len(companies) == 1


def test_loading_again_changes_nothing(storage: Storage, small_folder: Path) -> None:
    load_sample(storage, small_folder, 7, TODAY, "demo password")
    _, before = storage.state()
    load_sample(storage, small_folder, 7, TODAY, "another password")
    with storage.read() as connection:
        account = users.find_login(connection, "oesterreich")
        assert account is not None
        assert check_password(account.password_hash, "demo password")
        ids = ids_where(connection, "account", "kind", "company")
        metas = [meta for meta, _ in load_records(connection, "account", ids)]
    assert len(metas) == 3
    assert all(meta["row_ver"] <= before for meta in metas)
