"""What was refused, and the ways out: send again, change and send, discard with a reason, hand to inside sales.

Each way out is an operation of its own. Sending again is a new transaction on what stands now; it names the old
one, and applies only while the entry is open. What belongs together is sent together, in its order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.ordering import AFTER_ORDER
from crm_desktop.services import set_aside
from crm_desktop.services.changes import ChangeView, change_views
from crm_desktop.services.following import made_and_used
from crm_desktop.services.retrying import Payload, edited, intents, is_paper, payload_of, proposal, stands_already
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, transition, update
from crm_desktop.store.reader import Reader

STANDS = "stands_already"  # instead of the server's reason, where somebody else did the same meanwhile
LOCAL = "local:"  # prefix of the id of a refusal that never reached the server


@dataclass(frozen=True, slots=True)
class RefusedView:
    """A change that needs a person: refused by the server, or set aside here (`local`).

    Entries of one `group` build on each other and are sent again together, `place` is the order in it. `author`
    is empty where it is one's own; `handed` says that it lies with inside sales.
    """

    id: str
    local: bool
    client_seq: int | None
    reason: str
    detail: str
    at: str | None
    changes: tuple[ChangeView, ...]
    status: str
    author: str = ""
    note: str = ""
    handed: bool = False
    group: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A refused change laid over the record as it stands: what a form begins with."""

    entity: str
    record_id: str
    is_new: bool
    row: Row
    values: Row


@dataclass(frozen=True, slots=True)
class _Entry:
    view: RefusedView
    payload: Payload
    txn_id: str


