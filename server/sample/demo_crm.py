"""Invented leads of a trade fair, contracts with their terms, and cases customers have brought up."""

from collections.abc import Iterator
from datetime import date, time, timedelta

from server.sample.demo_scene import Customer, Scene
from server.sample.record import SampleRecord, sample_record

_FAIR = "Northern Food Fair"
_HOME_ZONE = "Europe/Berlin"
# name, company, job title, e-mail, telephone, city, country, interest; what is not known stays empty, as at a booth
_LEADS = (
    ("Nadine Voss", "Feinkost Lindner", "Einkauf", "n.voss@lindner.example", "+49 40 5550182", "Hamburg", "Germany",
     "Probierpaket Käse, Rückruf nach der Messe"),
    ("Erik Sjögren", "Café Norrsken", "", "erik@norrsken.example", "", "Uppsala", "Sweden", "Chai for four cafés"),
    ("", "", "", "info@kaffeehaus-lindner.example", "", "", "", ""),
    ("Giulia Marchetti", "Gastronomia Due Torri", "Owner", "", "+39 051 5550143", "Bologna", "Italy",
     "Wants the dessert range for the winter menu"),
    ("Oliver Pryce", "Harper & Pryce Catering", "Managing Director", "oliver@harperpryce.example", "+44 117 5550119",
     "Bristol", "UK", "Catering for 300, asks for small boxes"),
    ("Claire Favre", "", "", "", "+41 31 5550177", "Bern", "Switzerland", ""),
    ("Juha Laine", "Laine Delikatessi Oy", "Purchasing", "juha.laine@laine.example", "+358 9 5550166", "Tampere",
     "Finland", "Fish range, price list in euros"),
    ("Sabine Keller", "Kellers Hofladen", "", "hofladen@keller.example", "", "Winterthur", "Switzerland",
     "Honig, Konfitüre"),
    ("Tomasz Wójcik", "Delikatesy Wójcik", "Owner", "t.wojcik@wojcik.example", "", "Poznań", "Poland", "Syrup and tea"),
    ("Inês Matos", "Mercearia do Largo", "", "", "+351 21 5550131", "Lisboa", "Portugal", "Tasting in spring"),
    ("", "Fjellkaffe AS", "", "post@fjellkaffe.example", "", "Bergen", "Norway", ""),
    ("Hugo Garnier", "Maison Garnier", "Chef", "hugo@garnier.example", "+33 4 5555 0128", "Lyon", "France",
     "Cheese for the autumn menu"),
    ("Ulrike Moser", "Gasthof zur Post", "Küchenchefin", "u.moser@gasthof-post.example", "", "Salzburg", "Austria",
     "Wild und Wein, bitte anrufen"),
    ("Emma Walsh", "Walsh & Daughters", "Managing Director", "emma@walsh.example", "+353 1 5550154", "Cork", "Ireland",
     "Hampers for Christmas"),
    ("Pablo Navarro", "Ultramarinos Navarro", "", "", "+34 91 5550109", "Madrid", "Spain", ""),
    ("Lars Holm", "Holms Vinbar", "Owner", "lars@holm.example", "", "Aarhus", "Denmark", "Small plates, olives"),
    ("", "", "", "", "+49 171 5550190", "", "", "Am Stand gefragt: Bio-Tee"),
    ("Chiara Ferrari", "Bottega Ferrari", "Einkauf", "chiara@ferrari.example", "", "Lugano", "Switzerland", ""),
)  # fmt: skip
_CONTRACTS = (
    # key, kind, German and English name, ends in so many days, notice, renews by months, remind, value, commitment
    ("frame", "frame", "Rahmenvertrag {year}", "Framework agreement {year}", 75, 60, 12, 30, "24000.00",
     "Preise der Liste bis zum Ende der Laufzeit fest, danach höchstens 3 % im Jahr.",
     "Prices of the list are fixed until the end of the term, then at most 3 % a year."),
    ("supply", "supply", "Liefervertrag Getränke", "Supply of beverages", 230, 90, 12, 30, "11500.00", "", ""),
    ("service", "service", "Kühltheke mit Wartung", "Chilled counter with service", 480, 90, None, 45, "1800.00",
     "", ""),
)  # fmt: skip
_CASES = (
    # kind, priority, German and English subject, German and English text, created so many days ago, answered
    ("complaint", "high", "Drei Kartons {product} beschädigt", "Three boxes of {product} damaged",
     "Beim Ausladen festgestellt, Fotos folgen.", "Found while unloading, photos follow.", 2, False),
    ("question", "normal", "Allergene von {product}", "Allergens of {product}",
     "Die Küche braucht das Datenblatt.", "The kitchen needs the data sheet.", 6, False),
    ("idea", "low", "Kleinere Gebinde von {product}", "Smaller boxes of {product}",
     "Für den Thekenverkauf wären halbe Kartons besser.", "Half boxes would suit the counter better.", 20, True),
    ("complaint", "normal", "Lieferschein fehlte", "Delivery note was missing",
     "Bitte nachreichen.", "Please send it.", 31, True),
)  # fmt: skip
_ANSWERS = {"de": "Ist unterwegs; der Kunde weiß Bescheid.", "en": "It is on its way; the customer knows."}
_ANSWER_DAYS = 3


