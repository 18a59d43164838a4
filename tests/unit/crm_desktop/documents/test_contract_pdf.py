"""The paper of a contract: what was agreed in whole sentences, in two languages, with the signature on it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pypdfium2
import pytest

from crm_desktop.documents.contract_document import ContractDocument
from crm_desktop.documents.contract_pdf import render_contract
from crm_desktop.documents.contract_wording import clauses
from crm_desktop.documents.quote_document import Company, Signature
from crm_desktop.documents.wording import Language, Wording

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
FRAME = ContractDocument(
    company=Company(
        "Northwind Traders", legal_name="Northwind Traders GmbH", street="Speicherstraße 12", city="Berlin"
    ),
    recipient=("Alfreds Futterkiste", "Frau Maria Anders", "Obere Str. 57", "12209 Berlin"),
    customer_name="Alfreds Futterkiste",
    contact_name="Maria Anders",
    number="C-001",
    name="Rahmenvertrag Getränke",
    kind="frame",
    made_at=datetime(2026, 11, 19, 10, 31, tzinfo=UTC),
    owner_name="Anne Dodsworth",
    starts_on=date(2026, 12, 1),
    ends_on=date(2027, 11, 30),
    notice_on=date(2027, 9, 1),
    notice_days=90,
    renews_months=12,
    amount=Decimal("24000"),
    payment_days=14,
    price_commitment='Die Listenpreise gelten ein Jahr.\n#import "x" $ [',
)


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(document[n].get_textpage().get_text_range() for n in range(len(document))).split())


def test_what_was_agreed_stands_on_the_paper_in_the_customers_language() -> None:
    said = text_of(render_contract(FRAME, "de"))
    for part in (
        "Rahmenvertrag C-001",
        "zwischen Northwind Traders GmbH, Speicherstraße 12, Berlin (Lieferant) und Alfreds Futterkiste, "
        "Obere Str. 57, 12209 Berlin (Kunde)",
        "§ 1 Gegenstand",
        '§ 2 Preise Die Listenpreise gelten ein Jahr. #import "x" $ [',
        "24.000,00 € im Jahr",
        "14 Tage nach ihrem Datum",
        "beginnt am 1. Dezember 2026 und läuft bis zum 30. November 2027",
        "um 12 Monate, wenn keine Partei spätestens am 1. September 2027",
        "Für Northwind Traders: Anne Dodsworth",
    ):
        assert part in said
    english = text_of(render_contract(FRAME, "en"))
    assert "Framework agreement C-001" in english
    assert "renews by 12 months at a time unless one party gives notice" in english


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"starts_on": None}, "The contract begins when it is signed and runs until 30 November 2027."),
        ({"renews_months": 0}, "It ends without any notice."),
        ({"renews_months": 1}, "It renews by one month at a time"),
        ({"ends_on": None, "notice_on": None}, "begins on 1 December 2026 and has no fixed end. Either party may end"),
        ({"ends_on": None, "notice_on": None, "notice_days": 1}, "with a notice of one day."),
        ({"starts_on": None, "ends_on": None, "notice_days": 0}, "begins when it is signed and has no fixed end."),
    ],
    ids=["no start", "no renewal", "one month", "open end", "one day", "nothing agreed"],
)
def test_the_term_is_said_as_it_was_agreed(values: dict[str, object], expected: str) -> None:
    found = clauses(replace(FRAME, **values), Wording("en", "EUR"))  # type: ignore[arg-type]
    assert expected in next(clause.text for clause in found if "Term" in clause.title)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_contract_of_which_little_is_known_is_a_paper_too(language: Language) -> None:
    bare = ContractDocument(Company(""), ("Adler",), "Adler", "", "", "", FRAME.made_at)
    found = clauses(bare, Wording(language, "EUR"))
    assert [clause.title.split()[-1] for clause in found] == (
        ["Gegenstand", "Kündigung", "Allgemeines"] if language == "de" else ["Subject", "notice", "General"]
    )
    assert render_contract(bare, language).startswith(b"%PDF")


def test_the_signature_is_on_the_paper_with_name_and_time() -> None:
    signed = replace(FRAME, signature=Signature("Maria Anders", datetime(2026, 11, 19, 10, 40, tzinfo=UTC), PNG))
    pdf = render_contract(signed, "en")
    assert b"/Subtype/Image" in pdf
    assert b"/Subtype/Image" not in render_contract(FRAME, "en")
    assert "Maria Anders, Alfreds Futterkiste, signed on the laptop" in text_of(pdf)
    assert "19 Nov 2026, 10:40" in text_of(pdf)


def test_the_companys_own_clauses_stand_in_the_place_of_the_general_ones() -> None:
    own = "Changes need our signature.\n# Delivery\nFree within the country.\nAbroad at cost.\n#\n# Nothing below\n"
    found = [(one.title, one.text) for one in clauses(replace(FRAME, own_clauses=own), Wording("en", "EUR"))]
    assert found[3:] == [
        ("4. General", "Changes need our signature."),
        ("5. Delivery", "Free within the country.\nAbroad at cost."),
    ]
    (general,) = clauses(replace(FRAME, own_clauses="# Empty\n"), Wording("de", "EUR"))[3:]
    assert general.text.startswith("Änderungen bedürfen der Textform.")


def test_nobody_signs_a_page_that_says_nothing() -> None:
    """However long the clauses are, the last of them stands where the signatures are, signed or not."""
    signature = Signature("Maria Anders", datetime(2026, 11, 19, 10, 40, tzinfo=UTC), PNG)
    for lines in (2, 3, 4, 5, 6):
        own = "".join(f"# Teil {n}\nWir liefern frei Haus, am Donnerstag.\n" for n in range(lines))
        pages = []
        for paper in (replace(FRAME, own_clauses=own), replace(FRAME, own_clauses=own, signature=signature)):
            with pypdfium2.PdfDocument(render_contract(paper, "de")) as document:
                pages.append([document[n].get_textpage().get_text_range() for n in range(len(document))])
        for said in pages:
            assert f"Teil {lines - 1}" in said[-1]
            assert "Für Northwind Traders" in said[-1]
        assert len(pages[0]) == len(pages[1]), "signing moved something to another page"
