import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.csv_import import ImportReport, import_csv
from crm_desktop.model.wire import Row
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.unit.crm_desktop.conftest import USER

INDEX = """Symbol,Security,GICS Sector,Headquarters Location,CIK,Founded
QXA,Quarz Holding (Class A),Materials,"Saint Paul, Minnesota",77,1902
QXC,Quarz Holding (Class C),Materials,"Saint Paul, Minnesota",77,1902
BRW,Brau & Wein,Consumer Staples,"Dublin, Ireland",78,2013 (1888)
"""
CLOUD = """"ID","NAME","BILLINGSTREET","BILLINGCITY","BILLINGCOUNTRY","SHIPPINGCITY","PHONE","OWNERID","RATING"
"001A","Pébéo of Nowhere","1 Rue","Lyon","FR","Nice","(555) 555-0101","005X","Hot"
"001B","????","2 Rue","Paris","FR","","","005X",""
"001C","????","3 Rue","Metz","FR","","","005X",""
"""


@pytest.fixture
def importing(store: ClientStore, records: RecordService) -> "Importing":
    return Importing(store, records)


class Importing:
    def __init__(self, store: ClientStore, records: RecordService) -> None:
        self.store = store
        self.records = records

    def __call__(self, entity: str, text: str | bytes, *, dry_run: bool = False) -> ImportReport:
        data = text if isinstance(text, bytes) else text.encode()
        return import_csv(data, entity, self.store, self.records, dry_run=dry_run)

    def all(self, entity: str) -> list[Row]:
        return self.store.read(lambda reader: reader.where(entity))

    def outbox(self) -> int:
        return self.store.read(lambda reader: len(reader.outbox()))


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


@pytest.mark.parametrize(("text", "rows"), [(INDEX, 3), (CLOUD, 3)])
def test_importing_twice_changes_nothing(importing: Importing, text: str, rows: int) -> None:
    assert counts(importing("account", text.encode("cp1252"))) == (rows, 0, 0)
    before = {entity: importing.all(entity) for entity in ("account", "address", "channel")}
    transactions = importing.outbox()
    assert counts(importing("account", text.encode("cp1252"))) == (0, 0, rows)
    assert {entity: importing.all(entity) for entity in before} == before
    assert importing.outbox() == transactions


def test_what_an_import_says(importing: Importing) -> None:
    report = importing("account", CLOUD.encode("cp1252"))
    assert report.encoding == "cp1252"
    assert [(p.line, p.message_code) for p in report.problems] == [(2, "unknown_reference"), (2, "unreadable_cell")]
    assert "Line 2 and 2 more: Owner “005X”" in report.problems[0].text
    assert "Zeile 2 und 2 weitere: Verantwortlich „005X“" in report.problems[0].shown("de")
    assert all(problem.text_de.startswith("Zeile ") for problem in report.problems)
    assert importing("account", INDEX).unmapped == ("CIK", "Founded")
    assert ("Security", "account.name") in importing("account", INDEX).mapped


def test_records_and_children_as_they_stand_afterwards(importing: Importing) -> None:
    importing("account", CLOUD)
    accounts = {row["external_id"]: row for row in importing.all("account")}
    assert accounts["001A"]["name"] == "Pébéo of Nowhere"
    assert accounts["001A"]["owner_id"] == USER
    places = [r for r in importing.all("address") if r["account_id"] == accounts["001A"]["id"]]
    assert sorted((row["kind"], row["city"], row["preferred"]) for row in places) == [
        ("billing", "Lyon", True),
        ("delivery", "Nice", False),
    ]
    assert [row["value"] for row in importing.all("channel")] == ["(555) 555-0101"]


def test_a_dry_run_says_the_same_and_writes_nothing(importing: Importing) -> None:
    report = importing("account", INDEX, dry_run=True)
    assert counts(report) == (3, 0, 0)
    assert report.dry_run
    assert importing.all("account") == []
    assert importing.outbox() == 0


