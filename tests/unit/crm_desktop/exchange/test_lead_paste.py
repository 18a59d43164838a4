"""What is pasted as leads: cards of every version, rows with and without heading, lines of addresses."""

import quopri

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.lead_paste import read_pasted

OUTLOOK = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Jäger;Nadine\r\n"
    "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=windows-1252:Nadine J=E4ger\r\n"
    "ORG:Feinkost Nord GmbH;Einkauf\r\nTEL;WORK;FAX:040 111\r\n"
    "TEL;WORK;VOICE:040 1234567\r\nTEL;CELL;VOICE:0171 7654321\r\n"
    "EMAIL;PREF;INTERNET:nadine@feinkost.example\r\nNOTE;ENCODING=QUOTED-PRINTABLE:wants =\r\nsamples=0D=0Aof Chai\r\n"
    "PHOTO;ENCODING=BASE64;TYPE=JPEG:not base64 at all!\r\nEND:VCARD\r\n"
)
APPLE = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Holm;Lars;;;\nFN:Lars Holm\nORG:Holm\\, Lund & Co;\nTITLE:Head \n Chef\n"
    "item1.EMAIL;type=INTERNET;type=pref:lars@holm.example\nitem1.X-ABLabel:work\n"
    "ADR;type=WORK:;;Street 1;Aarhus;;8000;Denmark\n"
    "X-messaging/gadu-All:452342\nEND:VCARD\n"
)
NEW = 'BEGIN:VCARD\nVERSION:4.0\nFN:Inês Matos\nTEL;VALUE=uri;TYPE="voice,work":tel:+351-21-555\nEND:VCARD\n'


def test_cards_of_every_version_in_one_text() -> None:
    pasted = read_pasted(OUTLOOK + APPLE + NEW)
    assert pasted.problems == ()
    nadine, lars, ines = (lead.values for lead in pasted.leads)
    assert nadine == {
        "name": "Nadine Jäger",
        "company": "Feinkost Nord GmbH",
        "email": "nadine@feinkost.example",
        "phone": "0171 7654321",
        "interest": "wants samples\nof Chai\n040 1234567",
    }
    assert lars == {
        "name": "Lars Holm",
        "company": "Holm, Lund & Co",
        "job_title": "Head Chef",
        "email": "lars@holm.example",
        "city": "Aarhus",
        "country": "Denmark",
    }
    assert ines == {"name": "Inês Matos", "phone": "+351-21-555"}


def test_a_broken_card_is_named_and_the_rest_goes_in() -> None:
    nobody = "BEGIN:VCARD\nVERSION:3.0\nURL:http://example.com\nEND:VCARD\n"
    open_end = "BEGIN:VCARD\nVERSION:3.0\nFN:Half Card\n"
    pasted = read_pasted(nobody + open_end + APPLE)
    assert [lead.values["name"] for lead in pasted.leads] == ["Half Card", "Lars Holm"]
    assert [(problem.line, problem.message_code) for problem in pasted.problems] == [
        (1, "unreadable_card"),
        (5, "card_not_closed"),
    ]
    assert "Half Card" in pasted.problems[1].shown("de")


def test_a_file_of_an_old_program_is_read_in_its_own_letters() -> None:
    data = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Jörg Groß\r\nEND:VCARD\r\n".encode("cp1252")
    assert read_pasted(data).leads[0].values == {"name": "Jörg Groß"}
    quoted = quopri.encodestring("Jörg Groß".encode(), quotetabs=True).decode().replace("=\n", "=\r\n")
    text = f"BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:{quoted}\r\nEND:VCARD"
    assert read_pasted(text).leads[0].values == {"name": "Jörg Groß"}


def test_rows_with_a_heading_follow_it_and_say_what_has_no_field() -> None:
    text = "Company;Name;E-Mail;Booth\nNord AG;Ute Voss;ute@nord.example;7\n;;only@mail.example;8\n"
    pasted = read_pasted(text)
    assert [lead.values for lead in pasted.leads] == [
        {"company": "Nord AG", "name": "Ute Voss", "email": "ute@nord.example"},
        {"email": "only@mail.example"},
    ]
    assert pasted.unmapped == ("Booth",)


def test_rows_without_a_heading_are_told_by_what_they_look_like() -> None:
    pasted = read_pasted("Ute Voss\tNord AG\t+49 40 1234567\tute@nord.example\nOnly Name\t\t\t\n")
    assert [lead.values for lead in pasted.leads] == [
        {"name": "Ute Voss", "company": "Nord AG", "phone": "+49 40 1234567", "email": "ute@nord.example"},
        {"name": "Only Name"},
    ]


def test_a_list_of_addresses_makes_stubs() -> None:
    pasted = read_pasted("a@example.com\n\n<b@example.com>\n040 1234567\n")
    assert [lead.values for lead in pasted.leads] == [
        {"email": "a@example.com"},
        {"email": "b@example.com"},
        {"phone": "040 1234567"},
    ]


def test_nothing_is_said_to_be_nothing() -> None:
    with pytest.raises(InvalidInput) as told:
        read_pasted("  \n ")
    assert told.value.code == "empty_file"
