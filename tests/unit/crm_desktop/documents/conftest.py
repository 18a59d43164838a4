"""Quotes for the document tests, and reading a PDF back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import pypdfium2
import pytest

from crm_desktop.documents.quote_document import Company, QuoteDocument, QuoteDocumentLine, Replaced, Term
from crm_desktop.rules.pricing import TotalLine, Totals, line_total, totals

D = Decimal

NORTHWIND = Company(
    name="Northwind Traders",
    tagline="Feinkost für den Handel",
    legal_name="Northwind Traders GmbH",
    street="Speicherstraße 12",
    postal_code="10243",
    city="Berlin",
    register="Amtsgericht Charlottenburg, HRB 000000",
    vat_id="DE000000000",
    bank_lines=("Musterbank, IBAN DE00 0000 0000 0000 0000 00", "BIC MUSTDEXX"),
)


def line(
    name: str,
    quantity: str,
    list_price: str,
    net: str,
    tax: int,
    unit: str = "",
    detail: str = "",
    currency: str = "EUR",
) -> QuoteDocumentLine:
    total = line_total(D(quantity), D(net), currency)
    return QuoteDocumentLine(
        name, D(quantity), D(list_price), D(net), D(tax), total, unit=unit, detail=detail, optional="Konbu" in name
    )


def sums(lines: tuple[QuoteDocumentLine, ...], currency: str = "EUR") -> Totals:
    return totals([TotalLine(item.total, item.tax_percent, item.optional) for item in lines], currency)


@pytest.fixture
def worked_example() -> QuoteDocument:
    """The quote of the look, in German: one page."""
    lines = (
        line("Chai", "60", "18.00", "15.42", 7, "10 Schachteln × 20 Beutel", "Staffel ab 50, Vertrag 2026"),
        line("Tofu", "30", "23.25", "22.55", 7, "40 Packungen × 100 g"),
        line("Queso Cabrales", "20", "21.00", "20.37", 7, "1-kg-Packung", "Staffel ab 20"),
        line("Sirop d’érable", "24", "28.50", "25.08", 7, "24 Flaschen × 500 ml", "Aktion bis 30. November"),
        line("Vegie-spread", "8", "43.90", "43.90", 7, "15 Gläser × 625 g"),
        line("Fracht", "1", "49.00", "49.00", 19, "", "Speedy Express, frei ab 500 € je Lieferung"),
    )
    return QuoteDocument(
        company=NORTHWIND,
        recipient=("Alfreds Futterkiste", "Frau Maria Anders", "Obere Str. 57", "12209 Berlin"),
        number="D7F-00012",
        revision=2,
        quote_date=date(2026, 11, 19),
        currency="EUR",
        lines=lines,
        totals=sums(lines),
        made_at=datetime(2026, 11, 19, 10, 31),
        made_offline=True,
        customer_number="ALFKI",
        replaces=Replaced(1, date(2026, 11, 3)),
        valid_until=date(2026, 11, 30),
        price_list="EUR Handel",
        price_list_date=date(2026, 11, 16),
        contact_name="Anne Dodsworth",
        contact_phone="030 555 41 22",
        contact_email="a.dodsworth@northwind.example",
        salutation="Sehr geehrte Frau Anders,",
        intro="vielen Dank für das Gespräch am 19. November. Wie vereinbart bieten wir Ihnen die Herbstware zu "
        "Ihren Vertragskonditionen 2026 an, mit wöchentlicher Lieferung ab dem 1. Dezember.",
        terms=(
            Term("Zahlung", "30 Tage netto"),
            Term("Lieferung", "ab 1. Dezember, wöchentlich, frei Lager Berlin"),
            Term("Bestellung", "formlos oder mit Unterschrift auf dieser Seite"),
        ),
        checksum="7F2A-91C4",
    )


@pytest.fixture
def english_example(worked_example: QuoteDocument) -> QuoteDocument:
    """For a customer abroad, with an option and an unrounded unit price."""
    lines = (
        line("Chai", "60", "18.00", "15.42", 7, "10 boxes x 20 bags", "scale from 50, contract 2026"),
        line("Tofu", "30", "23.25", "22.55", 7, "40 - 100 g pkgs."),
        line("Queso Cabrales", "20", "21.00", "20.37", 7, "1 kg pkg.", "scale from 20"),
        line("Sirop d’érable", "24", "28.50", "25.08", 7, "24 - 500 ml bottles", "promotion until 30 November"),
        line("Vegie-spread", "8", "43.90", "43.90", 7, "15 - 625 g jars"),
        line("Freight", "1", "49.00", "49.00", 19, "", "Speedy Express, free from €500 per delivery"),
        line("Konbu", "12", "31.00", "29.4515", 7, "2 kg box"),
    )
    return replace(
        worked_example,
        company=replace(
            NORTHWIND, tagline="Fine food for the trade", phone="+49 30 555 41 0", email="office@northwind.example"
        ),
        recipient=("Around the Horn", "Mr Thomas Hardy", "120 Hanover Sq.", "London", "WA1 1DP", "United Kingdom"),
        customer_number="AROUT",
        price_list="EUR Trade",
        lines=lines,
        totals=sums(lines),
        salutation="Dear Mr Hardy,",
        intro="Thank you for the talk on 19 November.\n\nAs agreed we offer the autumn range at your conditions,\n"
        "with weekly delivery from 1 December.",
        terms=(Term("Payment", "30 days net"), Term("Delivery", "weekly from 1 December")),
        made_offline=False,
    )


@pytest.fixture
def long_example(worked_example: QuoteDocument) -> Callable[..., QuoteDocument]:
    """A quote of so many lines."""

    def of_lines(count: int, detail: str = "") -> QuoteDocument:
        lines = tuple(
            line(f"Artikel {number:02d}", str(number), "12.50", "11.88", 7 if number % 3 else 19, "", detail)
            for number in range(1, count + 1)
        )
        return replace(worked_example, lines=lines, totals=sums(lines))

    return of_lines


@pytest.fixture
def odd_example(worked_example: QuoteDocument) -> QuoteDocument:
    """Markup, endless words, endless addresses, huge figures."""
    lines = (
        line(
            '#panic() *x* $a$ <b> @ref `raw` \\ // /* = - + ~ --- "quote" [x] {y}',
            "1",
            "1",
            "1",
            7,
            "#sys.version",
            "$x$",
        ),
        line(
            "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3,
            "999999.999",
            "1234567.8901",
            "1234567.8901",
            19,
        ),
        line(
            "Ein sehr langer Name mit vielen Worten, der über mehrere Zeilen umbricht und nichts überdeckt, " * 3,
            "1",
            "2",
            "2",
            0,
        ),
        line("Łódź Ñandú Ελλάδα Київ Åse Ðorđe ½ ™", "0.5", "1", "0.3333", 7),
    )
    return replace(
        worked_example,
        company=replace(
            NORTHWIND, name="#Import GmbH & Co. <KG>", footer_columns=(("A" * 90,), ("$b$", "*c*", "_d_", "e", "f"))
        ),
        recipient=(
            "Gesellschaft für außergewöhnlich lange Firmennamen und Beteiligungen mbH & Co. KGaA",
            *("Zeile *n*",) * 9,
        ),
        lines=lines,
        totals=sums(lines),
        salutation="*Dear* <you>,",
        intro='= Heading\n- list\n#panic("x")\n\n$ x^2 $ \\ @a',
        contact_email="a.very.long.address.of.a.person.with.many.names@some.very.long.domain.northwind.example",
        terms=(Term("#t", "x\n" * 40), Term("*u*", "word " * 300)),
        closing="Closing *words*",
        draft=True,
    )


class Word(NamedTuple):
    """One run of text with its box in points, y upwards from the foot of the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@pytest.fixture
def page_texts() -> Callable[[bytes], list[str]]:
    """Text of every page as it is read, one line per printed line; no-break spaces are spaces."""

    def read(pdf: bytes) -> list[str]:
        with pypdfium2.PdfDocument(pdf) as document:
            texts = [page.get_textpage().get_text_bounded() for page in document]
        return [text.replace("\r\n", "\n").replace("\u00a0", " ") for text in texts]

    return read


@pytest.fixture
def words_of() -> Callable[[bytes, int], list[Word]]:
    """Runs of text of one page with their boxes."""

    def read(pdf: bytes, index: int) -> list[Word]:
        with pypdfium2.PdfDocument(pdf) as document:
            text = document[index].get_textpage()
            boxes = [text.get_rect(number) for number in range(text.count_rects())]
            return [Word(text.get_text_bounded(*box), *box) for box in boxes]

    return read
