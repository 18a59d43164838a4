"""Files: photos, papers and memos kept with a customer, a visit, a quote. The record; its bytes travel apart."""

import re
from datetime import datetime
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Privacy
from crm_desktop.model.fields import Record, instant, integer, long_text, reference, text

# Content is named by its hash: what a record says of these never changes, another content is another record.
CONTENT_FIELDS = frozenset({"sha256", "size", "media_type"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(value: object) -> bool:
    """Whether a value names a content: 64 hexadecimal digits in lower case."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


class Attachment(Record, table=True):
    """A file of exactly one other record. `sha256` names its bytes, `size` counts them."""

    __tablename__ = "attachment"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "attachment",
        "File",
        "Datei",
        "Files",
        "Dateien",
        "paperclip",
        ("name",),
        parents=(
            "visit_id",
            "quote_id",
            "opportunity_id",
            "order_id",
            "contract_id",
            "case_id",
            "lead_id",
            "contact_id",
            "account_id",
        ),
        indexes=(
            ("visit_id",),
            ("quote_id",),
            ("opportunity_id",),
            ("order_id",),
            ("contract_id",),
            ("case_id",),
            ("lead_id",),
            ("contact_id",),
            ("account_id",),
            ("sha256",),
        ),
    )

    visit_id: str | None = reference("Visit", "Besuch", "visit")
    quote_id: str | None = reference("Quote", "Angebot", "quote")
    opportunity_id: str | None = reference("Opportunity", "Verkaufschance", "opportunity")
    order_id: str | None = reference("Order", "Auftrag", "order")
    contract_id: str | None = reference("Contract", "Vertrag", "contract")
    case_id: str | None = reference("Case", "Fall", "case")
    lead_id: str | None = reference("Lead", "Interessent", "lead")
    contact_id: str | None = reference("Contact", "Kontakt", "contact", aliases=("ansprechpartner",))
    account_id: str | None = reference("Account", "Kunde", "account")
    name: str = text("File name", "Dateiname", search=True, privacy=Privacy.PERSONAL)
    media_type: str = text("Type", "Art", form=False)
    size: int | None = integer("Size (bytes)", "Größe (Byte)", form=False)
    sha256: str = text("Content", "Inhalt", form=False)
    taken_at: datetime | None = instant("Taken", "Aufgenommen", form=False)
    note: str = long_text("Note", "Notiz", search=True, privacy=Privacy.PERSONAL)
