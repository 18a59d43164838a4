"""Customers: account, contact, their addresses and channels, tags."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Merge, Privacy, Stage
from crm_desktop.model.fields import (
    Record,
    choice,
    day,
    decimal,
    flag,
    integer,
    long_text,
    reference,
    text,
    text_set,
)

ACCOUNT_KINDS = (("company", "Company", "Firma"), ("person", "Person", "Person"))
CLASSES = (("A", "A", "A"), ("B", "B", "B"), ("C", "C", "C"))
ADDRESS_KINDS = (
    ("billing", "Billing", "Rechnung"),
    ("delivery", "Delivery", "Lieferung"),
    ("visit", "Visit", "Besuch"),
    ("other", "Other", "Sonstige"),
)
CHANNEL_KINDS = (
    ("phone", "Phone", "Telefon"),
    ("mobile", "Mobile", "Mobil"),
    ("fax", "Fax", "Fax"),
    ("email", "E-mail", "E-Mail"),
    ("web", "Website", "Website"),
    ("other", "Other", "Sonstige"),
)
BUYING_ROLES = (
    ("decides", "Decides", "Entscheidet"),
    ("influences", "Influences", "Beeinflusst"),
    ("uses", "Uses", "Nutzt"),
    ("buys", "Purchasing", "Einkauf"),
)
LANGUAGES = (("en", "English", "Englisch"), ("de", "German", "Deutsch"))


class Account(Record, table=True):
    """A customer or prospect: a company or a person. The root of its contacts, addresses and channels."""

    __tablename__ = "account"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "account",
        "Account",
        "Kunde",
        "Accounts",
        "Kunden",
        "building-2",
        ("name", "external_id"),
        owner="owner_id",
        indexes=(("name",), ("owner_id",), ("territory_id",), ("external_id",), ("parent_id",)),
    )

    kind: str = choice("Kind", "Art", ACCOUNT_KINDS)
    name: str = text(
        "Name",
        "Name",
        search=True,
        stage=Stage.STUB,
        merge=Merge.ASK,
        aliases=("account name", "company", "company name", "companyname", "security", "firma", "kunde"),
    )
    external_id: str = text(
        "Account number",
        "Kundennummer",
        search=True,
        aliases=("account number", "accountnumber", "customerid", "symbol", "kundennummer", "external id"),
    )
    customer_class: str = choice("Class", "Klasse", CLASSES, aliases=("rating", "class", "klasse"))
    key_account: bool = flag("Key account", "Schlüsselkunde")
    industry: str = text("Industry", "Branche", stage=Stage.QUOTE, aliases=("gics sector", "industry", "branche"))
    employees: int | None = integer(
        "Employees", "Mitarbeiter", aliases=("numberofemployees", "employees", "number of employees")
    )
    website: str = text("Website", "Website", aliases=("website", "url", "company domain name"))
    vat_id: str = text("VAT number", "USt-IdNr.", stage=Stage.ORDER, aliases=("vat", "vat id", "vatid"))
    language: str = choice("Language", "Sprache", LANGUAGES)
    currency: str = text("Currency", "Währung", group="credit")
    credit_limit: Decimal | None = decimal("Credit limit", "Kreditlimit", group="credit")
    payment_terms_days: int | None = integer(
        "Payment terms (days)",
        "Zahlungsziel (Tage)",
        stage=Stage.ORDER,
        merge=Merge.ASK,
        aliases=("payment terms", "zahlungsziel"),
    )
    parent_id: str | None = reference("Parent account", "Übergeordneter Kunde", "account")
    owner_id: str | None = reference("Owner", "Verantwortlich", "user", stage=Stage.VISIT)
    territory_id: str | None = reference("Territory", "Gebiet", "territory")
    visit_rhythm_days: int | None = integer("Visit rhythm (days)", "Besuchsrhythmus (Tage)")
    tags: list[str] = text_set("Tags", "Schlagwörter", aliases=("tags",))
    notes: str = long_text(
        "Notes", "Notizen", search=True, privacy=Privacy.PERSONAL, aliases=("description", "notes", "notizen")
    )


class Contact(Record, table=True):
    """A person at an account, or a person known before the account is."""

    __tablename__ = "contact"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "contact",
        "Contact",
        "Kontakt",
        "Contacts",
        "Kontakte",
        "users",
        ("name",),
        parents=("account_id",),
        owner="owner_id",
        indexes=(("account_id",), ("name",)),
    )

    account_id: str | None = reference("Account", "Kunde", "account", aliases=("account", "company"))
    name: str = text(
        "Name",
        "Name",
        search=True,
        privacy=Privacy.PERSONAL,
        stage=Stage.VISIT,
        aliases=("contact name", "contactname", "full name", "name"),
    )
    salutation: str = text("Salutation", "Anrede", privacy=Privacy.PERSONAL, aliases=("gender", "salutation"))
    job_title: str = text(
        "Job title", "Funktion", privacy=Privacy.PERSONAL, aliases=("title", "contacttitle", "job title")
    )
    buying_role: str = choice("Buying role", "Rolle im Einkauf", BUYING_ROLES, stage=Stage.QUOTE)
    preferred: bool = flag("Preferred", "Bevorzugt")
    reports_to_id: str | None = reference("Reports to", "Berichtet an", "contact")
    birthday: date | None = day("Birthday", "Geburtstag", privacy=Privacy.PERSONAL)
    language: str = choice("Language", "Sprache", LANGUAGES)
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    notes: str = long_text("Notes", "Notizen", search=True, privacy=Privacy.PERSONAL)


class Address(Record, table=True):
    """A typed address of an account or contact; one may be preferred."""

    __tablename__ = "address"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "address",
        "Address",
        "Adresse",
        "Addresses",
        "Adressen",
        "map-pin",
        ("city", "street"),
        parents=("account_id", "contact_id"),
        indexes=(("account_id",), ("contact_id",)),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    kind: str = choice("Kind", "Art", ADDRESS_KINDS)
    preferred: bool = flag("Preferred", "Bevorzugt")
    street: str = text(
        "Street",
        "Straße",
        group="place",
        privacy=Privacy.PERSONAL,
        stage=Stage.QUOTE,
        aliases=("address", "street", "billingstreet", "billing street", "straße", "strasse"),
    )
    postal_code: str = text(
        "Postal code",
        "PLZ",
        group="place",
        stage=Stage.QUOTE,
        aliases=("postalcode", "postal code", "zip", "billingpostalcode", "plz"),
    )
    city: str = text(
        "City",
        "Ort",
        group="place",
        search=True,
        stage=Stage.VISIT,
        aliases=("city", "billingcity", "headquarters location", "ort", "stadt"),
    )
    region: str = text("Region", "Region", group="place", aliases=("region", "state", "billingstate", "bundesland"))
    country: str = text(
        "Country", "Land", group="place", stage=Stage.QUOTE, aliases=("country", "billingcountry", "land")
    )
    latitude: Decimal | None = decimal(
        "Latitude", "Breitengrad", places=6, group="coordinates", privacy=Privacy.PERSONAL, aliases=("latitude", "lat")
    )
    longitude: Decimal | None = decimal(
        "Longitude", "Längengrad", places=6, group="coordinates", privacy=Privacy.PERSONAL, aliases=("longitude", "lon")
    )


class Channel(Record, table=True):
    """A typed way to reach an account or contact: phone, e-mail, website. One may be preferred."""

    __tablename__ = "channel"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "channel",
        "Channel",
        "Kontaktweg",
        "Channels",
        "Kontaktwege",
        "phone",
        ("value",),
        parents=("account_id", "contact_id"),
        indexes=(("account_id",), ("contact_id",)),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    kind: str = choice("Kind", "Art", CHANNEL_KINDS)
    label: str = text("Label", "Bezeichnung")
    value: str = text(
        "Value",
        "Wert",
        search=True,
        privacy=Privacy.PERSONAL,
        stage=Stage.STUB,
        merge=Merge.ASK,
        aliases=("phone", "fax", "email", "e-mail", "telefon", "mobile"),
    )
    preferred: bool = flag("Preferred", "Bevorzugt")


class Tag(Record, table=True):
    """A tag people may choose; what carries a tag holds its name."""

    __tablename__ = "tag"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "tag", "Tag", "Schlagwort", "Tags", "Schlagwörter", "tag", ("name",), catalogue=True
    )

    name: str = text("Name", "Name")
    description: str = text("Description", "Beschreibung")
