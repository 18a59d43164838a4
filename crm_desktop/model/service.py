"""What a customer complains about, asks or suggests."""

from datetime import date, datetime
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Merge, Privacy
from crm_desktop.model.fields import Record, choice, day, instant, long_text, reference, text

CASE_KINDS = (
    ("complaint", "Complaint", "Reklamation"),
    ("question", "Question", "Frage"),
    ("feedback", "Feedback", "Rückmeldung"),
    ("idea", "Idea", "Idee"),
)
CASE_PRIORITIES = (("low", "Low", "Niedrig"), ("normal", "Normal", "Normal"), ("high", "High", "Hoch"))
CASE_STATUS = (
    ("new", "New", "Neu"),
    ("in_progress", "In progress", "In Bearbeitung"),
    ("answered", "Answered", "Beantwortet"),
    ("closed", "Closed", "Erledigt"),
)


class Case(Record, table=True):
    """A case or feedback captured at the customer, with the day by which it is answered."""

    __tablename__ = "case"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "case",
        "Case",
        "Fall",
        "Cases",
        "Fälle",
        "life-buoy",
        ("subject",),
        account="account_id",
        owner="owner_id",
        indexes=(("account_id",), ("owner_id", "due_on")),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    visit_id: str | None = reference("From visit", "Aus Besuch", "visit")
    product_id: str | None = reference("Product", "Artikel", "product")
    owner_id: str | None = reference("Assigned to", "Zuständig", "user")
    kind: str = choice("Kind", "Art", CASE_KINDS)
    priority: str = choice("Priority", "Dringlichkeit", CASE_PRIORITIES)
    status: str = choice("Status", "Status", CASE_STATUS, merge=Merge.NEWEST)
    subject: str = text("Subject", "Betreff", search=True)
    description: str = long_text("Description", "Beschreibung", search=True, privacy=Privacy.PERSONAL)
    due_on: date | None = day("Answer due", "Antwort fällig")
    answer: str = long_text("Answer", "Antwort", search=True, privacy=Privacy.PERSONAL)
    answered_at: datetime | None = instant("Answered", "Beantwortet")
