"""People met before anything is known of them: leads of trade fairs and calls."""

from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Merge, Privacy
from crm_desktop.model.fields import Record, choice, long_text, reference, text

LEAD_STATUS = (
    ("new", "New", "Neu"),
    ("working", "Being worked on", "In Bearbeitung"),
    ("qualified", "Qualified", "Qualifiziert"),
    ("disqualified", "Disqualified", "Ausgeschieden"),
)


class Lead(Record, table=True):
    """A prospect known by as little as one e-mail address. Qualified, it points to what it became."""

    __tablename__ = "lead"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "lead",
        "Lead",
        "Interessent",
        "Leads",
        "Interessenten",
        "user-plus",
        ("name", "company", "email", "phone"),
        account="account_id",
        owner="owner_id",
        indexes=(("owner_id", "status"), ("account_id",)),
    )

    name: str = text(
        "Name",
        "Name",
        search=True,
        privacy=Privacy.PERSONAL,
        merge=Merge.ASK,
        aliases=("name", "full name", "contact name", "contactname", "ansprechpartner"),
    )
    company: str = text("Company", "Firma", search=True, aliases=("company", "company name", "account name", "firma"))
    job_title: str = text("Job title", "Funktion", privacy=Privacy.PERSONAL, aliases=("title", "job title", "funktion"))
    email: str = text("E-mail", "E-Mail", search=True, privacy=Privacy.PERSONAL, aliases=("email", "e-mail", "mail"))
    phone: str = text(
        "Phone", "Telefon", search=True, privacy=Privacy.PERSONAL, aliases=("phone", "mobile", "telefon", "mobil")
    )
    city: str = text("City", "Ort", search=True, aliases=("city", "ort", "stadt"))
    country: str = text("Country", "Land", aliases=("country", "land"))
    source: str = text("Source", "Herkunft", search=True, aliases=("lead source", "leadsource", "source", "herkunft"))
    interest: str = long_text("Interested in", "Interesse", search=True, aliases=("interest", "note", "description"))
    status: str = choice("Status", "Status", LEAD_STATUS)
    owner_id: str | None = reference("Owner", "Verantwortlich", "user")
    account_id: str | None = reference("Became account", "Wurde Kunde", "account")
    contact_id: str | None = reference("Became contact", "Wurde Kontakt", "contact", aliases=("wurde ansprechpartner",))
