"""Papers: quotes with revisions and lines, orders with lines."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Merge, Privacy
from crm_desktop.model.fields import (
    Record,
    choice,
    day,
    decimal,
    flag,
    instant,
    integer,
    long_text,
    reference,
    state,
    text,
)
from crm_desktop.model.work import LOST_REASONS

REVISION_STATES = (
    ("draft", "Draft", "Entwurf"),
    ("waiting_approval", "Waiting for approval", "Wartet auf Freigabe"),
    ("approved", "Approved", "Freigegeben"),
    ("returned", "Returned", "Zurückgegeben"),
    ("sent", "Sent", "Gesendet"),
    ("superseded", "Superseded", "Ersetzt"),
    ("accepted", "Accepted", "Angenommen"),
    ("lost", "Lost", "Verloren"),
    ("expired", "Expired", "Abgelaufen"),
)
# Sync design 2.5: a superseded revision may still be accepted while it is valid.
REVISION_TRANSITIONS = (
    ("draft", "waiting_approval"),
    ("waiting_approval", "approved"),
    ("waiting_approval", "returned"),
    ("returned", "draft"),
    ("draft", "sent"),
    ("approved", "sent"),
    ("sent", "accepted"),
    ("sent", "lost"),
    ("sent", "expired"),
    ("sent", "superseded"),
    ("superseded", "accepted"),
)
ORDER_STATUS = (
    ("open", "Open", "Offen"),
    ("delivered", "Delivered", "Geliefert"),
    ("cancelled", "Cancelled", "Storniert"),
)


class Quote(Record, table=True):
    """A quote: its number for ever, its account, its revisions. Root of revisions and lines."""

    __tablename__ = "quote"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "quote",
        "Quote",
        "Angebot",
        "Quotes",
        "Angebote",
        "file-text",
        ("number",),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id",), ("owner_id",), ("number",)),
    )

    number: str = text("Number", "Nummer", search=True)
    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    opportunity_id: str | None = reference("Opportunity", "Verkaufschance", "opportunity")
    chance_percent: int | None = integer("Chance (%)", "Chance (%)", group="chance")
    chance_reason: str = text("Reason", "Grund", group="chance")
    follow_up_on: date | None = day("Follow-up", "Wiedervorlage")
    competitor: str = text("Competitor", "Wettbewerber", group="lost", search=True)
    lost_reason: str = choice("Reason of the loss", "Verlustgrund", LOST_REASONS, group="lost")
    price_gap_percent: Decimal | None = decimal("Price gap (%)", "Preisabstand (%)", group="lost")
    lost_note: str = long_text("Word on the loss", "Bemerkung zum Verlust", search=True)
    closed_on: date | None = day("Closed", "Abgeschlossen", merge=Merge.NEWEST, form=False)


class QuoteRevision(Record, table=True):
    """One version of a quote. Only drafts are editable; issuing the paper freezes it."""

    __tablename__ = "quote_revision"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "quote_revision",
        "Revision",
        "Fassung",
        "Revisions",
        "Fassungen",
        "history",
        ("revision",),
        parents=("quote_id",),
        indexes=(("quote_id",),),
    )

    quote_id: str | None = reference("Quote", "Angebot", "quote")
    revision: int | None = integer("Revision", "Fassung")
    # Two laptops may each replace one paper, without a network: what has become of it stops neither new one.
    status: str = state("Status", "Status", REVISION_STATES, REVISION_TRANSITIONS, yielding=("superseded",))
    quote_date: date | None = day("Date", "Datum", group="pricing")
    valid_until: date | None = day("Valid until", "Gültig bis")
    price_list_id: str | None = reference("Price list", "Preisliste", "price_list", group="pricing")
    currency: str = text("Currency", "Währung", group="pricing")
    discount_percent: Decimal | None = decimal("Discount (%)", "Rabatt (%)", places=4, group="pricing")
    needs_review: bool = flag("Needs review", "Zu prüfen")
    sent_at: datetime | None = instant("Sent", "Gesendet", form=False)
    intro: str = long_text("Text on the quote", "Text auf dem Angebot")
    terms: str = long_text("Terms", "Bedingungen")
    requested_by: str | None = reference("Approval asked by", "Freigabe erbeten von", "user", group="request")
    requested_at: datetime | None = instant("Approval asked", "Freigabe erbeten", group="request")
    request_note: str = long_text("Reason for approval", "Grund für die Freigabe")
    decided_by: str | None = reference("Approval decided by", "Freigabe entschieden von", "user", group="decision")
    decided_at: datetime | None = instant("Approval decided", "Freigabe entschieden", group="decision")
    decision_note: str = long_text("Word on the approval", "Wort zur Freigabe")
    signed_by: str = text("Signed by", "Unterzeichnet von", group="signature", privacy=Privacy.PERSONAL)
    signed_at: datetime | None = instant("Signed", "Unterzeichnet", group="signature")
    signature_id: str | None = reference("Signature", "Unterschrift", "attachment", group="signature", form=False)


class QuoteLine(Record, table=True):
    """One line; the price is kept as computed, with the ladder that explains it (JSON text)."""

    __tablename__ = "quote_line"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "quote_line",
        "Quote line",
        "Angebotszeile",
        "Quote lines",
        "Angebotszeilen",
        "list",
        ("name",),
        parents=("quote_id",),
        indexes=(("quote_id", "revision_id"),),
    )

    quote_id: str | None = reference("Quote", "Angebot", "quote")
    revision_id: str | None = reference("Revision", "Fassung", "quote_revision")
    position: str = text("Position", "Position", form=False)  # fractional key, ties by id
    product_id: str | None = reference("Product", "Artikel", "product")
    name: str = text("Name", "Bezeichnung")
    unit: str = text("Unit", "Einheit")
    detail: str = text("Detail", "Zusatz")
    quantity: Decimal | None = decimal("Quantity", "Menge", places=3)
    list_price: Decimal | None = decimal("List price", "Listenpreis", places=4, group="price")
    discount_percent: Decimal | None = decimal("Discount (%)", "Rabatt (%)", places=4, group="price")
    net_price: Decimal | None = decimal("Net price", "Nettopreis", places=8, group="price")
    ladder: str = text("Price steps", "Preisstufen", group="price", form=False)
    tax_percent: Decimal | None = decimal("Tax (%)", "Steuer (%)")
    optional: bool = flag("Optional", "Optional")
    line_total: Decimal | None = decimal("Total", "Betrag", group="price")


class Order(Record, table=True):
    """An order; its official number is drawn by the server when it accepts it."""

    __tablename__ = "order"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "order",
        "Order",
        "Auftrag",
        "Orders",
        "Aufträge",
        "package",
        ("number", "provisional_number"),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id", "ordered_on"), ("number",)),
    )

    number: str = text("Number", "Nummer", search=True)
    provisional_number: str = text("Provisional number", "Vorläufige Nummer")
    account_id: str | None = reference("Account", "Kunde", "account")
    quote_id: str | None = reference("From quote", "Aus Angebot", "quote")
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    ordered_on: date | None = day("Ordered", "Bestellt am")
    requested_on: date | None = day("Requested", "Gewünscht zum")
    shipped_on: date | None = day("Shipped", "Geliefert am")
    status: str = choice("Status", "Status", ORDER_STATUS)
    currency: str = text("Currency", "Währung", group="freight")
    freight: Decimal | None = decimal("Freight", "Fracht", group="freight")
    carrier: str = text("Carrier", "Spedition")
    ship_to: str = long_text("Delivery address", "Lieferadresse")


class OrderLine(Record, table=True):
    """One line of an order, at the price of its day."""

    __tablename__ = "order_line"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "order_line",
        "Order line",
        "Auftragszeile",
        "Order lines",
        "Auftragszeilen",
        "list",
        ("name",),
        parents=("order_id",),
        indexes=(("order_id",),),
    )

    order_id: str | None = reference("Order", "Auftrag", "order")
    position: int | None = integer("Position", "Position")
    product_id: str | None = reference("Product", "Artikel", "product")
    name: str = text("Name", "Bezeichnung")
    quantity: Decimal | None = decimal("Quantity", "Menge", places=3)
    unit_price: Decimal | None = decimal("Unit price", "Einzelpreis", places=4)
    discount_percent: Decimal | None = decimal("Discount (%)", "Rabatt (%)", places=4)
    tax_percent: Decimal | None = decimal("Tax (%)", "Steuer (%)")
    line_total: Decimal | None = decimal("Total", "Betrag")
