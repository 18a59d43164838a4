"""Names as people misspell them: typing errors, umlauts, another word order, the legal form left out. Seeded."""

import random
from pathlib import Path

UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ä", "a"), ("ö", "o"), ("ü", "u"), ("é", "e"))
GERMAN = ("Müller", "König", "Bäcker", "Größe", "Jäger", "Schön", "Weiß", "Förster", "Krüger", "Hübner")
FORMS = ("Inc.", "Corporation", "GmbH", "AG", "Company", "plc", "Ltd", "& Co. KG")
_KEYS = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "n": "bm", "r": "et", "s": "ad", "t": "ry", "l": "kö"}


def company_names() -> list[str]:
    """Real company names, each once."""
    text = (Path(__file__).parent / "company_names.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def german_names(dice: random.Random, count: int) -> list[str]:
    """Names with umlauts: a family and a real company's first word."""
    words = sorted({name.split()[0] for name in company_names() if name.split()[0].isalpha() and len(name) > 5})
    return sorted({f"{dice.choice(GERMAN)} {dice.choice(words)}" for _ in range(count * 2)})[:count]


def misspelt(dice: random.Random, name: str) -> str:
    """One typing error: a letter left out, doubled, exchanged with the next, or the key beside it."""
    places = [at for at, char in enumerate(name) if char.isalpha()]
    at = dice.choice(places)
    kind = dice.choice(("leave out", "double", "exchange", "beside"))
    if kind == "leave out":
        return name[:at] + name[at + 1 :]
    if kind == "double":
        return name[:at] + name[at] + name[at:]
    if kind == "exchange" and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + dice.choice(_KEYS.get(name[at].lower(), "xe")) + name[at + 1 :]


def variant(dice: random.Random, name: str) -> tuple[str, str]:
    """(kind, the name written another way)."""
    kinds = ["typing"] * 2 + ["form"]
    if any(letter in name.lower() for letter, _ in UMLAUTS):
        kinds += ["umlaut"] * 3
    if len(name.split()) > 1:
        kinds.append("order")
    kind = dice.choice(kinds)
    if kind == "umlaut":
        letter, other = dice.choice([pair for pair in UMLAUTS if pair[0] in name.lower()])
        return kind, name.replace(letter, other).replace(letter.upper(), other.title())
    if kind == "order":
        words = name.split()
        turn = dice.randrange(1, len(words))
        return kind, " ".join(words[turn:] + words[:turn])
    if kind == "form":
        words = [word for word in name.split() if word not in FORMS]
        return kind, " ".join(words) if words != name.split() else f"{name} {dice.choice(FORMS)}"
    return kind, misspelt(dice, name)
