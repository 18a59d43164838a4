"""Northwind as records: people and territories, customers with their owners; sales come from `northwind_sales`.

Northwind does not say whose customer a customer is. The representative with most of its orders is taken, the
lowest employee number where two have as many; the account lies in that person's region.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from server.sample.northwind_sales import catalogue, orders
from server.sample.record import SampleRecord, sample_id, sample_record
from server.sample.tables import Cells, Tables, read_tables

CURRENCY = "EUR"  # Northwind names none
_TRANSLITERATED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "ł": "l", "đ": "d", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """An employee as the loader needs him: his login, his role, the region he works in (none: no territory)."""

    user_id: str
    name: str
    login: str
    role: str
    region_id: str | None


@dataclass(frozen=True, slots=True)
class Northwind:
    """All records, roots before children; the colleagues by employee number; what was odd in the files."""

    records: list[SampleRecord]
    colleagues: list[Colleague]
    regions: list[str]
    problems: list[str]

    def of(self, entity: str) -> list[SampleRecord]:
        """The records of one entity in file order."""
        return [record for record in self.records if record.entity == entity]


def read_northwind(folder: Path) -> Northwind:
    """Records of a folder with the Northwind tables; KnownError where a file or a needed column is missing."""
    tables = read_tables(folder)
    employees = dict(sorted(tables.keyed("employees", "EmployeeID"), key=lambda item: _rank(item[0])))
    territory_regions = tables.names("territories", "TerritoryID", "RegionID")
    colleagues = _colleagues(tables, employees, territory_regions)
    users = [_user(key, row, colleagues[key], employees) for key, row in employees.items()]
    territories, regions = _territories(tables)
    owners = account_owners(tables, set(employees))
    accounts: list[SampleRecord] = []
    children: list[SampleRecord] = []
    for key, row in tables.keyed("customers", "CustomerID"):
        owner = colleagues.get(owners.get(key, ""))
        accounts.append(_account(key, row, owner))
        children += _account_children(key, row)
    products = catalogue(tables, CURRENCY)
    known_users = {key: colleague.user_id for key, colleague in colleagues.items()}
    papers = orders(tables, known_users, CURRENCY)
    of_accounts = [record for record in products if record.entity == "customer_condition"]
    shared = [record for record in products if record.entity != "customer_condition"]
    return Northwind(
        [*users, *territories, *shared, *accounts, *children, *of_accounts, *papers],
        list(colleagues.values()),
        regions,
        tables.problems,
    )


def account_owners(tables: Tables, employees: set[str]) -> dict[str, str]:
    """CustomerID -> EmployeeID with most of its orders; customers without orders have none."""
    counts: dict[str, Counter[str]] = {}
    for row in tables.rows["orders"]:
        if row["EmployeeID"] in employees and row["CustomerID"]:
            counts.setdefault(row["CustomerID"], Counter())[row["EmployeeID"]] += 1
    return {
        customer: min(count, key=lambda employee: (-count[employee], _rank(employee)))
        for customer, count in counts.items()
    }


def _rank(key: str) -> tuple[int, str]:
    """Numbers by value, other keys behind them by text."""
    return (int(key), key) if key.isdecimal() else (2**62, key)


def _full_name(row: Cells) -> str:
    return f"{row.get('FirstName', '')} {row['LastName']}".strip()


def _login(row: Cells, taken: set[str]) -> str:
    def plain(text: str) -> str:
        spelled = unicodedata.normalize("NFKC", text).casefold().translate(_TRANSLITERATED)
        return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", spelled))

    base = plain(row.get("FirstName", ""))[:1] + plain(row["LastName"]) or "user"
    login, again = base, 1
    while login in taken:
        again += 1
        login = f"{base}{again}"
    taken.add(login)
    return login


def _administrator(employees: dict[str, Cells]) -> str | None:
    """The one at the top: reports to nobody and has most people below; the lowest number among equals."""
    below = Counter(row.get("ReportsTo", "") for row in employees.values())
    tops = [key for key, row in employees.items() if row.get("ReportsTo", "") not in employees] or list(employees)
    return min(tops, key=lambda key: (-below[key], _rank(key)), default=None)


def _colleagues(tables: Tables, employees: dict[str, Cells], territory_regions: dict[str, str]) -> dict[str, Colleague]:
    regions: dict[str, Counter[str]] = {}
    for link in tables.rows["employee_territories"]:
        lies_in = territory_regions.get(link["TerritoryID"])
        if lies_in:
            regions.setdefault(link["EmployeeID"], Counter())[lies_in] += 1
    top = _administrator(employees)
    taken: set[str] = set()
    result: dict[str, Colleague] = {}
    for key, row in employees.items():
        inside = "inside sales" in row.get("Title", "").casefold()
        role = "admin" if key == top else "inside_sales" if inside else "rep"
        count = regions.get(key)
        region = min(count, key=lambda code: (-count[code], _rank(code))) if count else None
        result[key] = Colleague(
            sample_id("user", key),
            _full_name(row),
            _login(row, taken),
            role,
            None if region is None else sample_id("territory", f"region {region}"),
        )
    return result


def _user(key: str, row: Cells, colleague: Colleague, employees: dict[str, Cells]) -> SampleRecord:
    manager = row.get("ReportsTo", "")
    return sample_record(
        "user",
        key,
        {
            "name": colleague.name,
            "login": colleague.login,
            "title": row.get("Title", ""),
            "role": colleague.role,
            "phone": row.get("HomePhone", ""),
            "manager_id": sample_id("user", manager) if manager in employees and manager != key else None,
        },
    )


def _territories(tables: Tables) -> tuple[list[SampleRecord], list[str]]:
    regions: dict[str, SampleRecord] = {}
    for key, row in tables.keyed("regions", "RegionID"):
        regions[key] = sample_record(
            "territory", f"region {key}", {"code": f"R{key}", "name": row["RegionDescription"]}
        )
    children = [
        sample_record(
            "territory",
            key,
            {
                "code": key,
                "name": row["TerritoryDescription"],
                "parent_id": regions[row["RegionID"]].id if row["RegionID"] in regions else None,
            },
        )
        for key, row in tables.keyed("territories", "TerritoryID")
    ]
    return [*regions.values(), *children], [record.id for record in regions.values()]


def _account(key: str, row: Cells, owner: Colleague | None) -> SampleRecord:
    return sample_record(
        "account",
        key,
        {
            "kind": "company",
            "name": row["CompanyName"] or key,
            "external_id": key,
            "currency": CURRENCY,
            "owner_id": owner.user_id if owner else None,
            "territory_id": owner.region_id if owner else None,
        },
    )


def _account_children(key: str, row: Cells) -> list[SampleRecord]:
    account = {"account_id": sample_id("account", key)}
    result: list[SampleRecord] = []
    if row.get("ContactName"):
        result.append(
            sample_record(
                "contact",
                key,
                account
                | {
                    "name": row["ContactName"],
                    "job_title": row.get("ContactTitle", ""),
                    "preferred": True,
                },
            )
        )
    place = {
        "street": row.get("Address", ""),
        "postal_code": row.get("PostalCode", ""),
        "city": row.get("City", ""),
        "region": row.get("Region", ""),
        "country": row.get("Country", ""),
    }
    if any(place.values()):
        result.append(sample_record("address", key, account | place | {"kind": "billing", "preferred": True}))
    for kind, column in (("phone", "Phone"), ("fax", "Fax")):
        if row.get(column):
            result.append(
                sample_record(
                    "channel",
                    f"{key} {kind}",
                    account
                    | {
                        "kind": kind,
                        "value": row[column],
                        "preferred": kind == "phone",
                    },
                )
            )
    return result
