"""Invented people: more contacts per account, forms of address, buying roles, addresses of e-mail."""

import random
import re
import unicodedata

from server.sample.demo_scene import Customer, Scene
from server.sample.record import SampleRecord, sample_id, sample_record

Changes = dict[str, dict[str, object]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LADIES = _words(
    "ana alejandra anabela ann annette carine carla catherine christina elizabeth francisca hanna helen "
    "henriette isabel janete janine jytte karin laurence liz lúcia lucia maria marie martine mary patricia "
    "paula pirkko renate rita victoria yvonne ulrike sabine nadine julia claire sophie laura sara elena ingrid "
    "astrid emma olivia grace beatriz inês giulia chiara kirsi ewa camila "
)
_GENTLEMEN = _words(
    "alexander andré antonio bernardo carlos daniel diego eduardo felipe francisco georg giovanni guillermo "
    "horst howard jaime john jonas jose josé karl lino manuel mario martín matti maurizio michael miguel palle "
    "paolo patricio paul pedro peter philip rene roland sergio simon sven thomas zbyszek jens markus stefan "
    "julien luc hugo javier pablo marco luca nils erik lars jack oliver james tomás rui pieter juha tomasz "
    "rafael "
)
_NAMES: dict[str, tuple[str, str]] = {
    "germany": ("Jens Ulrike Markus Sabine Stefan Nadine Julia", "Brandt Voss Kramer Lindner Seidel Böhm Jäger"),
    "austria": ("Markus Ulrike Stefan Julia", "Huber Gruber Moser Steiner"),
    "switzerland": ("Stefan Sabine Luc Claire", "Keller Frei Brunner Favre"),
    "france": ("Julien Claire Luc Sophie Hugo", "Moreau Lefèvre Garnier Chevallier Roux"),
    "belgium": ("Pieter Claire Luc", "Janssens Peeters Dubois"),
    "spain": ("Javier Elena Pablo Laura", "Ortega Navarro Gil Iglesias"),
    "mexico": ("Rafael Elena Javier Camila", "Guzmán Salazar Ríos Cordero"),
    "argentina": ("Pablo Camila Rafael", "Acosta Benítez Ferreyra"),
    "venezuela": ("Rafael Camila Javier Elena", "Rojas Contreras Paredes Blanco"),
    "brazil": ("Rafael Beatriz Rui Camila", "Carvalho Nogueira Barbosa Teixeira"),
    "portugal": ("Rui Inês Tomás", "Figueiredo Antunes Matos"),
    "italy": ("Marco Giulia Luca Chiara", "Ferrari Conti Marchetti"),
    "denmark": ("Lars Emma Erik", "Holm Kjær Lund"),
    "sweden": ("Erik Astrid Lars", "Lindqvist Åberg Sjögren"),
    "norway": ("Lars Ingrid Erik", "Haugen Lie Solberg"),
    "finland": ("Juha Kirsi", "Mäkinen Laine"),
    "poland": ("Tomasz Ewa", "Wójcik Nowak Mazur"),
}
_OTHER_NAMES = ("Oliver Emma Jack Grace James Olivia", "Bennett Harper Walsh Fletcher Dawson Pryce")
_TITLES = {
    "en": (
        ("Purchasing Manager", "buys"),
        ("Head Chef", "influences"),
        ("Warehouse Manager", "uses"),
        ("Managing Director", "decides"),
        ("Assortment Planning", "influences"),
    ),
    "de": (
        ("Leitung Einkauf", "buys"),
        ("Küchenchef", "influences"),
        ("Lagerleitung", "uses"),
        ("Geschäftsführung", "decides"),
        ("Sortimentsplanung", "influences"),
    ),
}


def more_contacts(scene: Scene) -> list[SampleRecord]:
    """A second contact for most owned accounts, a third for key accounts, with e-mail and often a telephone."""
    records: list[SampleRecord] = []
    for customer in scene.owned:
        dice = scene.dice("contacts", customer.key)
        wanted = 2 if customer.key_account else 1 if dice.random() < 0.75 else 0
        titles = dice.sample(_TITLES[customer.language], wanted)
        for index, (title, role) in enumerate(titles, start=2):
            name = _name(dice, customer)
            key = f"{customer.key} demo {index}"
            records.append(
                sample_record(
                    "contact",
                    key,
                    {
                        "account_id": customer.id,
                        "name": name,
                        "job_title": title,
                        "buying_role": role,
                        "language": customer.language,
                        "salutation": _salutation(name, customer.language),
                    },
                )
            )
            records += _channels(dice, customer, key, name)
    return records


def known_contacts(scene: Scene) -> Changes:
    """What is invented about the contacts of the real tables: salutation, language, role in buying."""
    changes: Changes = {}
    languages = {customer.id: customer.language for customer in scene.customers}
    for record in scene.northwind.of("contact"):
        language = languages[record.row["account_id"]]
        title = record.row["job_title"].casefold()
        role = (
            "decides"
            if "owner" in title
            else "buys"
            if "order" in title or "accounting" in title
            else "influences"
            if "manager" in title
            else ""
        )
        changes[record.id] = {
            "language": language,
            "buying_role": role,
            "salutation": _salutation(record.row["name"], language),
        }
    return changes


def colleagues_mail(scene: Scene) -> Changes:
    """Addresses under the reserved domain northwind.example."""
    return {
        colleague.user_id: {"email": f"{colleague.login[:1]}.{colleague.login[1:]}@northwind.example"}
        for colleague in scene.northwind.colleagues
    }


def _name(dice: random.Random, customer: Customer) -> str:
    given, family = _NAMES.get(customer.country.casefold(), _OTHER_NAMES)
    own = {part.casefold() for part in customer.contact_name.split()}
    families = [name for name in family.split() if name.casefold() not in own]
    return f"{dice.choice(given.split())} {dice.choice(families)}"


def _salutation(name: str, language: str) -> str:
    """Form of address where the given name leaves no doubt, else none."""
    given = name.split(maxsplit=1)[0].casefold()
    if given in _LADIES:
        return "Frau" if language == "de" else "Ms."
    if given in _GENTLEMEN:
        return "Herr" if language == "de" else "Mr."
    return ""


def _channels(dice: random.Random, customer: Customer, key: str, name: str) -> list[SampleRecord]:
    owner = {"contact_id": sample_id("contact", key), "preferred": True}
    mail = f"{_plain(name, '.')}@{_plain(customer.name, '-')[:24].strip('-')}.example"
    records = [sample_record("channel", f"{key} email", owner | {"kind": "email", "value": mail})]
    if dice.random() < 0.6:
        # 555-01xx is kept free for fiction.
        number = f"+1 555 01{dice.randrange(100):02d}"
        records.append(sample_record("channel", f"{key} mobile", owner | {"kind": "mobile", "value": number}))
    return records


def _plain(text: str, joint: str) -> str:
    spelled = text.casefold().replace("ø", "o").replace("æ", "ae").replace("ł", "l")
    ascii_text = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return joint.join(re.findall(r"[a-z0-9]+", ascii_text)) or "customer"
