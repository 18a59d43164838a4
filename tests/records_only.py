"""A line of a test that carries records alone: whatever else is asked for, its server does not know."""

from collections.abc import Mapping
from typing import Any

from crm_desktop.errors import SessionError


class RecordsOnly:
    """The calls of a transport beside hello, push and pull."""

    def ask(self, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Repairs, copies, grants."""
        raise SessionError("not_found", call, "")

    def snapshot(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """No prepared parts."""
        raise SessionError("not_found", "snapshot", "")

    def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None:
        """Nobody is told of one."""
        raise SessionError("not_found", snapshot_id, "")

    def break_line(self) -> None:
        """Nothing is open."""