class RefusalService:
    """Lists and decides refused changes."""

    def __init__(self, store: ClientStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open(self) -> list[RefusedView]:
        """What waits for a decision, the newest group first, each in its order."""
        groups: dict[str, list[RefusedView]] = {}
        for entry in self._store.read(_entries):
            groups.setdefault(entry.view.group, []).append(entry.view)
        newest_first = sorted(groups.values(), key=lambda views: views[0].at or "", reverse=True)
        return [view for views in newest_first for view in views]

    def retry(self, refused_id: str, initiator: str = "") -> int:
        """Send a refused action again on what stands now, with all that builds on it; returns how many."""
        group = self._group(refused_id)
        for entry in group:
            self._send(entry, initiator)
        return len(group)

    def of_paper(self, revision_id: str) -> str:
        """The refusal of a paper for an order that does not stand any more, where it is the same paper still; or ""."""

        def find(reader: Reader) -> str:
            entries = [entry for entry in _entries(reader) if entry.view.reason == AFTER_ORDER]
            return next((entry.view.id for entry in entries if is_paper(reader, entry.payload, revision_id)), "")

        return self._store.read(find)

    def proposal(self, refused_id: str) -> Proposal:
        """What to begin changing a refused action with. InvalidInput where it holds no field to change."""

        def read(reader: Reader) -> Proposal:
            found = proposal(reader, self._one(reader, refused_id).payload)
            if found is None:
                raise InvalidInput("nothing_to_edit", "There is no field to change here.", "Send it again or discard.")
            return Proposal(*found)

        return self._store.read(read)

    def save(
        self,
        refused_id: str,
        values: Mapping[str, Any],
        *,
        seen: Row | None = None,
        seen_ver: int | None = None,
        initiator: str = "",
    ) -> int:
        """Send a refused action with these values of its record instead of its own; the group follows.

        `values` are all that is to differ from the record as it stands, or as it was `seen`. Returns how many
        actions were sent.
        """
        target = self.proposal(refused_id)
        if target.is_new:
            instead = create(target.entity, target.record_id, values)
        else:
            instead = update(target.entity, target.record_id, values, seen_ver, seen)
        key = (target.entity, target.record_id)
        group = self._group(refused_id)
        for entry in group:
            made = None
            if entry.view.id == refused_id:
                made = self._store.read(partial(edited, payload=entry.payload, key=key, instead=instead))
            self._send(entry, initiator, made)
        return len(group)

    def drop(self, refused_id: str, reason: str, initiator: str = "") -> int:
        """Give a refused action up, saying why, and with it what builds on it; returns how many.

        The content stays readable in the server's entries.
        """
        words = reason.strip()
        if not words:
            raise InvalidInput("reason_missing", "A discarded change needs a reason.", "Say in a few words why.")
        entries = self._with_followers(refused_id)
        made: list[Intent] = []
        for entry in entries:
            if entry.view.client_seq is not None:
                self._store.close_quarantine(entry.view.client_seq, words)
            else:
                made.append(update("quarantine", entry.view.id, {"note": _joined(entry.view.note, words)}))
                made.append(transition("quarantine", entry.view.id, "discarded"))
        self._store.commit(made, initiator)
        return len(entries)

    def hand_over(self, refused_id: str, note: str = "", initiator: str = "") -> int:
        """Let inside sales decide about it and what builds on it: from the next sync on it stands in their list.

        What was set aside on this laptop goes as the text of an entry of its own. Returns how many actions were handed
        over. InvalidInput where a single change is too large for that; then nothing was.
        """
        entries = self._with_followers(refused_id)
        at, words = stamp(self._clock), note.strip()
        aside = {
            entry.view.client_seq: self._store.read(partial(_as_entries, entry=entry, at=at, note=words))
            for entry in entries
            if entry.view.client_seq is not None
        }
        for client_seq, made in aside.items():
            for intent in made[:-1]:
                self._store.commit([intent], initiator, part_of=client_seq)
            # Only with the last of them it is no longer set aside: a hand-over that was cut short goes on.
            self._store.commit(made[-1:], initiator, closes=client_seq)
        told = [
            update("quarantine", e.view.id, {"handed_at": at, "note": _joined(e.view.note, words)})
            for e in entries
            if e.view.client_seq is None
        ]
        if told:
            self._store.commit(told, initiator)
        return len(entries)

    def _with_followers(self, refused_id: str) -> list[_Entry]:
        """An entry alone, or the first of a group with all of it: without the first the others mean nothing."""
        group = self._group(refused_id)
        return group if group[0].view.id == refused_id else [e for e in group if e.view.id == refused_id]

    def _send(self, entry: _Entry, initiator: str, made: list[Intent] | None = None) -> None:
        wanted = made if made is not None else self._store.read(lambda reader: intents(reader, entry.payload))
        if not wanted:
            raise InvalidInput("nothing_to_retry", "This entry holds no change.", "Discard it.")
        if entry.view.client_seq is not None:
            if not self._store.commit(wanted, initiator, closes=entry.view.client_seq):
                self._store.close_quarantine(entry.view.client_seq)
        elif not self._store.commit(wanted, initiator, resolves=entry.txn_id):
            # All of it stands already.
            self._store.commit([transition("quarantine", entry.view.id, "resolved")], initiator)

    def _group(self, refused_id: str) -> list[_Entry]:
        def read(reader: Reader) -> list[_Entry]:
            group = self._one(reader, refused_id).view.group
            return [entry for entry in _entries(reader) if entry.view.group == group]

        return self._store.read(read)

    @staticmethod
    def _one(reader: Reader, refused_id: str) -> _Entry:
        for entry in _entries(reader):
            if entry.view.id == refused_id:
                return entry
        raise NotFound("not_here", "This entry is no longer here.", "Look at the list again.")


def _as_entries(reader: Reader, entry: _Entry, at: str, note: str) -> list[Intent]:
    view = entry.view
    return set_aside.entries(reader, entry.payload, view.reason, view.detail, view.at, at, note)


def _joined(*words: str) -> str:
    return "\n".join(part for part in words if part)


def _entries(reader: Reader) -> list[_Entry]:
    """Open entries in the order they were written, grouped: what uses a refused record joins its creation."""
    found = [*_local(reader), *_remote(reader)]
    found.sort(key=lambda entry: _place(entry.payload))
    leader: dict[str, str] = {}  # id of a refused new record -> group
    places: dict[str, int] = {}
    grouped = []
    for entry in found:
        created, used = made_and_used(entry.payload.get("ops", ()))
        group = next((leader[record_id] for record_id in sorted(used) if record_id in leader), entry.view.id)
        leader |= dict.fromkeys(created, group)
        places[group] = places.get(group, -1) + 1
        grouped.append(replace(entry, view=replace(entry.view, group=group, place=places[group])))
    return grouped


def _place(payload: Payload) -> tuple[str, int, int]:
    """When it was written; of one that was handed over in parts the place of the part too."""
    return str(payload.get("at", "")), int(payload.get("client_seq", 0)), int(payload.get("part", 0))


def _local(reader: Reader) -> list[_Entry]:
    return [
        _Entry(
            RefusedView(
                f"{LOCAL}{entry.client_seq}",
                True,
                entry.client_seq,
                entry.code,
                entry.message,
                entry.at,
                change_views(reader, entry.transaction),
                "open",
            ),
            entry.transaction,
            entry.txn_id,
        )
        for entry in reader.local_quarantine()
    ]


def _remote(reader: Reader) -> list[_Entry]:
    me = reader.sync_state().user_id
    being_sent = reader.resolving()
    result = []
    for row in reader.where("quarantine", status="open"):
        if row["txn_id"] in being_sent:
            continue
        payload = payload_of(row)
        author = reader.get("user", row["user_id"]) if row["user_id"] and row["user_id"] != me else None
        view = RefusedView(
            row["id"],
            False,
            None,
            STANDS if row["reason"] == "state_changed" and stands_already(reader, payload) else row["reason"],
            row["detail"],
            row["refused_at"],
            change_views(reader, payload),
            row["status"],
            str(author["name"]) if author else "",
            row["note"],
            row["handed_at"] is not None,
        )
        result.append(_Entry(view, payload, row["txn_id"]))
    return result
