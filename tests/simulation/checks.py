"""What must be true on a laptop: after each page, after each local write, and at the end."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from crm_desktop.model.wire import field_facts
from tests.simulation import seen
from tests.simulation.chance import Violation
from tests.simulation.laptop import Laptop
from tests.simulation.ledger import Ledger
from tests.simulation.model import tokens
from tests.simulation.truth import Key, Row, Truth
from tests.simulation.witness import Witness


class LaptopChecks:
    """Checkers of one history, for all laptops. `dirty`: laptops to which a value was changed on the way."""

    def __init__(self, witness: Witness, ledger: Ledger) -> None:
        self._witness = witness
        self._ledger = ledger
        self.premises: Counter[str] = ledger.premises
        self.dirty: set[str] = set()
        self._cursors: dict[str, tuple[str, int]] = {}
        self._from: dict[str, set[bytes]] = {}  # where the pages came from since the last that was complete

    # after a page

    def page(self, laptop: Laptop, page: dict[str, Any], applied: Any) -> None:
        """A page went through the laptop's store."""
        state = laptop.store.sync_state()
        if not applied.applied:
            self.premises["I8 pages that no longer fitted"] += 1
            return
        if (state.cursor_seq, state.cursor_commit) != (page["cursor"]["seq"], page["cursor"]["commit_id"]):
            raise Violation("I8", f"{laptop.name} stands at {state.cursor_seq}, the page ended at {page['cursor']}")
        if page["cursor"]["seq"] < page["asked"]["seq"]:
            raise Violation("I8", f"{laptop.name} went back from {page['asked']} to {page['cursor']}")
        self.premises["I9 pages applied"] += 1
        sources = self._from.setdefault(laptop.name, set())
        sources.add(laptop.courier)
        if page["more"]:
            self.premises["I7 pages with more to come"] += 1
            return
        if page.get("backfill"):
            self.premises["grants with a lane of their own"] += 1
            return
        view = self._witness.view(state.user_id, state.cursor_seq, state.cursor_commit)
        if view is None:
            raise Violation("I8", f"{laptop.name} stands at a commit the server never had")
        self.premises["I3 complete pulls"] += 1
        # A page tells each row at its last version: behind younger pages of the line, those of an older file lack what
        # has changed in between. The next pull brings it, as it lies behind the cursor.
        mixed = bool(laptop.courier) and sources != {laptop.courier}
        sources.clear()
        if mixed:
            return
        difference = self._difference(seen.confirmed(laptop), view)
        # A page tells the difference to the moment it was made. Where the server was restored while a laptop was
        # between two pages, its cursor fits and something may be missing: the digest is what finds that.
        if difference and laptop.name not in self.dirty:
            raise Violation("I3", f"{laptop.name} after a complete pull: {difference}")
        if difference and applied.digest_ok is not False:
            raise Violation("N11", f"{laptop.name} differs and the digest says nothing: {difference}")
        if not difference and applied.digest_ok is not True:
            raise Violation("N11", f"{laptop.name} equals the server and the digest says {applied.digest_ok}")
        if difference:
            self.premises["N11 differences found by the digest"] += 1
        elif laptop.name in self.dirty:
            self.dirty.discard(laptop.name)
            self.premises["N11 differences repaired"] += 1
        self.local(laptop)

    @staticmethod
    def _difference(held: dict[Key, tuple[int, Row]], view: dict[Key, tuple[int, Row]]) -> str:
        for key, (ver, row) in view.items():
            if key not in held:
                return f"{key} of commit {ver} is missing"
            if held[key][0] != ver:
                return f"{key} is at {held[key][0]}, the server has {ver}"
            if held[key][1] != row:
                wrong = {name: (held[key][1][name], row[name]) for name in row if held[key][1].get(name) != row[name]}
                return f"{key} holds {wrong} (here, server)"
        extra = sorted(held.keys() - view.keys())
        return f"{extra[0]} should not be here" if extra else ""

    # after an answer to a push

    def answered(self, laptop: Laptop, results: Sequence[dict[str, Any]]) -> Callable[[], None]:
        """I11: an answer alone ends nothing; what was written stays in view until the page with it has come."""
        state = laptop.store.sync_state()
        ended = self._ended(laptop, state.device_id)
        ahead = {result["client_seq"]: result["commit_seq"] for result in results
                 if (result["commit_seq"] or 0) > state.cursor_seq and result["client_seq"] not in ended}  # fmt: skip
        self.premises["I11 answers ahead of the page"] += len(ahead)

        def check() -> None:
            for number in sorted(self._ended(laptop, state.device_id) & ahead.keys()):
                raise Violation("I11", f"{laptop.name}: number {number} is no longer replayed, its commit "
                                f"{ahead[number]} is to come; the laptop is at {state.cursor_seq}")  # fmt: skip

        return check

    @staticmethod
    def _ended(laptop: Laptop, device_id: str) -> set[int]:
        found = seen.sql(
            laptop, "SELECT client_seq FROM outbox_txn WHERE state = 'covered' AND device_id = ?", device_id
        )
        return {number for (number,) in found}

    # after a local write, a page, a restart

    def local(self, laptop: Laptop) -> None:
        """I11: what a person wrote stays in view until its outcome; I4: nothing of a row that left is found."""
        rows = seen.visible(laptop)
        self._check_search(laptop)
        if laptop.name in self.dirty:
            return  # a value changed on its way here shows until the digest has found it
        live = seen.sql(
            laptop,
            "SELECT o.entity, o.id, o.k, o.json, t.commit_seq, ifnull(m.row_ver, 0), m.entity IS NOT NULL, "
            "m.json IS NULL FROM outbox_op o JOIN outbox_txn t ON t.n = o.txn "
            "LEFT JOIN mirror m ON m.entity = o.entity AND m.id = o.id WHERE o.live = 1 ORDER BY o.txn, o.n",
        )
        expected: dict[Key, dict[str, Any]] = {}
        hidden: set[Key] = set()
        created: set[Key] = set()
        for entity, record_id, kind, text, commit_seq, row_ver, mirrored, left in live:
            key = (entity, record_id)
            if commit_seq is not None and commit_seq <= row_ver:
                continue
            op = seen.loads(text)
            if kind in ("delete", "hidden") or (mirrored and left):
                hidden.add(key)
            elif kind == "create":
                created.add(key)
                hidden.discard(key)
                if not mirrored:  # else a copy of this laptop has sent the same, and maybe gone on from there
                    expected.setdefault(key, {}).update({n: v for n, v in op["v"].items() if not isinstance(v, list)})
            elif kind == "patch":
                expected.setdefault(key, {}).update({n: c["new"] for n, c in op["set"].items()})
            elif kind == "transition":
                expected.setdefault(key, {})[op["f"]] = op["to"]
            elif kind == "text":
                expected.setdefault(key, {})[op["f"]] = tokens(op["text"]) - tokens(op.get("base") or "")
        for key, values in expected.items():
            if key in hidden:
                continue
            row = rows.get(key)
            if row is None:
                if key in created:
                    raise Violation("I11", f"{laptop.name} made {key}; it left the view before it was answered")
                continue
            self.premises["I11 waiting writes in view"] += 1
            for name, value in values.items():
                shown = row[name]
                if isinstance(value, set) and field_facts(key[0])[name].kind == "long_text":
                    if not value <= tokens(shown):
                        raise Violation("I11", f"{laptop.name} does not see {value - tokens(shown)} in {key}")
                elif shown != value and not self._merged_away(key[0], name, value, shown):
                    raise Violation("I11", f"{laptop.name} wrote {name} = {value!r} to {key} and sees {shown!r}")

    def _merged_away(self, entity: str, name: str, value: Any, shown: Any) -> bool:
        """Whether what was referred to is another record now."""
        told = (str(field_facts(entity)[name].ref), value)
        return isinstance(value, str) and self._witness.truth.aliases.get(told) == shown

    def _check_search(self, laptop: Laptop) -> None:
        for entity in seen.stray_words(laptop):
            raise Violation("I4", f"{laptop.name} still finds words of a {entity} that is not here")

    # at the end

    def converged(self, laptop: Laptop, truth: Truth) -> None:
        """I3: with an empty outbox the laptop shows the server's rows of its user, no more, no less."""
        waiting = seen.waiting(laptop)
        if waiting:
            raise Violation("L1", f"{laptop.name} still has {waiting} transactions in its outbox")
        shown = {key: (0, row) for key, row in seen.visible(laptop).items()}
        view = {key: (0, row) for key, (_, row) in truth.visible(laptop.person.user_id).items()}
        difference = self._difference(shown, view)
        if difference:
            raise Violation("I3", f"{laptop.name} at the end: {difference}")
        # The mark that a record left holds no content and may stay; the server's form of a record may not.
        left = seen.sql(laptop, "SELECT entity, id, row_ver FROM mirror WHERE json IS NOT NULL")
        if left:
            raise Violation("I4", f"{laptop.name} still keeps the server's form of {left[:3]}")
        self.premises["I3 laptops converged"] += 1
