"""What the model knows of forked drafts: the same line changed by two people makes two revisions, and loses nothing.

Written from the design again, without the product's code: which changes split a draft, what the copy holds, and when
a change is decided field by field instead.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from crm_desktop.model.wire import field_facts
from tests.simulation.chance import Violation
from tests.simulation.truth import Key, Row

FIGURES = {"quantity", "optional", "list_price", "discount_percent", "net_price", "ladder", "line_total"}
HEADER = (
    "quote_id", "revision", "quote_date", "valid_until", "price_list_id", "currency", "discount_percent",
    "needs_review", "intro", "terms",
)  # fmt: skip


def named(text: str) -> str:
    """The id that follows from a name."""
    h = hashlib.sha256(text.encode()).hexdigest()
    return "-".join((h[:8], h[8:12], "8" + h[13:16], "8" + h[17:20], h[20:32]))


class Forks:
    """The forks of one model. `records` are its records, `make` builds one from row and versions."""

    def __init__(self, records: dict[Key, Any], make: Callable[[Row, dict[str, int]], Any]) -> None:
        self._records = records
        self._make = make
        self._noted: dict[tuple[str, str], dict[str, Row]] = {}
        self._authors: dict[str, set[str]] = {}  # revision -> its forks
        self.made = 0
        self.third = 0  # of a revision that had a fork of somebody else
        self.again = 0  # transactions that went to a fork which was there

    def take(
        self, key: Key, row: Row, ver: dict[str, int], op: dict[str, Any], user: str, seen: int, own: Any
    ) -> Row | None:
        """What an author wrote on a line, where it goes to his fork; None where it is decided field by field.

        `row` and `ver` are the line before the operation, `seen` the newest commit he knew, `own(seq)` whether his
        device wrote a commit.
        """
        if {"quote_id", "revision_id"} & op["set"].keys():
            return None
        mine = {n: op["set"][n]["new"] for n in field_facts("quote_line") if n in op["set"]}
        mine = {n: value for n, value in mine.items() if row[n] != value}
        revision = row["revision_id"] or ""
        draft = self._live("quote_revision", revision)
        if own(max(ver.get(n, 0) for n in mine)) or draft is None or draft.row["status"] != "draft":
            return None
        fork = named(f"fork of {revision} for {user}")
        begun = self._records.get(("quote_revision", fork))
        if begun is not None:
            if begun.deleted or begun.row["status"] != "draft" or begun.ver.get("quote_id", 0) <= seen:
                return None
            line = self._records.get(("quote_line", named(f"{key[1]} in {fork}")))
            if line is not None and (line.deleted or not all(own(line.ver.get(n, 0)) for n in mine)):
                return None
            if line is not None:
                stands = line.row | self._noted.get((revision, fork), {}).get(key[1], {})
                if any(stands[n] not in (op["set"][n]["old"], row[n]) for n in mine):
                    return None  # he went on with his version there: this is no part of it
        self._noted.setdefault((revision, fork), {}).setdefault(key[1], {}).update(mine)
        return mine

    def finish(self, seq: int, held: Any) -> None:
        """The transaction is through: its forks stand. `held` are the server's rows."""
        noted, self._noted = self._noted, {}
        for (revision, fork), lines in noted.items():
            known = self._authors.setdefault(revision, set())
            if ("quote_revision", fork) in self._records:
                self.again += 1
            else:
                self.made += 1
                self.third += bool(known)
                known.add(fork)
                draft = self._records["quote_revision", revision].row
                self._put(("quote_revision", fork), {n: draft[n] for n in HEADER}, seq, held)
                for (entity, line_id), record in list(self._records.items()):
                    if entity == "quote_line" and not record.deleted and record.row["revision_id"] == revision:
                        self._copy(line_id, fork, {}, seq, held)
            for line_id, mine in lines.items():
                self._copy(line_id, fork, mine, seq, held)

    def _copy(self, line_id: str, fork: str, mine: Row, seq: int, held: Any) -> None:
        key = ("quote_line", named(f"{line_id} in {fork}"))
        copy = self._records.get(key)
        if copy is None:
            self._put(key, self._records["quote_line", line_id].row | {"revision_id": fork} | mine, seq, held)
        else:
            copy.row |= mine
            copy.ver |= dict.fromkeys(mine, seq)

    def _put(self, key: Key, values: Row, seq: int, held: Any) -> None:
        row = {name: facts.default for name, facts in field_facts(key[0]).items()} | values
        self._records[key] = self._make(row, dict.fromkeys(row, seq))
        if key not in held:
            raise Violation("I14", f"the draft of the second author was not kept as {key}")

    def _live(self, entity: str, record_id: str) -> Any:
        record = self._records.get((entity, record_id))
        return None if record is None or record.deleted else record
