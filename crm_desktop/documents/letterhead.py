"""What stands around every letter: who writes, who receives it, in which language, the foot of the page."""

from collections.abc import Iterable
from typing import Any

from crm_desktop.documents.plain_text import one_line
from crm_desktop.documents.quote_document import Company
from crm_desktop.documents.wording import Wording
from crm_desktop.model.wire import Row
from crm_desktop.store.reader import Reader


def language_of(reader: Reader, row: Row, fallback: str) -> str:
    """Language of a paper for a customer: the contact's the record names, else the account's, else `fallback`."""
    for entity, name in (("contact", "contact_id"), ("account", "account_id")):
        found = reader.get(entity, row[name]) if row[name] else None
        if found is not None and found["language"]:
            return str(found["language"])
    return fallback


def company_of(row: Row | None, language: str) -> Company:
    """Our letterhead as kept in the company's record."""
    if row is None:
        return Company(name="")
    return Company(
        name=row["name"],
        tagline=row[f"tagline_{language}"],
        street=row["street"],
        postal_code=row["postal_code"],
        city=row["city"],
        country=row["country"],
        register=row["register_entry"],
        vat_id=row["vat_id"],
        bank_lines=tuple(row["bank"].splitlines()),
        phone=row["phone"],
        email=row["email"],
    )


def recipient_of(reader: Reader, account: Row, contact: Row | None) -> tuple[str, ...]:
    """The lines of the envelope: the preferred address, else the one for bills; the country only abroad."""
    ours = {company["country"].strip().casefold() for company in reader.where("company")}
    addresses = reader.where("address", account_id=account["id"])
    addresses.sort(key=lambda row: (not row["preferred"], row["kind"] != "billing", row["id"]))
    name = " ".join(part for part in (contact["salutation"], contact["name"]) if part) if contact else ""
    lines = [account["name"], name]
    if addresses:
        place = addresses[0]
        lines += place["street"].splitlines()
        lines.append(f"{place['postal_code']} {place['city']}".strip())
        if place["country"].strip().casefold() not in ours:
            lines.append(place["country"])
    return tuple(line for line in lines if line)


def around(company: Company, wording: Wording, title: str, recipient: Iterable[str]) -> dict[str, Any]:
    """What every template shows around its content: head, address, foot, page numbers."""
    return {
        "language": wording.language,
        "title": title,
        "author": one_line(company.name),
        "monogram": monogram(company.name),
        "tagline": one_line(company.tagline),
        "sender_line": sender_line(company),
        "recipient": [one_line(line) for line in recipient if line.strip()],
        "footer": footer(company, wording),
        "page": page_words(wording),
    }


def sender_line(company: Company) -> str:
    """The small line above the address."""
    return joined(" · ", company.name, company.street, town(company))


def footer(company: Company, wording: Wording) -> list[list[str]]:
    """Columns of the foot; what is not known is not shown."""
    columns: tuple[tuple[str, ...], ...] = company.footer_columns or (
        (company.legal_name or company.name, joined(", ", company.street, town(company)), company.country),
        (
            company.register,
            wording.word("vat_id", number=company.vat_id) if company.vat_id else "",
            joined(" · ", company.phone, company.email),
        ),
        company.bank_lines,
    )
    shown = [[one_line(line) for line in column if line.strip()] for column in columns]
    return [column for column in shown if column]


def page_words(wording: Wording) -> str:
    """“Page {page} of {pages}”, filled by the typesetter."""
    return wording.word("page", page="\x01", pages="\x02").replace("\x01", "{page}").replace("\x02", "{pages}")


def monogram(name: str) -> str:
    """The first letters of the first two words."""
    return "".join(word[0] for word in one_line(name).split()[:2]).upper()


def town(company: Company) -> str:
    """Postal code and city."""
    return joined(" ", company.postal_code, company.city)


def joined(separator: str, *parts: str) -> str:
    """The parts that are not empty, each on one line."""
    return separator.join(part for part in map(one_line, parts) if part)
