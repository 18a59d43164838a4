"""The clauses of a contract in the customer's language: what was agreed in its fields, in whole sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_desktop.documents.contract_document import ContractDocument
from crm_desktop.documents.wording import Language, Wording

_TEXTS: dict[Language, dict[str, str]] = {
    "de": {
        "frame": "Rahmenvertrag",
        "supply": "Liefervertrag",
        "service": "Wartungsvertrag",
        "other": "Vertrag",
        "titled": "{kind} {number}",
        "contract_number": "Vertragsnummer",
        "between": "zwischen {ours} (Lieferant) und {theirs} (Kunde) wird Folgendes vereinbart:",
        "subject": "Gegenstand",
        "subject_frame": "Der Lieferant liefert dem Kunden Waren auf Abruf. Mengen und Termine regelt jede Bestellung; "
        "dieser Vertrag gilt für alle Bestellungen während seiner Laufzeit.",
        "subject_supply": "Der Lieferant liefert dem Kunden die vereinbarten Waren während der Laufzeit regelmäßig.",
        "subject_service": "Der Lieferant erbringt für den Kunden die vereinbarten Leistungen während der Laufzeit.",
        "subject_other": "Die Parteien vereinbaren, was im Folgenden steht.",
        "prices": "Preise",
        "value": "Die Parteien gehen von einem Wert von {amount} im Jahr aus, ohne Umsatzsteuer.",
        "payment": "Rechnungen sind {days} Tage nach ihrem Datum ohne Abzug fällig.",
        "term": "Laufzeit und Kündigung",
        "from_to": "Der Vertrag beginnt am {start} und läuft bis zum {end}.",
        "to": "Der Vertrag beginnt mit der Unterschrift und läuft bis zum {end}.",
        "from": "Der Vertrag beginnt am {start} und gilt auf unbestimmte Zeit.",
        "open": "Der Vertrag beginnt mit der Unterschrift und gilt auf unbestimmte Zeit.",
        "renews": "Er verlängert sich jeweils um {months}, wenn keine Partei spätestens am {notice} in Textform "
        "kündigt; in den folgenden Jahren gilt dieselbe Frist vor seinem Ende.",
        "ends": "Er endet, ohne dass es einer Kündigung bedarf.",
        "notice": "Jede Partei kann ihn mit einer Frist von {days} in Textform kündigen.",
        "general": "Allgemeines",
        "general_text": "Änderungen bedürfen der Textform. Ist eine Bestimmung unwirksam, gelten die übrigen weiter.",
        "for": "Für {company}: {name}",
        "one_month": "einen Monat",
        "months": "{count} Monate",
        "one_day": "einem Tag",
        "days": "{count} Tagen",
        "section": "§ {number} {title}",
    },
    "en": {
        "frame": "Framework agreement",
        "supply": "Supply contract",
        "service": "Service contract",
        "other": "Contract",
        "titled": "{kind} {number}",
        "contract_number": "Contract no.",
        "between": "between {ours} (the supplier) and {theirs} (the customer) the following is agreed:",
        "subject": "Subject",
        "subject_frame": "The supplier delivers goods to the customer on call. Each order settles quantities and "
        "dates; this contract applies to all orders during its term.",
        "subject_supply": "The supplier delivers the agreed goods to the customer regularly during the term.",
        "subject_service": "The supplier renders the agreed services to the customer during the term.",
        "subject_other": "The parties agree what is said below.",
        "prices": "Prices",
        "value": "The parties expect a value of {amount} a year, without VAT.",
        "payment": "Invoices are due {days} days after their date, net.",
        "term": "Term and notice",
        "from_to": "The contract begins on {start} and runs until {end}.",
        "to": "The contract begins when it is signed and runs until {end}.",
        "from": "The contract begins on {start} and has no fixed end.",
        "open": "The contract begins when it is signed and has no fixed end.",
        "renews": "It renews by {months} at a time unless one party gives notice in text form on {notice} at the "
        "latest; in later years the same period before its end applies.",
        "ends": "It ends without any notice.",
        "notice": "Either party may end it in text form with a notice of {days}.",
        "general": "General",
        "general_text": "Changes need text form. If a provision is void, the others stand.",
        "for": "For {company}: {name}",
        "one_month": "one month",
        "months": "{count} months",
        "one_day": "one day",
        "days": "{count} days",
        "section": "{number}. {title}",
    },
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered heading and its sentences."""

    title: str
    text: str


def clause_word(language: Language, key: str, **values: str) -> str:
    """A word of a contract in its language."""
    return _TEXTS[language][key].format(**values)


def contract_title(document: ContractDocument, language: Language) -> str:
    """“Framework agreement C-001”; the kind alone where it has no number."""
    kind = clause_word(language, document.kind or "other")
    return clause_word(language, "titled", kind=kind, number=document.number).strip()


def clauses(document: ContractDocument, wording: Wording) -> list[Clause]:
    """All that is agreed, in order and numbered; what is not known is no clause."""
    found = [
        ("subject", clause_word(wording.language, f"subject_{document.kind or 'other'}")),
        ("prices", "\n".join(_prices(document, wording))),
        ("term", " ".join(_term(document, wording))),
    ]
    said = [(clause_word(wording.language, key), text) for key, text in found if text]
    said += _closing_clauses(document.own_clauses, wording.language)
    return [
        Clause(clause_word(wording.language, "section", number=str(number), title=title), text)
        for number, (title, text) in enumerate(said, 1)
    ]


def _closing_clauses(own: str, language: Language) -> list[tuple[str, str]]:
    """What holds for every contract: the company's own clauses, else ours. Text before any title is general."""
    parts: list[tuple[str, list[str]]] = [(clause_word(language, "general"), [])]
    for line in own.splitlines():
        if line.startswith("#"):
            parts.append((line.lstrip("#").strip(), []))
        else:
            parts[-1][1].append(line)
    found = [(title, "\n".join(lines).strip()) for title, lines in parts]
    return [part for part in found if part[1]] or [
        (clause_word(language, "general"), clause_word(language, "general_text"))
    ]


def _prices(document: ContractDocument, wording: Wording) -> Iterator[str]:
    if document.price_commitment.strip():
        yield document.price_commitment.strip()
    if document.amount is not None:
        yield clause_word(wording.language, "value", amount=wording.money(document.amount))
    if document.payment_days:
        yield clause_word(wording.language, "payment", days=str(document.payment_days))


def _term(document: ContractDocument, wording: Wording) -> Iterator[str]:
    language = wording.language
    start = wording.day(document.starts_on) if document.starts_on else ""
    end = wording.day(document.ends_on) if document.ends_on else ""
    key = ("from_to" if start else "to") if end else ("from" if start else "open")
    yield clause_word(language, key, start=start, end=end)
    if document.ends_on is None:
        if document.notice_days:
            yield clause_word(language, "notice", days=_counted(language, "day", document.notice_days))
    elif document.renews_months and document.notice_on is not None:
        months = _counted(language, "month", document.renews_months)
        yield clause_word(language, "renews", months=months, notice=wording.day(document.notice_on))
    else:
        yield clause_word(language, "ends")


def _counted(language: Language, unit: str, count: int) -> str:
    return clause_word(language, f"one_{unit}") if count == 1 else clause_word(language, f"{unit}s", count=str(count))
