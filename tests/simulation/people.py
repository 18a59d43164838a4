"""What people do on their laptops, by the product's own services."""

from decimal import Decimal
from typing import Any

from crm_desktop.errors import KnownError
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from crm_desktop.services.closing import quote_closed
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.services.deciding import Side
from crm_desktop.services.outbox import OutboxService
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.intents import create, delete, patch, restore, set_add, set_remove, text, transition
from tests.simulation.central import POISON
from tests.simulation.chance import Chance, Trace
from tests.simulation.laptop import Laptop

SCALARS = {
    "account": ("name", "website", "industry", "payment_terms_days", "vat_id"),
    "contact": ("name", "job_title", "salutation"),
    "visit": ("subject", "next_step", "outcome"),
    "task": ("subject", "due_on", "status"),
    "channel": ("value", "label"),
}
TEXTS = {"visit": "note", "account": "notes", "task": "note", "contact": "notes"}
SETS = {"account": "tags", "visit": "participants"}
AWKWARD = ("250.00", "0.29", "1.13", "4.35")  # sums of money that a float does not hold
ELEMENTS = ("vip", "fair", "cold", "north", "key")


class People:
    """Everything a person may do; each action returns a line for the trace, empty where there was nothing to do."""

    def __init__(self, chance: Chance, trace: Trace, products: list[str]) -> None:
        self._chance = chance
        self._rng = chance.rng
        self._trace = trace
        self._products = products
        self._count = 0
        self._forms: dict[str, tuple[str, str, Row, int]] = {}
        self.taken_back: set[str] = set()
        self._deleted: dict[str, list[tuple[str, str]]] = {}

    # choosing

    def _rows(self, laptop: Laptop, entity: str) -> list[Row]:
        rows = laptop.store.read(lambda reader: reader.where(entity))
        return sorted(rows, key=lambda row: str(row["id"]))

    def _pick(self, laptop: Laptop, *entities: str) -> tuple[str, Row] | None:
        entity = self._rng.choice(entities)
        rows = self._rows(laptop, entity)
        # Few records are worked on by many, so that people meet.
        return (entity, self._rng.choice(rows[:2] if self._chance.happens(0.7) else rows)) if rows else None

    def _mark(self, laptop: Laptop) -> str:
        self._count += 1
        return f"[{laptop.name}.{self._count}]"

    def _value(self, laptop: Laptop, name: str) -> Any:
        if name == "outcome":
            return self._rng.choice(("order", "follow_up", "no_interest", ""))
        if name == "status":
            return self._rng.choice(("open", "done"))
        if name == "due_on":
            return f"2026-02-{self._rng.randrange(1, 28):02d}"
        if name == "payment_terms_days":
            return self._rng.choice((10, 14, 30, 60))
        if self._chance.happens(0.2):
            return self._rng.choice(("same", "again"))
        return f"{name} {self._mark(laptop)}"

    def _called(self, entity: str, record_id: str) -> str:
        return self._trace.name(record_id, entity)

    # editing

    def edit_field(self, laptop: Laptop) -> str:
        """One or two fields of a record, as they are visible now."""
        found = self._pick(laptop, *SCALARS)
        if found is None:
            return ""
        entity, row = found
        names = self._rng.sample(SCALARS[entity], self._rng.choice((1, 1, 2)))
        values = {name: self._value(laptop, name) for name in names}
        laptop.store.commit([patch(entity, row["id"], values)])
        return f"{self._called(entity, row['id'])} {values}"

    def open_form(self, laptop: Laptop) -> str:
        """A form is opened; it is saved later, on what was seen now."""
        found = self._pick(laptop, *SCALARS)
        if found is None:
            return ""
        entity, row = found
        version = laptop.store.read(lambda reader: reader.version(entity, row["id"]))
        self._forms[laptop.name] = (entity, row["id"], row, version)
        return f"form of {self._called(entity, row['id'])} at {version}"

    def save_form(self, laptop: Laptop) -> str:
        """The form opened before is saved."""
        form = self._forms.pop(laptop.name, None)
        if form is None:
            return ""
        entity, record_id, row, version = form
        name = self._rng.choice(SCALARS[entity])
        values = {name: self._value(laptop, name)}
        RecordService(laptop.store, laptop.person.user_id).update(entity, record_id, values, seen=row, seen_ver=version)
        return f"form of {self._called(entity, record_id)} seen at {version}: {values}"

    def edit_group(self, laptop: Laptop) -> str:
        """Coupled fields: a part of them, or all."""
        found = self._pick(laptop, "address", "account")
        if found is None:
            return ""
        entity, row = found
        mark = self._mark(laptop)
        limit = AWKWARD[self._count % len(AWKWARD)]
        values: dict[str, Any] = {"currency": self._rng.choice(("EUR", "CHF")), "credit_limit": limit}
        if entity == "address":
            values = {"street": f"way {mark}", "city": f"town {mark}", "postal_code": "53111"}
        names = self._rng.sample(sorted(values), self._rng.randrange(1, len(values) + 1))
        laptop.store.commit([patch(entity, row["id"], {name: values[name] for name in names})])
        return f"{self._called(entity, row['id'])} group {names}"

    def edit_text(self, laptop: Laptop) -> str:
        """A note grows at its end, at its head, or is written anew."""
        found = self._pick(laptop, *TEXTS)
        if found is None:
            return ""
        entity, row = found
        name = TEXTS[entity]
        old, mark = row[name], self._mark(laptop)
        lines = old.splitlines(keepends=True)
        way = self._rng.choice(("append", "append", "prepend", "replace", "word"))
        new = {
            "append": f"{old}more {mark}\n",
            "prepend": f"first {mark}\n{old}",
            "replace": f"all new {mark}\n",
            "word": "".join([lines[0].rstrip("\n") + f" {mark}\n", *lines[1:]]) if lines else f"word {mark}\n",
        }[way]
        laptop.store.commit([text(entity, row["id"], name, new)])
        return f"{self._called(entity, row['id'])} {name}: {way} {mark}"

    def edit_set(self, laptop: Laptop) -> str:
        """Elements come and go."""
        found = self._pick(laptop, *SETS)
        if found is None:
            return ""
        entity, row = found
        name, element = SETS[entity], self._rng.choice(ELEMENTS)
        make = set_remove if element in row[name] and self._chance.happens(0.7) else set_add
        laptop.store.commit([make(entity, row["id"], name, [element])])
        return f"{self._called(entity, row['id'])} {make.__name__} {element}"

    # making and taking away

    def make(self, laptop: Laptop) -> str:
        """A new record, sometimes two in one step, sometimes one that others will not see."""
        entity = self._rng.choice(("contact", "visit", "task", "account"))
        record_id, mark = new_id(), self._mark(laptop)
        if entity == "account":
            owner = laptop.person.user_id if self._chance.happens(0.8) else None
            values: dict[str, Any] = {"name": f"new {mark}", "owner_id": owner, "tags": ["vip"]}
            extra = [create("contact", new_id(), {"account_id": record_id, "name": f"of {mark}"})]
        else:
            found = self._pick(laptop, "account")
            if found is None:
                return ""
            values = {"account_id": found[1]["id"], "name" if entity == "contact" else "subject": f"new {mark}"}
            extra = []
            if entity == "visit":
                values |= {"note": f"text {mark}\n", "participants": ["cold"]}
                extra = [create("task", new_id(), {"visit_id": record_id, "account_id": found[1]["id"]})]
        laptop.store.commit([create(entity, record_id, values), *(extra if self._chance.happens(0.5) else [])])
        return f"{self._called(entity, record_id)}"

    def remove(self, laptop: Laptop) -> str:
        """A record is deleted, with what belongs to it."""
        found = self._pick(laptop, "visit", "task", "contact", "account", "channel", "quote")
        if found is None:
            return ""
        entity, row = found
        laptop.store.commit([delete(entity, row["id"])])
        self._deleted.setdefault(laptop.name, []).append((entity, row["id"]))
        return self._called(entity, row["id"])

    def bring_back(self, laptop: Laptop) -> str:
        """A record deleted before is wanted again."""
        gone = [key for keys in self._deleted.values() for key in keys]
        if not gone:
            return ""
        entity, record_id = self._rng.choice(gone)
        laptop.store.commit([restore(entity, record_id)])
        return self._called(entity, record_id)

    # quotes

    def quote(self, laptop: Laptop) -> str:
        """A new quote, or the next step with one that is there."""
        service = QuoteService(laptop.store, laptop.clock, laptop.person.user_id)
        quotes = self._rows(laptop, "quote")
        if not quotes or self._chance.happens(0.25):
            found = self._pick(laptop, "account")
            if found is None:
                return ""
            lines = [NewLine(product, Decimal(self._rng.randrange(1, 9))) for product in self._products[:2]]
            quote_id = service.new_quote(found[1]["id"], lines=lines)
            return f"new {self._called('quote', quote_id)}"
        quote = self._rng.choice(quotes)
        view = laptop.store.read(lambda reader: reader.quote(quote["id"]))
        if view is None or view.revision is None:
            return ""
        return f"{self._called('quote', quote['id'])} {self._quote_step(laptop, service, view)}"

    def _quote_step(self, laptop: Laptop, service: QuoteService, view: Any) -> str:
        revision, lines = view.revision, view.lines
        if revision["status"] == "draft":
            step = self._rng.choice(("line", "change", "remove", "send", "send", "header"))
            if step == "line":
                service.add_line(revision["id"], self._rng.choice(self._products), Decimal(2))
            elif step == "change" and lines:
                service.change_line(self._rng.choice(lines)["id"], Decimal(self._rng.randrange(1, 20)))
            elif step == "remove" and lines:
                service.remove_line(self._rng.choice(lines)["id"])
            elif step == "header":
                service.set_header(revision["id"], {"intro": f"dear {self._mark(laptop)}\n"})
            elif lines:
                service.send(revision["id"])
            return step
        if revision["status"] == "sent":
            step = self._rng.choice(("revise", "accepted", "lost", "order", "order"))
            if step == "revise":
                service.revise(view.quote["id"])
            elif step == "order":
                self._order(laptop, view)
            elif step == "lost":
                QuoteOutcomes(laptop.store, laptop.clock, laptop.person.user_id).lose(revision["id"], "price")
            else:
                service.close(revision["id"], step)
            return step
        service.revise(view.quote["id"])
        return "revise"

    def _order(self, laptop: Laptop, view: Any) -> None:
        """An order from a quote: accepted and ordered in one step, or not at all."""
        order_id = new_id()
        quote = view.quote
        values = {"account_id": quote["account_id"], "quote_id": quote["id"], "owner_id": quote["owner_id"]}
        made = [
            transition("quote_revision", view.revision["id"], "accepted"),
            create("order", order_id, values | {"provisional_number": quote["number"]}),
        ]
        made = laptop.store.read(lambda reader: quote_closed(reader, made))
        for line in view.lines:
            copied = {name: line[name] for name in ("product_id", "name", "quantity", "line_total")}
            made.append(create("order_line", new_id(), copied | {"order_id": order_id}))
        laptop.store.commit(made)

    # what waits for a person

    def decide(self, laptop: Laptop) -> str:
        """A conflict is decided."""
        rows = [row for row in self._rows(laptop, "conflict") if row["status"] == "open"]
        if not rows:
            return ""
        conflict = self._rng.choice(rows)
        side: Side = "mine" if self._chance.happens(0.5) else "theirs"
        ConflictService(laptop.store).resolve(conflict["id"], side)
        return f"{self._called('conflict', conflict['id'])} {side}"

    def retry(self, laptop: Laptop) -> str:
        """A refused change is sent again, or given up."""
        service = RefusalService(laptop.store, laptop.clock)
        refused = service.open()
        if not refused:
            return ""
        entry = self._rng.choice(sorted(refused, key=lambda view: view.id))
        set_aside = laptop.store.read(lambda reader: reader.local_quarantine())
        ops = [op["op_id"] for other in set_aside if other.client_seq == entry.client_seq
               for op in other.transaction["ops"]]  # fmt: skip
        # What builds on one another is sent again together.
        group = {view.client_seq for view in refused if view.group == entry.group}
        all_ops = [op["op_id"] for other in set_aside if other.client_seq in group for op in other.transaction["ops"]]
        if self._chance.happens(0.7):
            service.retry(entry.id)
            self.taken_back.update(all_ops)
            return f"{entry.reason} again"
        service.drop(entry.id, "given up")
        self.taken_back.update(ops if entry.place else all_ops)
        return f"{entry.reason} given up"

    def poison(self, laptop: Laptop) -> str:
        """A change the server must refuse."""
        kind = self._rng.choice(("dangling", "catalogue", "total", "unread"))
        if kind == "dangling":
            laptop.store.commit([create("task", new_id(), {"subject": "bad", "visit_id": new_id()})])
        elif kind == "catalogue":
            laptop.store.commit([patch("product", self._products[0], {"name": f"mine {self._mark(laptop)}"})])
        elif kind == "total":
            drafts = [row for row in self._rows(laptop, "quote_revision") if row["status"] == "draft"]
            if not drafts:
                return ""
            revision = self._rng.choice(drafts)
            laptop.store.commit([transition("quote_revision", revision["id"], "sent", expected_total="0.01")])
        else:
            # Read by no server: see `Central`.
            laptop.store.commit([create("task", new_id(), {"subject": f"{POISON} {self._mark(laptop)}"})])
        return kind

    def take_back(self, laptop: Laptop) -> str:
        """A change that has not left yet is taken back."""
        waiting = [entry for entry in OutboxService(laptop.store).entries() if entry.can_discard]
        if not waiting:
            return ""
        entry = self._rng.choice(waiting)
        found = laptop.store.read(lambda reader: reader.outbox())
        ops = [op.op_id for other in found if other.client_seq == entry.client_seq for op in other.ops]
        if not laptop.store.discard(entry.client_seq):
            return ""
        self.taken_back.update(ops)
        return f"number {entry.client_seq}"

    def big(self, laptop: Laptop) -> str:
        """Many changes in one step."""
        account = self._pick(laptop, "account")
        if account is None:
            return ""
        mark = self._mark(laptop)
        laptop.store.commit(
            [create("task", new_id(), {"account_id": account[1]["id"], "subject": f"{n} {mark}"}) for n in range(12)]
        )
        return f"12 tasks {mark}"


def act(people: People, laptop: Laptop, name: str) -> str | None:
    """Do one action; None where the product refused it or there was nothing to do."""
    try:
        return getattr(people, name)(laptop) or None
    except KnownError:
        return None
