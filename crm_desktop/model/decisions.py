"""What waits for a person: conflicts and quarantined transactions. Written by the server, synced like any record."""

from datetime import datetime
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Privacy
from crm_desktop.model.fields import Record, instant, reference, state, text

CONFLICT_STATES = (
    ("open", "Open", "Offen"),
    ("settled", "Decided by rule", "Nach Regel entschieden"),
    ("mine", "Yours taken", "Ihre"),
    ("theirs", "Theirs taken", "Andere"),
)
QUARANTINE_STATES = (
    ("open", "Open", "Offen"),
    ("resolved", "Sent again", "Erneut gesendet"),
    ("discarded", "Discarded", "Verworfen"),
)


class Conflict(Record, table=True):
    """One field (or coupled group) that two people changed from the same base. Nothing is thrown away.

    `before`, `mine` and `theirs` are JSON objects field -> wire value; mine is the value that did not stand. What a
    rule decided by itself (the newest of two, two texts merged into one) is `settled`: nobody is asked, and it can
    be taken back. Where the record was deleted (`gone`), mine is what was wanted of it and theirs is empty.
    """

    __tablename__ = "conflict"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "conflict",
        "Conflict",
        "Konflikt",
        "Conflicts",
        "Konflikte",
        "git-compare-arrows",
        ("field",),
        server_only=True,
        indexes=(("record_id",), ("status",)),
    )

    entity: str = text("Kind of record", "Art", form=False)
    record_id: str = text("Record", "Datensatz", form=False)
    field: str = text("Field", "Feld")  # a group conflicts under the name of its first field
    before: str = text("Before", "Vorher", privacy=Privacy.PERSONAL)
    mine: str = text("Yours", "Ihre", privacy=Privacy.PERSONAL)
    theirs: str = text("Theirs", "Andere", privacy=Privacy.PERSONAL)
    rule: str = text("Rule", "Regel", form=False)
    mine_at: datetime | None = instant("Yours, written", "Ihre, geschrieben")
    theirs_at: datetime | None = instant("Theirs, written", "Andere, geschrieben")
    mine_by: str | None = reference("Yours, by", "Ihre, von", "user")
    theirs_by: str | None = reference("Theirs, by", "Andere, von", "user")
    mine_device: str = text("Laptop", "Laptop", form=False)
    owner_id: str | None = reference("Owner of the record", "Verantwortlich", "user", form=False)
    status: str = state(
        "Status",
        "Status",
        CONFLICT_STATES,
        (
            ("open", "mine"),
            ("open", "theirs"),
            ("settled", "mine"),
            ("settled", "theirs"),
            ("theirs", "mine"),
            ("mine", "theirs"),
        ),
    )
    resolved_by: str | None = reference("Decided by", "Entschieden von", "user")
    resolved_at: datetime | None = instant("Decided", "Entschieden")


class Quarantine(Record, table=True):
    """A transaction the server could not carry out, kept whole (JSON payload) with its reason.

    It travels to its author; to `owner_id`, to whom the record had moved when the change arrived; and once it is
    handed over (`handed_at`) to inside sales, who may send it again, change or discard it in the author's stead.
    """

    __tablename__ = "quarantine"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "quarantine",
        "Refused change",
        "Abgelehnte Änderung",
        "Refused changes",
        "Abgelehnte Änderungen",
        "octagon-alert",
        ("reason",),
        server_only=True,
        indexes=(("status",),),
    )

    txn_id: str = text("Transaction", "Vorgang", form=False)
    reason: str = text("Reason", "Grund")
    detail: str = text("Detail", "Einzelheit")
    payload: str = text("Content", "Inhalt", privacy=Privacy.PERSONAL, form=False)
    touched: str = text("Touched records", "Betroffene Datensätze", form=False)
    user_id: str | None = reference("Written by", "Geschrieben von", "user")
    device_id: str = text("Laptop", "Laptop", form=False)
    refused_at: datetime | None = instant("Refused", "Abgelehnt")
    status: str = state("Status", "Status", QUARANTINE_STATES, (("open", "resolved"), ("open", "discarded")))
    note: str = text("Word on it", "Bemerkung")
    owner_id: str | None = reference("Owner of the record", "Verantwortlich", "user", form=False)
    handed_at: datetime | None = instant("Handed to inside sales", "An den Innendienst gegeben")
    resolved_by: str | None = reference("Decided by", "Entschieden von", "user")
    resolved_at: datetime | None = instant("Decided", "Entschieden")
