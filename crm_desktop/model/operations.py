"""The operations: what a person did, with old and new values. The only way a synced record changes."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_desktop.model.wire import Value


class Outcome(StrEnum):
    """How an operation ended. Every operation ends in exactly one."""

    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    CONFLICT_COPY = "conflict_copy"
    DELETE_REQUEST = "delete_request"
    GONE = "gone"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    VOID = "void"


class _Operation(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    op_id: str
    e: str  # entity
    id: str
    base_epoch: str = ""


class FieldChange(BaseModel):
    """One field of a patch: what the user saw (value and version) and what he made of it."""

    model_config = ConfigDict(extra="forbid")

    base_ver: int
    old: Value
    new: Value


class Create(_Operation):
    """A new record. `v` holds its values, defaults left out."""

    k: Literal["create"] = "create"
    v: dict[str, Value]


class Patch(_Operation):
    """Scalar fields changed; never creates."""

    k: Literal["patch"] = "patch"
    set: dict[str, FieldChange]


class Text(_Operation):
    """A long text changed. `base_sha` names the text it was written on; `base` stays on the laptop."""

    k: Literal["text"] = "text"
    f: str
    base_sha: str
    text: str
    base: str | None = None


class SetAdd(_Operation):
    """Elements added to a set."""

    k: Literal["set_add"] = "set_add"
    f: str
    v: list[str]
    base_ver: int


class SetRemove(_Operation):
    """Elements removed from a set; each only if nobody touched it since `base_ver`."""

    k: Literal["set_remove"] = "set_remove"
    f: str
    v: list[str]
    base_ver: int


class Transition(_Operation):
    """A state changed; a guard: where it does not hold, its whole transaction has no effect."""

    k: Literal["transition"] = "transition"
    f: str = "status"
    from_: str = Field(alias="from")
    to: str
    expected_total: str | None = None


class Delete(_Operation):
    """A record deleted by somebody who had seen everything up to `seen_cursor`."""

    k: Literal["delete"] = "delete"
    seen_cursor: int


class Restore(_Operation):
    """A deleted record brought back with what its deletion took along."""

    k: Literal["restore"] = "restore"


Operation = Annotated[
    Create | Patch | Text | SetAdd | SetRemove | Transition | Delete | Restore, Field(discriminator="k")
]


class Transaction(BaseModel):
    """What one user action changed: all or nothing. `void` holds the place of a discarded one."""

    model_config = ConfigDict(extra="forbid")

    txn_id: str
    client_seq: int
    seen_cursor: int
    at: str
    ops: list[Operation]
    void: bool = False
    resolves: str | None = None

    def wire(self) -> dict[str, Any]:
        """JSON form as sent: bases of texts stay at home."""
        return self.model_dump(mode="json", by_alias=True, exclude={"ops": {"__all__": {"base"}}})