def crm(scene: Scene) -> list[SampleRecord]:
    """All of it."""
    return [*_leads(scene), *_contracts(scene), *_cases(scene)]


def _leads(scene: Scene) -> Iterator[SampleRecord]:
    """A handful for each colleague in the field; what was captured yesterday is undecided."""
    owners = sorted({customer.owner_id for customer in scene.owned if customer.owner_id})
    for number, owner in enumerate(owners):
        for place, at in enumerate(range(number, len(_LEADS), len(owners))):
            name, company, job_title, email, phone, city, country, interest = _LEADS[at]
            captured = scene.workday(-1 - 8 * place)
            values = {
                "name": name,
                "company": company,
                "job_title": job_title,
                "email": email,
                "phone": phone,
                "city": city,
                "country": country,
                "interest": interest,
                "source": _FAIR,
                "status": "working" if place and name else "new",
                "owner_id": owner,
                "created_by": owner,
                "created_at": scene.instant(captured, time(9 + at % 8, 3 * at), _HOME_ZONE),
            }
            yield sample_record("lead", f"fair {number} {place}", values)


def _contracts(scene: Scene) -> Iterator[SampleRecord]:
    """A contract for every key account; the first of each colleague is to be decided on."""
    seen: dict[str, int] = {}
    for number, customer in enumerate((customer for customer in scene.owned if customer.key_account), 1):
        place = seen.get(customer.owner_id or "", 0)
        seen[customer.owner_id or ""] = place + 1
        yield _contract(scene, customer, place % len(_CONTRACTS), number)


def _contract(scene: Scene, customer: Customer, place: int, number: int) -> SampleRecord:
    key, kind, name_de, name_en, days, notice, renews, remind, value, text_de, text_en = _CONTRACTS[place]
    ends = scene.today + timedelta(days=days)
    german = customer.language == "de"
    words = {"year": ends.year}
    started = date(ends.year - 1, ends.month, min(ends.day, 28))
    return sample_record(
        "contract",
        f"{customer.key} {key}",
        {
            "account_id": customer.id,
            "contact_id": customer.contact_id,
            "owner_id": customer.owner_id,
            "number": f"DEM-C{number:03d}",
            "name": (name_de if german else name_en).format(**words),
            "kind": kind,
            "status": "active",
            "starts_on": started,
            "ends_on": ends,
            "notice_days": notice,
            "renews_months": renews,
            "remind_days": remind,
            "amount": value,
            "currency": "EUR",
            "price_commitment": (text_de if german else text_en).format(**words),
            "created_by": customer.owner_id,
            "created_at": scene.instant(min(started, scene.workday(-30)), time(9), customer.zone),
        },
    )


def _cases(scene: Scene) -> Iterator[SampleRecord]:
    """One for every fourth customer, answered by inside sales."""
    desk = sorted(colleague.user_id for colleague in scene.northwind.colleagues if colleague.role == "inside_sales")
    for number, customer in enumerate(scene.owned[::4]):
        kind, priority, subject_de, subject_en, text_de, text_en, ago, answered = _CASES[number % len(_CASES)]
        german = customer.language == "de"
        product_id = scene.assortment(customer, "case", 1)[0]
        product = scene.products[product_id]["name"]
        day = scene.workday(-ago)
        answered_at = scene.instant(scene.workday(-ago + 1), time(11), customer.zone) if answered else None
        yield sample_record(
            "case",
            customer.key,
            {
                "account_id": customer.id,
                "contact_id": customer.contact_id,
                "owner_id": desk[number % len(desk)] if desk else customer.owner_id,
                "product_id": product_id,
                "kind": kind,
                "priority": priority,
                "status": "answered" if answered else "new" if number % 2 else "in_progress",
                "subject": (subject_de if german else subject_en).format(product=product),
                "description": text_de if german else text_en,
                "due_on": _answer_due(day),
                "answer": _ANSWERS[customer.language] if answered else "",
                "answered_at": answered_at,
                "created_by": customer.owner_id,
                "created_at": scene.instant(day, time(16), customer.zone),
            },
        )


def _answer_due(day: date) -> date:
    left = _ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