def test_changed_cells_update_and_empty_cells_erase_nothing(importing: Importing) -> None:
    importing("account", "Name,City,Phone,Industry,Tags\nÖhm KG,Köln,0221 1,Food,new\nRest,Bonn,,,\n")
    report = importing("account", "Name,City,Phone,Industry,Tags\nÖHM kg,Köln,0221 / 2,,vip\nRest,Bonn,,,\n")
    assert counts(report) == (0, 1, 1)
    account = importing.all("account")[0]
    assert (account["name"], account["industry"], account["tags"]) == ("ÖHM kg", "Food", ["new", "vip"])
    assert [row["value"] for row in importing.all("channel")] == ["0221 / 2"]


def test_the_same_number_written_otherwise_is_the_same_telephone(importing: Importing) -> None:
    importing("account", "Name,Phone\nA,(030) 12-34\n")
    assert counts(importing("account", "Name,Phone\nA,030 1234\n")) == (0, 0, 1)


def test_an_account_known_by_name_takes_its_number(importing: Importing) -> None:
    importing("account", "Name,City\nA,Köln\nA,Bonn\n")
    assert counts(importing("account", "Kundennummer;Name;Ort\n7;A;Bonn\n")) == (0, 1, 0)
    assert sorted(row["external_id"] for row in importing.all("account")) == ["", "7"]


def test_one_row_per_contact_makes_one_account(importing: Importing) -> None:
    text = (
        "Account number,Name,City,Contact name,Contact email,Phone\n"
        "7,Öhm,Köln,Ana,ana@oehm.example,1\n7,Other name,Köln,Ben,ben@oehm.example,1\n7,,,Cem,,2\n"
    )
    report = importing("account", text)
    assert [p.message_code for p in report.problems] == ["same_record", "same_record"]
    (account,) = importing.all("account")
    assert account["name"] == "Öhm"
    contacts = {row["name"]: row["id"] for row in importing.all("contact")}
    assert sorted(contacts) == ["Ana", "Ben", "Cem"]
    mails = {row["value"]: row["contact_id"] for row in importing.all("channel") if row["kind"] == "email"}
    assert mails == {"ana@oehm.example": contacts["Ana"], "ben@oehm.example": contacts["Ben"]}
    assert sum(row["preferred"] for row in importing.all("contact")) == 1
    again = importing("account", text)
    assert (again.created, len(importing.all("contact")), len(importing.all("address"))) == (0, 3, 1)


def test_contacts_find_or_bring_their_company(importing: Importing) -> None:
    importing("account", "Name\nGottlieb und Söhne\n")
    text = (
        "first_name,last_name,company,email_work,phone_home\nAna,Ruiz,gottlieb UND söhne,a@g.example,1-1\n"
        "Ben,Ito,Neue AG,,\nCem,Ak,Neue AG,,\nDaria,Lone,,,\n"
    )
    assert counts(importing("contact", text)) == (4, 0, 0)
    accounts = {row["name"]: row["id"] for row in importing.all("account")}
    assert sorted(accounts) == ["Gottlieb und Söhne", "Neue AG"]
    found = {row["name"]: row["account_id"] for row in importing.all("contact")}
    assert found == {
        "Ana Ruiz": accounts["Gottlieb und Söhne"],
        "Ben Ito": accounts["Neue AG"],
        "Cem Ak": accounts["Neue AG"],
        "Daria Lone": None,
    }
    assert counts(importing("contact", text)) == (0, 0, 4)


def test_namesakes_that_are_no_accounts_stay_apart(importing: Importing) -> None:
    importing("account", "Account number,Name\n7,A\n")
    text = "Name,AccountId,Amount,Close date\nWidgets,7,5,2024-01-01\nWidgets,7,6,2024-01-01\nWidgets,7,5,2025-01-01\n"
    assert counts(importing("opportunity", text)) == (3, 0, 0)
    assert counts(importing("opportunity", text)) == (0, 0, 3)
    assert sorted(row["amount"] for row in importing.all("opportunity")) == ["5.00", "5.00", "6.00"]


