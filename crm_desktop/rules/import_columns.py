"""Which column of a foreign file means which field, read from the declaration's names, labels and aliases.

For accounts and contacts, columns of their addresses, channels and contact person belong to child records.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.import_values import plain_name

NUMBER_FIELDS = ("external_id", "number", "login", "code")  # what names a record in other systems, best first
_CHILDREN = {"account": ("contact", "address", "channel"), "contact": ("address", "channel")}
_NAME_PARTS = {
    "firstname": 0,
    "vorname": 0,
    "givenname": 0,
    "middlename": 1,
    "lastname": 2,
    "surname": 2,
    "nachname": 2,
    "familyname": 2,
    "familienname": 2,
}
_ADDRESS_PREFIXES = {
    "invoice": "billing",
    "rechnungs": "billing",
    "shipping": "delivery",
    "ship": "delivery",
    "liefer": "delivery",
    "lieferungs": "delivery",
    "besuchs": "visit",
    "mailing": "other",
}
_CHANNEL_WORDS = {
    "tel": "phone",
    "telephone": "phone",
    "handy": "mobile",
    "cell": "mobile",
    "mail": "email",
    "telefax": "fax",
    "homepage": "web",
    "internet": "web",
}
_SILENT_WORDS = {"address", "adresse", "number", "nummer", "nr", "no", "contact", "account", "company", "firma", "1"}
_CHANNEL_LABELS = {
    "work",
    "home",
    "other",
    "business",
    "main",
    "office",
    "private",
    "privat",
    "büro",
    "zentrale",
    "direct",
    "direkt",
    "assistant",
    "primary",
    "secondary",
    "geschäftlich",
    "dienstlich",
    "2",
    "3",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Meaning of one column. `group` names the child record it belongs to, '' is the record itself.

    `of` is the child the child hangs on ('' for the record itself), `part` orders pieces of one name.
    """

    column: int
    header: str
    entity: str
    field: str
    group: str = ""
    of: str = ""
    kind: str = ""
    label: str = ""
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Meaning of all columns of a file; `unmapped` are headers nobody knows."""

    entity: str
    targets: tuple[Target, ...]
    unmapped: tuple[str, ...]


def map_columns(entity: str, header: Sequence[str]) -> Mapping:
    """Meaning of the columns for records of `entity`. Case, spaces, _ and - in headers do not matter."""
    entity_facts(entity)
    targets: list[Target] = []
    unmapped: list[str] = []
    for column, name in enumerate(header):
        target = _target(entity, column, name) if name.strip() else None
        if target is None:
            if name.strip():
                unmapped.append(name)
        else:
            targets.append(target)
    # The other system's own id is a last resort for the number: any better column wins over it.
    targets.sort(key=lambda target: (plain_name(target.header) == "id", target.column))
    return Mapping(entity, tuple(targets), tuple(unmapped))


def _target(entity: str, column: int, header: str) -> Target | None:
    plain = plain_name(header)
    field = _own_names(entity).get(plain)
    if field is not None:
        return Target(column, header, entity, field)
    children = _CHILDREN.get(entity, ())
    if entity == "contact" and plain in _NAME_PARTS:
        return Target(column, header, entity, "name", part=_NAME_PARTS[plain])
    if "contact" in children:
        found = _contact_target(entity, column, header, plain)
        if found is not None:
            return found
    if "address" in children:
        found = _address_target(column, header, plain, "visit" if entity == "contact" else "billing")
        if found is not None:
            return found
    if "channel" in children:
        return _channel_target(column, header, "")
    return None


def _contact_target(entity: str, column: int, header: str, plain: str) -> Target | None:
    own, taken = _own_names("contact"), _own_names(entity)
    for prefix in ("contact", "ansprechpartner", "kontakt"):
        if plain.startswith(prefix):
            rest = plain.removeprefix(prefix)
            if not rest:
                return Target(column, header, "contact", "name", "contact")
            if rest in _NAME_PARTS:
                return Target(column, header, "contact", "name", "contact", part=_NAME_PARTS[rest])
            if rest in own and field_facts("contact")[own[rest]].kind is not Kind.REFERENCE:
                return Target(column, header, "contact", own[rest], "contact")
            return _channel_target(column, header, "contact")
    if plain in _NAME_PARTS:
        return Target(column, header, "contact", "name", "contact", part=_NAME_PARTS[plain])
    field = own.get(plain)
    if field is None or plain in taken or field_facts("contact")[field].kind is Kind.REFERENCE:
        return None
    return Target(column, header, "contact", field, "contact")


def _address_target(column: int, header: str, plain: str, kind: str) -> Target | None:
    places = {
        name: field for name, field in _own_names("address").items() if field_facts("address")[field].group == "place"
    }
    if plain in places:
        for prefix, prefixed in _address_prefixes().items():
            if plain.startswith(prefix) and plain.removeprefix(prefix) in places:  # an alias like “billingcity”
                kind = prefixed
        return Target(column, header, "address", places[plain], f"address {kind}", kind=kind)
    for prefix, prefixed in _address_prefixes().items():
        if plain.startswith(prefix) and plain.removeprefix(prefix) in places:
            field = places[plain.removeprefix(prefix)]
            return Target(column, header, "address", field, f"address {prefixed}", kind=prefixed)
    return None


def _channel_target(column: int, header: str, of: str) -> Target | None:
    spelled = re.sub(r"e[\s_-]mail", "email", re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", " ", header), flags=re.IGNORECASE)
    words = re.findall(r"[^\W_]+", spelled.casefold())
    kinds = [_channel_kinds()[word] for word in words if word in _channel_kinds()]
    others = [word for word in words if word not in _channel_kinds()]
    label = [word for word in others if word not in _SILENT_WORDS]
    if len(kinds) != 1 or not set(label) <= _CHANNEL_LABELS:
        return None
    text = " ".join(label)
    return Target(column, header, "channel", "value", f"{of} channel {kinds[0]} {text}", of, kinds[0], text)


@cache
def _own_names(entity: str) -> dict[str, str]:
    """Plain header name -> field. Field names and labels before aliases, those before names of what is referred to."""
    facts = {name: item for name, item in field_facts(entity).items() if _importable(item)}
    names: dict[str, str] = {}
    for name, item in facts.items():
        for spelling in (name, item.en, item.de):
            names.setdefault(plain_name(spelling), name)
    for name, item in facts.items():
        for alias in item.aliases:
            names.setdefault(plain_name(alias), name)
    for name, item in facts.items():
        if item.ref is not None:
            for referred in ENTITIES[item.ref].FACTS.title:
                for alias in field_facts(item.ref)[referred].aliases:
                    names.setdefault(plain_name(alias), name)
    number = next((field for field in NUMBER_FIELDS if field in facts), None)
    if number is not None:
        names.setdefault("id", number)
    return names


def _importable(facts: Facts) -> bool:
    return facts.form and facts.kind is not Kind.STATE


@cache
def _address_prefixes() -> dict[str, str]:
    kinds = field_facts("address")["kind"].choices
    names = {plain_name(text): kind.value for kind in kinds for text in (kind.value, kind.en, kind.de)}
    return dict(sorted((_ADDRESS_PREFIXES | names).items(), key=lambda item: -len(item[0])))


@cache
def _channel_kinds() -> dict[str, str]:
    kinds = [kind for kind in field_facts("channel")["kind"].choices if kind.value != "other"]
    return _CHANNEL_WORDS | {plain_name(text): kind.value for kind in kinds for text in (kind.value, kind.en, kind.de)}
