import csv
import io

import pytest

from crm_desktop.exchange.csv_export import export_csv, guarded
from crm_desktop.exchange.csv_import import import_csv
from crm_desktop.model.wire import Row, clean_row
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore


def lines(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def account(**values: object) -> Row:
    return clean_row("account", {"name": "A", **values}) | {"id": "a-1"}


def test_labels_and_choices_speak_the_language() -> None:
    row = account(kind="company", key_account=True, credit_limit="1234.50", tags=["x", "y"])
    (english,) = lines(export_csv([row], "account"))
    assert (english["Kind"], english["Key account"], english["Credit limit"], english["Tags"]) == (
        "Company",
        "yes",
        "1234.50",
        "x; y",
    )
    (german,) = lines(export_csv([row], "account", "de"), ";")
    assert (german["Art"], german["Schlüsselkunde"], german["Kreditlimit"]) == ("Firma", "ja", "1234,50")


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@cmd", "\tx", "\rx", "'=1", "'quoted'"])
def test_nothing_is_run_as_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text
    (row,) = lines(export_csv([account(name=text)], "account"))
    assert row["Name"] == "'" + text
    assert guarded("3-5 = x") == "3-5 = x"


def test_confidential_fields_need_their_permission() -> None:
    product = clean_row("product", {"name": "Tea", "cost": "1.25"}) | {"id": "p-1"}
    (plain,) = lines(export_csv([product], "product"))
    assert "Cost" not in plain
    (full,) = lines(export_csv([product], "product", permissions=frozenset({"see_cost"})))
    assert full["Cost"] == "1.2500"


def test_references_bear_their_title_where_one_is_known() -> None:
    row = account(owner_id="u-1", parent_id="a-9")
    titles = {("user", "u-1"): "Ana Ruiz"}
    (line,) = lines(export_csv([row], "account", title=lambda entity, key: titles.get((entity, key), "")))
    assert (line["Owner"], line["Parent account"]) == ("Ana Ruiz", "a-9")


def test_a_field_that_is_not_in_forms_is_left_out() -> None:
    (line,) = lines(export_csv([account()], "account"))
    assert "Created" not in line


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_exported_can_be_imported(store: ClientStore, records: RecordService, language: str) -> None:
    values = {
        "name": "=Öhm; „Söhne“, Łódź",
        "external_id": "007",
        "kind": "person",
        "customer_class": "B",
        "key_account": True,
        "employees": 1234,
        "credit_limit": "1234.50",
        "payment_terms_days": 30,
        "tags": ["a, b", "c"],
        "notes": "+ line 1\nline \"2\"\n'quoted'",
        "website": "-x",
        "language": "de",
    }
    first = records.create("account", values)
    visit = records.create(
        "visit",
        {
            "account_id": first,
            "subject": "Talk",
            "starts_at": "2026-11-19T08:00:00.000Z",
            "status": "done",
            "note": "Notes\n\n- one\n- two",
            "participants": ["Ana, Dr."],
        },
    )
    before = store.read(lambda reader: (reader.get("account", first), reader.get("visit", visit)))
    exported = {
        entity: export_csv(store.read(lambda reader, e=entity: reader.where(e)), entity, language)  # type: ignore[misc]
        for entity in ("account", "visit")
    }
    for entity, data in exported.items():
        again = import_csv(data, entity, store, records)
        assert (again.created, again.updated, again.unchanged) == (0, 0, 1), again.problems
        assert again.unmapped == ()
        assert all(problem.message_code == "unknown_reference" for problem in again.problems)
    records.delete("visit", visit)
    records.delete("account", first)
    import_csv(exported["account"], "account", store, records)
    (back,) = store.read(lambda reader: reader.where("account"))
    assert before[0] is not None
    assert {name: back[name] for name in values} == {name: before[0][name] for name in values}
