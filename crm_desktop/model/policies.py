"""What the company has agreed on: how far a role may go with a discount, how often a class is visited, own stages."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.accounts import CLASSES
from crm_desktop.model.facts import EntityFacts
from crm_desktop.model.fields import Record, choice, day, decimal, integer, text
from crm_desktop.model.people import ROLES

STAGE_OUTCOMES = (("open", "Open", "Offen"), ("won", "Won", "Gewonnen"), ("lost", "Lost", "Verloren"))


class DiscountCeiling(Record, table=True):
    """The highest discount on a line that a role gives without being asked, from a day on. None declared: no limit."""

    __tablename__ = "discount_ceiling"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "discount_ceiling",
        "Discount ceiling",
        "Rabattgrenze",
        "Discount ceilings",
        "Rabattgrenzen",
        "badge-percent",
        ("role",),
        catalogue=True,
    )

    role: str = choice("Role", "Rolle", ROLES)
    percent: Decimal | None = decimal("Percent", "Prozent")
    valid_from: date | None = day("Valid from", "Gültig ab")


class VisitRhythm(Record, table=True):
    """How often customers of a class are visited; an account's own rhythm goes first."""

    __tablename__ = "visit_rhythm"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "visit_rhythm",
        "Visit rhythm",
        "Besuchsrhythmus",
        "Visit rhythms",
        "Besuchsrhythmen",
        "calendar",
        ("customer_class",),
        catalogue=True,
    )

    customer_class: str = choice("Class", "Klasse", CLASSES)
    days: int | None = integer("Days between visits", "Tage zwischen Besuchen")


class OpportunityStage(Record, table=True):
    """A stage of our own pipeline; an opportunity names it by `code`. None declared: the stages of the product."""

    __tablename__ = "opportunity_stage"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "opportunity_stage",
        "Stage",
        "Phase",
        "Stages",
        "Phasen",
        "target",
        ("name",),
        catalogue=True,
    )

    pipeline: str = text("Pipeline", "Vertriebsweg")
    code: str = text("Code", "Kürzel")
    name: str = text("Name", "Name")
    name_de: str = text("Name (German)", "Name (Deutsch)")
    position: int | None = integer("Position", "Position")
    probability_percent: int | None = integer("Probability (%)", "Wahrscheinlichkeit (%)")
    outcome: str = choice("Outcome", "Ausgang", STAGE_OUTCOMES)
