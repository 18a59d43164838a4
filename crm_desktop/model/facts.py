"""What a field or an entity is: the facts everything else is derived from.

Tables, wire patches, merge, forms, lists, search, import, export and the conflict page read these facts;
none of them repeats one.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """Value type of a field: decides column type, wire form, editor and merge rule."""

    TEXT = "text"
    LONG_TEXT = "long_text"  # merged three-way, by line and word
    INTEGER = "integer"
    DECIMAL = "decimal"  # exact; wire: canonical text with `places` digits; column: scaled integer
    BOOLEAN = "boolean"
    DATE = "date"  # YYYY-MM-DD, no zone
    INSTANT = "instant"  # UTC, ISO 8601 with milliseconds and Z
    CHOICE = "choice"
    STATE = "state"  # changed by transition operations alone
    SET = "set"  # set of texts; each element has its own version
    REFERENCE = "reference"  # id of another record


class Merge(StrEnum):
    """What stands when two people changed one field from the same base (sync design, 2.5)."""

    KEEP_SERVER = "keep_server"
    NEWEST = "newest"
    ASK = "ask"


class Privacy(StrEnum):
    """Who the value is about; logs and telemetry never carry anything but PUBLIC."""

    PUBLIC = "public"
    BUSINESS = "business"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"  # needs the field's own permission; never on documents


class Stage(IntEnum):
    """Maturity of a customer: the stage that first asks for a field. Nothing is ever mandatory."""

    STUB = 1
    VISIT = 2
    QUOTE = 3
    ORDER = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a CHOICE or STATE field with its labels."""

    value: str
    en: str
    de: str

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the product knows about one field."""

    kind: Kind
    en: str
    de: str
    merge: Merge = Merge.KEEP_SERVER
    group: str | None = None  # fields of one group conflict as one unit
    privacy: Privacy = Privacy.BUSINESS
    search: bool = False
    stage: Stage | None = None
    aliases: tuple[str, ...] = ()  # header names of foreign files, lower case
    choices: tuple[Choice, ...] = ()
    own_values: bool = False  # a CHOICE takes values of the company's catalogue beside those declared
    transitions: tuple[tuple[str, str], ...] = ()
    yielding: tuple[str, ...] = ()  # a step into these does nothing, and refuses nothing, where the record moved on
    ref: str | None = None  # entity a REFERENCE points to
    places: int = 0  # decimal places of a DECIMAL
    permission: str | None = None  # needed to see the field
    form: bool = True  # offered in forms, lists, import and export
    default: str | int | bool | None = None

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.de if language == "de" else self.en

    def choice(self, value: str) -> Choice:
        """The choice of a value; labelled by the value itself where it is unknown."""
        return next((choice for choice in self.choices if choice.value == value), Choice(value, value, value))

    def choice_label(self, value: str, language: str) -> str:
        """Label of a choice value; the value itself where it is unknown."""
        return self.choice(value).label(language)


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """Everything the product knows about one entity beside its fields."""

    name: str
    en: str
    de: str
    plural_en: str
    plural_de: str
    icon: str
    title: tuple[str, ...]  # fields that name a record, first filled wins
    parents: tuple[str, ...] = ()  # reference fields to the owning record; first filled wins; empty: a root
    account: str | None = None  # reference to the account whose scopes the record takes
    owner: str | None = None  # reference to the user it belongs to when there is no account
    catalogue: bool = False  # travels to everybody
    server_only: bool = False  # written by the server; clients may only resolve it
    indexes: tuple[tuple[str, ...], ...] = ()  # column lists of the client's and server's secondary indexes

    def label(self, language: str, *, plural: bool = False) -> str:
        """Name of the entity in 'de' or 'en'."""
        if plural:
            return self.plural_de if language == "de" else self.plural_en
        return self.de if language == "de" else self.en