def test_a_parent_further_down_in_the_file(importing: Importing) -> None:
    importing("account", "Account number,Name,Parent account\n1,Child,2\n2,Mother,\n")
    accounts = {row["name"]: row for row in importing.all("account")}
    assert accounts["Child"]["parent_id"] == accounts["Mother"]["id"]


def test_a_name_that_several_bear_is_not_guessed(importing: Importing) -> None:
    importing("account", "Name,City\nA,Köln\nA,Bonn\n")
    report = importing("opportunity", "Name,Account\nWidgets,A\n")
    assert [p.message_code for p in report.problems] == ["ambiguous_reference"]
    assert importing.all("opportunity")[0]["account_id"] is None


def test_broken_rows_are_reported_and_the_rest_goes_in(importing: Importing) -> None:
    report = importing("account", 'name;employees\nA;1\nB\n"C;3\nD;many\n;5\nE;6\n')
    assert [(p.line, p.message_code) for p in report.problems] == [
        (3, "wrong_cell_count"),
        (4, "unclosed_quote"),
        (5, "unreadable_cell"),
        (6, "nothing_to_name"),
    ]
    assert all(f"Zeile {problem.line}" in problem.shown("de") for problem in report.problems)
    assert "„many“ ist keine Zahl" in report.problems[2].shown("de")
    assert sorted((row["name"], row["employees"]) for row in importing.all("account")) == [
        ("A", 1),
        ("D", None),
        ("E", 6),
    ]


def test_large_files_go_in_whole_rows_and_can_be_stopped(store: ClientStore, records: RecordService) -> None:
    text = "Account number,Name,City,Phone\n" + "".join(f"{n},Firm {n},Town {n % 7},0{n}\n" for n in range(500))
    heard: list[tuple[int, int]] = []

    def stop_after_the_first(done: int, total: int) -> bool:
        heard.append((done, total))
        return len(heard) < 2

    report = import_csv(text.encode(), "account", store, records, progress=stop_after_the_first)
    assert report.cancelled
    assert report.created == heard[-1][0] < 500
    for entry in store.read(lambda reader: reader.outbox()):
        assert len(entry.ops) <= 400
    rest = import_csv(text.encode(), "account", store, records)
    assert (rest.created, rest.unchanged, rest.cancelled) == (500 - report.created, report.created, False)
    assert store.read(lambda reader: reader.counts())["account"] == 500


@pytest.mark.parametrize(
    ("entity", "text", "code"),
    [
        ("account", "x,y\n1,2\n", "no_known_column"),
        ("account", "City,Phone\nKöln,1\n", "no_known_column"),
        ("user", "Name\nA\n", "not_importable"),
        ("nothing", "Name\nA\n", "unknown_entity"),
        ("account", "", "empty_file"),
    ],
)
def test_files_that_fit_nothing(importing: Importing, entity: str, text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        importing(entity, text)
    assert caught.value.code == code
    assert caught.value.advice


def test_a_row_too_large_for_one_step_is_named_and_the_others_go_on(importing: Importing) -> None:
    text = (
        'name,notes,parent account\nAdler,short,\nBussard,"' + "x" * 1_200_000 + '",\nFalke,,Bussard\nHabicht,,Adler\n'
    )
    planned = importing("account", text, dry_run=True)
    report = importing("account", text)
    assert [(p.line, p.message_code) for p in report.problems] == [(3, "row_too_large"), (4, "row_without_its_record")]
    assert "Line 3" in report.problems[0].text
    assert "Zeile 3" in report.problems[0].shown("de")
    assert (planned.problems, counts(planned)) == (report.problems, counts(report))
    assert counts(report) == (2, 0, 0)
    assert {row["name"] for row in importing.all("account")} == {"Adler", "Habicht"}
