"""Agreements with a customer: term, notice, renewal, committed prices."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Privacy
from crm_desktop.model.fields import Record, choice, day, decimal, instant, integer, long_text, reference, text

CONTRACT_KINDS = (
    ("frame", "Framework agreement", "Rahmenvertrag"),
    ("supply", "Supply", "Liefervertrag"),
    ("service", "Service", "Wartungsvertrag"),
    ("other", "Other", "Sonstiger"),
)
CONTRACT_STATUS = (
    ("draft", "Draft", "Entwurf"),
    ("active", "Active", "Aktiv"),
    ("notice_given", "Notice given", "Gekündigt"),
    ("ended", "Ended", "Beendet"),
)


class Contract(Record, table=True):
    """A contract. Notice has to be given `notice_days` before `ends_on`, or it renews by `renews_months`."""

    __tablename__ = "contract"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "contract",
        "Contract",
        "Vertrag",
        "Contracts",
        "Verträge",
        "handshake",
        ("name", "number"),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id",), ("owner_id", "ends_on")),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    number: str = text("Number", "Nummer", search=True)
    name: str = text("Name", "Name", search=True)
    kind: str = choice("Kind", "Art", CONTRACT_KINDS)
    status: str = choice("Status", "Status", CONTRACT_STATUS)
    starts_on: date | None = day("Start", "Beginn", group="term")
    ends_on: date | None = day("End", "Ende", group="term")
    notice_days: int | None = integer("Notice period (days)", "Kündigungsfrist (Tage)", group="term")
    renews_months: int | None = integer("Renews by (months)", "Verlängert sich um (Monate)", group="term")
    remind_days: int | None = integer("Remind before notice (days)", "Erinnerung vor Kündigung (Tage)")
    amount: Decimal | None = decimal("Value a year", "Wert im Jahr", group="amount")
    currency: str = text("Currency", "Währung", group="amount")
    price_commitment: str = long_text("Price commitment", "Preisbindung", search=True)
    note: str = long_text("Note", "Notiz", search=True)
    signed_by: str = text("Signed by", "Unterzeichnet von", group="signature", privacy=Privacy.PERSONAL)
    signed_at: datetime | None = instant("Signed", "Unterzeichnet", group="signature")
