"""What stands on a quote's paper. Neither cost nor margin has a field here: they cannot get out by mistake."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crm_desktop.rules.pricing import Totals


@dataclass(frozen=True, slots=True)
class Company:
    """Our letterhead, in the language of the paper."""

    name: str
    tagline: str = ""
    legal_name: str = ""  # with its form, in the footer; empty: `name`
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    register: str = ""
    vat_id: str = ""
    bank_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    footer_columns: tuple[tuple[str, ...], ...] = ()  # empty: made of the fields above


@dataclass(frozen=True, slots=True)
class Replaced:
    """The revision this paper takes the place of."""

    revision: int
    sent_on: date
    author: str = ""

    @property
    def called(self) -> str:
        """How this revision is called on every paper."""
        return called(self.revision, self.author)


@dataclass(frozen=True, slots=True)
class QuoteDocumentLine:
    """One line. Prices are per unit in the document's currency, `total` is rounded to its minor unit."""

    name: str
    quantity: Decimal
    list_price: Decimal
    net_price: Decimal
    tax_percent: Decimal
    total: Decimal
    position: str = ""  # empty: counted 1, 2, 3
    unit: str = ""
    detail: str = ""  # second line, beside the unit: "from 50, contract 2026"
    optional: bool = False  # offered, not in the totals


@dataclass(frozen=True, slots=True)
class Term:
    """One row of terms: “Payment”, “30 days net”."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed and when; `picture` (PNG) is empty where it is not on this laptop."""

    name: str
    at: datetime
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class QuoteDocument:
    """A quote revision ready for paper. Texts are plain text; line breaks in `intro` and `closing` stay."""

    company: Company
    recipient: tuple[str, ...]  # address lines as on the envelope
    number: str
    revision: int
    quote_date: date
    currency: str
    lines: tuple[QuoteDocumentLine, ...]
    totals: Totals
    made_at: datetime  # the device's wall clock; also the file's timestamp
    made_offline: bool = False
    customer_name: str = ""  # under the signature line; empty: first address line
    customer_number: str = ""
    replaces: Replaced | None = None
    valid_until: date | None = None
    price_list: str = ""
    price_list_date: date | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    salutation: str = ""
    intro: str = ""
    closing: str = ""
    terms: tuple[Term, ...] = ()
    checksum: str = ""
    signature: Signature | None = None
    draft: bool = False  # prints DRAFT across the page: not to be handed out
    author: str = ""  # whose revision this is, where it is a colleague's of who made the quote

    @property
    def called(self) -> str:
        """How this revision is called on every paper."""
        return called(self.revision, self.author)

    @property
    def file_name(self) -> str:
        """Name of the paper's file, without an ending."""
        return f"{self.number}-{self.called}".replace("/", "-")


def called(revision: int, author: str) -> str:
    """What tells a revision from all others of its quote: “3”, or “3 (Anna)”.

    Two people without a network may take the same number, and a paper that is out is never given another.
    """
    return f"{revision} ({author})" if author else str(revision)
