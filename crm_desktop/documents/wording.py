"""Words and figures of a paper in the customer's language. Papers follow the customer, not the program."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from crm_desktop.rules.rounding import HUNDRED, minor_places, round_half_up

Language = Literal["de", "en"]
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_MOST_PRICE_PLACES = 4

WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "quote": "Angebot",
        "title": "Angebot {number}, Fassung {revision}",
        "revision": "Fassung",
        "replaces": "{revision}, ersetzt {old} vom {date}",
        "date": "Datum",
        "valid_until": "Gültig bis",
        "customer_number": "Kundennummer",
        "price_list": "Preisliste",
        "price_list_as_of": "{name}, Stand {date}",
        "contact": "Ihr Kontakt",
        "phone": "Telefon",
        "email": "E-Mail",
        "position": "Pos.",
        "product": "Artikel",
        "quantity": "Menge",
        "list_price": "Listenpreis",
        "net_price": "Ihr Preis",
        "tax": "USt.",
        "amount": "Betrag {currency}",
        "optional": "Option",
        "optional_note": "Optionen sind im Gesamtbetrag nicht enthalten.",
        "carried": "Übertrag",
        "net": "Zwischensumme netto",
        "tax_line": "Umsatzsteuer {rate} auf {base}",
        "total": "Gesamtbetrag",
        "place_date": "Ort, Datum",
        "signature": "Unterschrift {name}",
        "signed": "{name}, {customer}, unterschrieben auf dem Laptop",
        "vat_id": "USt-IdNr. {number}",
        "checksum": "Prüfsumme {checksum}",
        "made": "erstellt am {at}",
        "made_offline": "erstellt ohne Netz am {at}",
        "page": "Seite {page} von {pages}",
        "draft": "Entwurf",
        "mail_subject": "Angebot {number}, Fassung {revision}, {company}",
        "mail_text": "anbei erhalten Sie unser Angebot {number} als PDF.",
        "mail_valid": "Es gilt bis zum {day}. Rufen Sie mich an, wenn etwas offen ist.",
        "mail_greeting": "Mit freundlichen Grüßen",
    },
    "en": {
        "quote": "Quote",
        "title": "Quote {number}, revision {revision}",
        "revision": "Revision",
        "replaces": "{revision}, replaces {old} of {date}",
        "date": "Date",
        "valid_until": "Valid until",
        "customer_number": "Customer no.",
        "price_list": "Price list",
        "price_list_as_of": "{name}, as of {date}",
        "contact": "Your contact",
        "phone": "Phone",
        "email": "E-mail",
        "position": "No.",
        "product": "Product",
        "quantity": "Quantity",
        "list_price": "List price",
        "net_price": "Your price",
        "tax": "VAT",
        "amount": "Amount {currency}",
        "optional": "Option",
        "optional_note": "Options are not included in the total.",
        "carried": "Carried forward",
        "net": "Subtotal, net",
        "tax_line": "VAT {rate} on {base}",
        "total": "Total",
        "place_date": "Place, date",
        "signature": "Signature {name}",
        "signed": "{name}, {customer}, signed on the laptop",
        "vat_id": "VAT no. {number}",
        "checksum": "Checksum {checksum}",
        "made": "made on {at}",
        "made_offline": "made offline on {at}",
        "page": "Page {page} of {pages}",
        "draft": "Draft",
        "mail_subject": "Quote {number}, revision {revision}, {company}",
        "mail_text": "please find our quote {number} attached as a PDF.",
        "mail_valid": "It is valid until {day}. Please call me if anything is open.",
        "mail_greeting": "Kind regards",
    },
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Words, dates and figures of one language and currency."""

    language: Language
    currency: str

    def word(self, key: str, **values: str) -> str:
        """The word of the language with its values filled in."""
        return WORDS[self.language][key].format(**values)

    @property
    def symbol(self) -> str:
        """“€”, or the code where the language has no sign for the currency."""
        return get_currency_symbol(self.currency, _LOCALES[self.language])

    def money(self, amount: Decimal) -> str:
        """With the currency: 3.227,89 € and €3,227.89."""
        return _minus(format_currency(amount, self.currency, locale=_LOCALES[self.language]))

    def amount(self, amount: Decimal) -> str:
        """Without the currency, at its minor unit: 3.227,89."""
        return self._figure(amount, minor_places(self.currency))

    def unit_price(self, price: Decimal) -> str:
        """At the minor unit, or with up to four places where the price has them."""
        exponent = price.normalize().as_tuple().exponent
        used = -exponent if isinstance(exponent, int) else 0
        least = minor_places(self.currency)
        places = max(least, min(used, _MOST_PRICE_PLACES))
        return self._figure(round_half_up(price, places), places)

    def quantity(self, quantity: Decimal) -> str:
        """Without idle zeros: 60 and 1,5."""
        return _minus(format_decimal(quantity, "#,##0.###", locale=_LOCALES[self.language]))

    def percent(self, percent: Decimal) -> str:
        """7 % in German, 7% in English."""
        pattern = "#,##0.##\u00a0%" if self.language == "de" else "#,##0.##%"
        return format_percent(percent / HUNDRED, pattern, locale=_LOCALES[self.language])

    def day(self, day: date) -> str:
        """19. November 2026, 19 November 2026."""
        return format_date(day, "long", locale=_LOCALES[self.language])

    def short_day(self, day: date) -> str:
        """03.11.2026, 3 Nov 2026."""
        return format_date(day, "dd.MM.yyyy" if self.language == "de" else "d MMM yyyy", _LOCALES[self.language])

    def moment(self, at: datetime) -> str:
        """19.11.2026, 10:31; 19 Nov 2026, 10:31."""
        return f"{self.short_day(at.date())}, {format_time(at, 'HH:mm', locale=_LOCALES[self.language])}"

    def _figure(self, value: Decimal, places: int) -> str:
        pattern = "#,##0." + "0" * places if places else "#,##0"
        # Babel rounds half-even by the decimal context; what comes here was rounded by the rules before.
        return _minus(format_decimal(value, pattern, locale=_LOCALES[self.language]))


def _minus(figure: str) -> str:
    return figure.replace("-", "\u2212")
