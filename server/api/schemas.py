"""Answers as the OpenAPI document describes them (pages are written as plain JSON for speed)."""

from typing import Any

from pydantic import BaseModel

from sync.protocol import Cursor


class RowTableModel(BaseModel):
    """Rows of one entity: [id, root id, number of the scope list, value, ...] in the order of `cols`."""

    e: str
    cols: list[str]
    rows: list[list[Any]]


class PageCommitModel(BaseModel):
    """What one commit leaves visible; `gone` and `evict` hold [entity, id] pairs."""

    seq: int
    put: list[RowTableModel]
    gone: list[list[str]]
    evict: list[list[str]]


class PullAnswer(BaseModel):
    """A page of changes. `digest` (scope to 64-bit sum) comes with `more` = false, and then names the scopes."""

    epoch: str
    asked: Cursor
    cursor: Cursor
    more: bool
    scopes: list[str] | None = None
    scope_sets: list[list[str]]
    commits: list[PageCommitModel]
    digest: dict[str, str] | None


class HealthAnswer(BaseModel):
    """The server answers and reads its database."""

    status: str
    proto: int
    schema_ver: int
