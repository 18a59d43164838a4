"""Who works here and where: users and territories. Both travel to everybody."""

from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Privacy
from crm_desktop.model.fields import Record, choice, reference, text

ROLES = (
    ("rep", "Field sales", "Außendienst"),
    ("inside_sales", "Inside sales", "Innendienst"),
    ("admin", "Administrator", "Administrator"),
)


class User(Record, table=True):
    """A colleague. Passwords and devices live on the server alone."""

    __tablename__ = "user"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "user", "User", "Benutzer", "Users", "Benutzer", "user", ("name",), catalogue=True, server_only=True
    )

    name: str = text("Name", "Name", search=False, privacy=Privacy.PERSONAL)
    login: str = text("Login", "Anmeldename", privacy=Privacy.PERSONAL)
    title: str = text("Job title", "Funktion")
    role: str = choice("Role", "Rolle", ROLES)
    email: str = text("E-mail", "E-Mail", privacy=Privacy.PERSONAL)
    phone: str = text("Phone", "Telefon", privacy=Privacy.PERSONAL)
    manager_id: str | None = reference("Manager", "Vorgesetzte", "user")


class Territory(Record, table=True):
    """A sales territory; territories may lie inside others."""

    __tablename__ = "territory"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "territory",
        "Territory",
        "Gebiet",
        "Territories",
        "Gebiete",
        "map",
        ("name",),
        catalogue=True,
        server_only=True,
    )

    code: str = text("Code", "Kürzel")
    name: str = text("Name", "Name")
    parent_id: str | None = reference("Part of", "Teil von", "territory")
