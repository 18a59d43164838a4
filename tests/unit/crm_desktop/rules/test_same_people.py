"""Rows of one list that mean the same person."""

import pytest

from crm_desktop.rules.same_people import SamePeople

UTE = {"name": "Ute Voß", "company": "Nord AG", "email": "ute@nord.example", "phone": "+49 40 123456"}


def row(**values: str) -> dict[str, str]:
    return values


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (UTE, row(name="Voss, Ute", company="Nord")),
        (UTE, row(name="Ute Vos", company="Nord AG", email="voss@nord.example")),
        (UTE, row(email="UTE@nord.example")),
        (UTE, row(name="Frau Voss", email="ute@nord.example", company="Norddeutsche Handelsgesellschaft")),
        (UTE, row(name="Ute Voss", phone="040/123 456")),
        (row(name="Jürgen Weißmüller"), row(name="Juergen Weismueller")),
        (row(name="Annegret Schmidt"), row(name="Anegret Schmitd")),
        (row(company="Alfreds Futterkiste GmbH"), row(company="Alfred Futterkiste")),
    ],
)
def test_rows_of_one_person_are_found(one: dict[str, str], two: dict[str, str]) -> None:
    assert SamePeople([row(name="Somebody Else"), one, two]).earlier(2) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (UTE, row(name="Jan Kurz", company="Nord AG", phone="+49 40 123456")),  # one switchboard
        (row(name="Jan Kurz", email="info@nord.example"), row(name="Ute Voss", email="info@nord.example")),
        (row(name="Thomas Müller", company="Nord AG"), row(name="Thomas Müller", company="Süd GmbH")),
        (row(name="Thomas Müller", email="t@nord.example"), row(name="Thomas Müller", email="t@sued.example")),
        (row(name="Visitor 17"), row(name="Visitor 18")),
        (row(company="Nord AG", email="a@nord.example"), row(company="Nord AG", email="b@nord.example")),
        (row(name="Ute Voss", company="Nord AG"), row(company="Nord AG")),
        (row(email="a@nord.example"), row(email="b@nord.example")),
    ],
)
def test_two_people_are_not_taken_for_one(one: dict[str, str], two: dict[str, str]) -> None:
    assert SamePeople([one, two]).earlier(1) is None


def test_the_first_of_three_is_named() -> None:
    people = SamePeople([UTE, UTE, UTE])
    assert [people.earlier(number) for number in range(3)] == [None, 0, 0]
