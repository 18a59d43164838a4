"""The quote on paper: what it says, how it breaks over pages, and what can never be on it."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest

from crm_desktop.documents import quote_document
from crm_desktop.documents.quote_document import QuoteDocument, Signature, Term
from crm_desktop.documents.quote_pdf import render_quote
from crm_desktop.errors import BugError, KnownError
from crm_desktop.rules.pricing import Totals

PageTexts = Callable[[bytes], list[str]]
ONE_DOT = (
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
WordsOf = Callable[[bytes, int], list[Any]]
LongExample = Callable[..., QuoteDocument]


def overlaps(words: list[Any]) -> list[tuple[str, str]]:
    """Pairs of printed runs whose boxes share ink by more than a hair."""
    solid = [word for word in words if word.text.strip() and word.text.strip() not in ("Draft", "Entwurf")]
    return [
        (one.text, other.text)
        for index, one in enumerate(solid)
        for other in solid[index + 1 :]
        if min(one.right, other.right) - max(one.left, other.left) > 0.8
        and min(one.top, other.top) - max(one.bottom, other.bottom) > 0.8
    ]


def test_german_quote_says_everything(worked_example: QuoteDocument, page_texts: PageTexts) -> None:
    pages = page_texts(render_quote(worked_example, "de"))
    assert len(pages) == 1
    for expected in (
        "Northwind Traders · Speicherstraße 12 · 10243 Berlin",
        "Alfreds Futterkiste\nFrau Maria Anders\nObere Str. 57\n12209 Berlin",
        "Angebot D7F-00012, Fassung 2",
        "Fassung 2, ersetzt 1 vom 03.11.2026",
        "Datum 19. November 2026",
        "Gültig bis 30. November 2026",
        "Kundennummer ALFKI",
        "Preisliste EUR Handel, Stand 16.11.2026",
        "Ihr Kontakt Anne Dodsworth",
        "a.dodsworth@northwind.example",
        "Pos. Artikel Menge Listenpreis Ihr Preis USt. Betrag €",
        "10 Schachteln × 20 Beutel · Staffel ab 50, Vertrag 2026",
        "60 18,00 15,42 7 % 925,20",
        "Zwischensumme netto 3.011,22",
        "Umsatzsteuer 7 % auf 2.962,22 207,36",
        "Umsatzsteuer 19 % auf 49,00 9,31",
        "Gesamtbetrag 3.227,89 €",
        "Zahlung 30 Tage netto",
        "Unterschrift Alfreds Futterkiste",
        "USt-IdNr. DE000000000",
        "Prüfsumme 7F2A-91C4 · erstellt ohne Netz am 19.11.2026, 10:31",
        "Seite 1 von 1",
    ):
        assert expected in pages[0]


def test_english_quote_speaks_english(english_example: QuoteDocument, page_texts: PageTexts) -> None:
    (page,) = page_texts(render_quote(english_example, "en"))
    for expected in (
        "Quote D7F-00012, revision 2",
        "Revision 2, replaces 1 of 3 Nov 2026",
        "Date 19 November 2026",
        "No. Product Quantity List price Your price VAT Amount €",
        "60 18.00 15.42 7% 925.20",
        "Option · 2 kg box",
        "12 31.00 29.4515 7% (353.42)",
        "Options are not included in the total.",
        "Subtotal, net 3,011.22",
        "VAT 7% on 2,962.22 207.36",
        "Total €3,227.89",
        "made on 19 Nov 2026, 10:31",
        "Page 1 of 1",
    ):
        assert expected in page
    assert "Angebot" not in page


def test_sixty_lines_break_over_pages(long_example: LongExample, page_texts: PageTexts) -> None:
    pages = page_texts(render_quote(long_example(60), "de"))
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von 3" in page
        assert "Pos. Artikel Menge" in page
        assert "Amtsgericht Charlottenburg" in page
    assert "Artikel 60" in pages[2]
    # The sum carried over is the one of the lines on the pages before.
    assert "Übertrag" not in pages[0]
    for page, before in ((pages[1], pages[:1]), (pages[2], pages[:2])):
        printed = [number for number in range(1, 61) if any(f"Artikel {number:02d}" in text for text in before)]
        carried = sum(number * Decimal("11.88") for number in printed)
        german = f"{carried:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
        assert f"Übertrag  {german} €" in page


@pytest.mark.parametrize("count", range(7, 17))
def test_totals_block_is_never_torn(
    count: int, long_example: LongExample, page_texts: PageTexts, words_of: WordsOf
) -> None:
    pdf = render_quote(long_example(count, "with a second line"), "de")
    pages = page_texts(pdf)
    with_total = [page for page in pages if "Gesamtbetrag" in page]
    assert len(with_total) == 1
    for belonging in ("Zwischensumme netto", "Umsatzsteuer 7 %", "Zahlung", "Unterschrift"):
        assert belonging in with_total[0]
    for index in range(len(pages)):
        assert overlaps(words_of(pdf, index)) == []
    if "Artikel" not in with_total[0]:  # they begin a page: with room below its head
        words = words_of(pdf, pages.index(with_total[0]))
        head, below = (next(w for w in words if w.text.startswith(said)) for said in ("Übertrag", "Zwischensumme"))
        assert head.bottom - below.top > 10


def test_user_text_is_never_markup(odd_example: QuoteDocument, page_texts: PageTexts) -> None:
    printed = "\n".join(page_texts(render_quote(odd_example, "en"))).replace("\n", "").replace(" ", "")
    for text in ('#panic()*x*$a$<b>@ref`raw`\\///*=-+~---"quote"[x]{y}', "#sys.version·$x$", "*Dear*<you>,"):
        assert text in printed
    assert '=Heading-list#panic("x")$x^2$\\@a' in printed
    assert "#ImportGmbH&Co.<KG>" in printed


def test_nothing_overlaps_or_leaves_the_page(odd_example: QuoteDocument, words_of: WordsOf) -> None:
    pdf = render_quote(replace(odd_example, draft=False), "en")
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
        width = document[0].get_width()
    for index in range(pages):
        words = words_of(pdf, index)
        assert overlaps(words) == []
        assert all(word.right < width - 50 and word.left > 50 and word.bottom > 20 for word in words)


def test_words_that_fit_are_not_cut(english_example: QuoteDocument, page_texts: PageTexts) -> None:
    (page,) = page_texts(render_quote(english_example, "en"))
    assert "\u200b" not in page
    assert "+49 30 555 41 0 · office@northwind.example" in page


def test_address_stands_in_the_window_of_the_envelope(worked_example: QuoteDocument, words_of: WordsOf) -> None:
    def millimetres(points: float) -> float:
        return points * 25.4 / 72

    words = words_of(render_quote(worked_example, "de"), 0)
    inside = [word for word in words if word.text.strip() in (*worked_example.recipient, "Obere Str. 57")]
    assert len(inside) == 4
    for word in inside:
        assert 20 < millimetres(word.left) < millimetres(word.right) < 105
        assert 45 < 297 - millimetres(word.top) < 297 - millimetres(word.bottom) < 90


def test_figures_end_at_one_edge(worked_example: QuoteDocument, words_of: WordsOf) -> None:
    words = words_of(render_quote(worked_example, "de"), 0)
    edges = [
        word.right
        for word in words
        if word.text.strip() in ("925,20", "676,50", "407,40", "601,92", "351,20", "3.011,22", "207,36")
    ]
    assert len(edges) == 7
    assert max(edges) - min(edges) < 0.5


def test_equal_documents_give_equal_bytes(worked_example: QuoteDocument) -> None:
    assert render_quote(worked_example, "de") == render_quote(replace(worked_example), "de")
    assert render_quote(worked_example, "de") != render_quote(replace(worked_example, revision=3), "de")


def test_the_file_is_tagged_archivable_and_dated(worked_example: QuoteDocument) -> None:
    stamped = replace(worked_example, made_at=datetime(2026, 11, 19, 9, 31, tzinfo=UTC))
    pdf = render_quote(stamped, "de")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert b"/MarkInfo" in pdf
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_value("Title") == "Angebot D7F-00012, Fassung 2"
        assert document.get_metadata_value("CreationDate").startswith("D:20261119093100")


def test_cost_and_margin_have_no_place_on_paper() -> None:
    for kind in (quote_document.QuoteDocument, quote_document.QuoteDocumentLine, quote_document.Company):
        names = {field.name for field in fields(kind)}
        assert not [name for name in names if "cost" in name or "margin" in name or "floor" in name]


def test_a_paper_that_does_not_add_up_is_not_printed(worked_example: QuoteDocument) -> None:
    for totals in (
        replace(worked_example.totals, net=Decimal("3011.23")),
        replace(worked_example.totals, gross=Decimal("3227.90")),
    ):
        with pytest.raises(BugError):
            render_quote(replace(worked_example, totals=totals), "de")


def test_a_sign_no_font_has_is_named(worked_example: QuoteDocument) -> None:
    with pytest.raises(KnownError) as refusal:
        render_quote(replace(worked_example, intro="before \U0001fffd after"), "de")
    assert refusal.value.code == "cannot_print_sign"
    assert refusal.value.advice


def test_control_signs_are_left_out(worked_example: QuoteDocument, page_texts: PageTexts) -> None:
    odd = replace(worked_example, recipient=("Al\x00freds\u202e Futter\nkiste\ud800", "B"), customer_name="C")
    (page,) = page_texts(render_quote(odd, "de"))
    assert "Alfreds Futter kiste\nB" in page


def test_what_is_not_known_is_not_shown(worked_example: QuoteDocument, page_texts: PageTexts) -> None:
    bare = QuoteDocument(
        company=quote_document.Company(""),
        recipient=(),
        number="1",
        revision=1,
        quote_date=worked_example.quote_date,
        currency="JPY",
        lines=(),
        totals=Totals(Decimal(0), Decimal(0), Decimal(0), (), Decimal(0), Decimal(0)),
        made_at=worked_example.made_at,
    )
    (page,) = page_texts(render_quote(bare, "de"))
    assert "Gültig bis" not in page
    assert "Umsatzsteuer" not in page
    assert "Prüfsumme" not in page
    assert "Gesamtbetrag 0 ¥" in page


def test_terms_without_a_label_begin_at_the_margin(worked_example: QuoteDocument, words_of: WordsOf) -> None:
    terms = (Term("", "Es gelten unsere Bedingungen."), Term("Zahlung", "30 Tage netto"))
    words = words_of(render_quote(replace(worked_example, terms=terms), "de"), 0)
    left = {word.text.strip(): word.left for word in words}
    assert abs(left["Es gelten unsere Bedingungen."] - left["Zahlung"]) < 1
    assert left["30 Tage netto"] - left["Zahlung"] > 20


def test_long_terms_go_below_the_totals_and_over_pages(worked_example: QuoteDocument, page_texts: PageTexts) -> None:
    terms = tuple(Term(f"Nr. {number}", "Bedingung " * 60) for number in range(1, 16))
    pages = page_texts(render_quote(replace(worked_example, terms=terms), "de"))
    assert len(pages) > 1
    assert "Gesamtbetrag" in pages[0]
    assert "Nr. 15" in pages[-1]
    assert "Unterschrift" in pages[-1]


def test_signing_moves_nothing_to_another_page(long_example: LongExample, page_texts: PageTexts) -> None:
    signature = Signature("Maria Anders", datetime(2026, 11, 19, 10, 40, tzinfo=UTC), bytes.fromhex(ONE_DOT))
    broken = set()
    for count in range(10, 18):
        quote = long_example(count)
        plain, signed = (
            len(page_texts(render_quote(one, "de"))) for one in (quote, replace(quote, signature=signature))
        )
        assert plain == signed, count
        broken.add(plain)
    assert broken == {1, 2}, "none of them was at the end of its page"
