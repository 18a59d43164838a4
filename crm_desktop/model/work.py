"""What people do with customers: visits with their note, activities, tasks, opportunities."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Merge, Privacy, Stage
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
    text,
    text_set,
)

OUTCOMES = (
    ("order", "Order", "Auftrag"),
    ("quote_wanted", "Quote wanted", "Angebot gewünscht"),
    ("follow_up", "Follow-up", "Wiedervorlage"),
    ("no_interest", "No interest", "Kein Interesse"),
    ("not_met", "Nobody met", "Niemand angetroffen"),
)
VISIT_STATUS = (
    ("planned", "Planned", "Geplant"),
    ("done", "Done", "Erledigt"),
    ("cancelled", "Cancelled", "Abgesagt"),
)
ACTIVITY_KINDS = (
    ("call", "Call", "Anruf"),
    ("email", "E-mail", "E-Mail"),
    ("letter", "Letter", "Brief"),
    ("meeting", "Meeting", "Besprechung"),
)
ACTIVITY_STATUS = (("done", "Done", "Erledigt"), ("prepared", "Prepared, not sent", "Vorbereitet, nicht gesendet"))
DIRECTIONS = (("in", "Incoming", "Eingehend"), ("out", "Outgoing", "Ausgehend"))
TASK_STATUS = (("open", "Open", "Offen"), ("done", "Done", "Erledigt"))
LOST_REASONS = (
    ("price", "Price", "Preis"),
    ("delivery", "Delivery time", "Lieferzeit"),
    ("product", "Product does not fit", "Artikel passt nicht"),
    ("relation", "Existing supplier", "Bestehender Lieferant"),
    ("budget", "No budget", "Kein Budget"),
    ("no_decision", "No decision", "Keine Entscheidung"),
    ("other", "Other", "Sonstiges"),
)
STAGES = (
    ("prospect", "Prospect", "Interessent"),
    ("qualified", "Qualified", "Qualifiziert"),
    ("quoted", "Quoted", "Angeboten"),
    ("negotiation", "Negotiation", "Verhandlung"),
    ("won", "Won", "Gewonnen"),
    ("lost", "Lost", "Verloren"),
)


class Visit(Record, table=True):
    """A visit with its note. `zone` is the IANA zone in which the visit starts."""

    __tablename__ = "visit"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "visit",
        "Visit",
        "Besuch",
        "Visits",
        "Besuche",
        "map-pin",
        ("subject",),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id", "starts_at"), ("owner_id", "starts_at")),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    owner_id: str | None = reference("Visited by", "Besucht von", "user")
    starts_at: datetime | None = instant("Start", "Beginn", group="time", stage=Stage.VISIT)
    duration_min: int | None = integer("Duration (min)", "Dauer (Min.)", group="time")
    zone: str = text("Time zone", "Zeitzone", group="time", form=False)
    fixed: bool = flag("Fixed appointment", "Fester Termin")
    calendar_uid: str = text("Calendar entry", "Kalendereintrag", form=False)
    status: str = choice("Status", "Status", VISIT_STATUS)
    subject: str = text("Subject", "Betreff", search=True)
    outcome: str = choice("Outcome", "Ergebnis", OUTCOMES)
    next_step: str = text("Next step", "Nächster Schritt")
    participants: list[str] = text_set("Participants", "Teilnehmer", privacy=Privacy.PERSONAL)
    note: str = long_text("Note", "Bericht", search=True, privacy=Privacy.PERSONAL)


class Activity(Record, table=True):
    """A call, e-mail, letter or meeting."""

    __tablename__ = "activity"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "activity",
        "Activity",
        "Aktivität",
        "Activities",
        "Aktivitäten",
        "phone",
        ("subject",),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id", "happened_at"),),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    owner_id: str | None = reference("Who", "Wer", "user")
    kind: str = choice("Kind", "Art", ACTIVITY_KINDS)
    direction: str = choice("Direction", "Richtung", DIRECTIONS)
    status: str = choice("Status", "Status", ACTIVITY_STATUS)
    happened_at: datetime | None = instant("When", "Wann")
    duration_min: int | None = integer("Duration (min)", "Dauer (Min.)")
    subject: str = text("Subject", "Betreff", search=True)
    body: str = long_text("Text", "Text", search=True, privacy=Privacy.PERSONAL)


class Task(Record, table=True):
    """Something to do, usually born in a visit note."""

    __tablename__ = "task"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "task",
        "Task",
        "Aufgabe",
        "Tasks",
        "Aufgaben",
        "square-check-big",
        ("subject",),
        account="account_id",
        owner="owner_id",
        indexes=(("owner_id", "due_on"), ("account_id",)),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    visit_id: str | None = reference("From visit", "Aus Besuch", "visit")
    owner_id: str | None = reference("Assigned to", "Zuständig", "user")
    subject: str = text("Subject", "Betreff", search=True)
    due_on: date | None = day("Due", "Fällig", merge=Merge.NEWEST)
    status: str = choice("Status", "Status", TASK_STATUS, merge=Merge.NEWEST)
    note: str = long_text("Note", "Notiz", search=True)


class Opportunity(Record, table=True):
    """A chance to sell; `amount` and `currency` conflict as one."""

    __tablename__ = "opportunity"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "opportunity",
        "Opportunity",
        "Verkaufschance",
        "Opportunities",
        "Verkaufschancen",
        "target",
        ("name",),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id",),),
    )

    account_id: str | None = reference("Account", "Kunde", "account", aliases=("accountid", "account name"))
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    name: str = text("Name", "Name", search=True, aliases=("name", "opportunity name", "deal name"))
    stage: str = choice("Stage", "Phase", STAGES, own_values=True, aliases=("stagename", "stage", "deal stage"))
    probability_percent: int | None = integer("Probability (%)", "Wahrscheinlichkeit (%)", aliases=("probability",))
    amount: Decimal | None = decimal("Amount", "Betrag", group="amount", aliases=("amount",))
    currency: str = text("Currency", "Währung", group="amount")
    closes_on: date | None = day("Close date", "Abschluss am", aliases=("closedate", "close date"))
    pipeline: str = text("Pipeline", "Vertriebsweg")
    competitor: str = text("Competitor", "Wettbewerber", group="lost", search=True)
    lost_reason: str = choice("Reason of the loss", "Verlustgrund", LOST_REASONS, group="lost")
    price_gap_percent: Decimal | None = decimal("Price gap (%)", "Preisabstand (%)", group="lost")
    lost_note: str = long_text("Word on the loss", "Bemerkung zum Verlust", search=True)
    next_purchase_on: date | None = day("Next purchase planned", "Nächster Kauf geplant")
    closed_on: date | None = day("Closed", "Abgeschlossen", merge=Merge.NEWEST, form=False)
    note: str = long_text("Note", "Notiz", search=True)
