"""The lines of the outbox in words: one for each root record, opened to what each action did to which record."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_desktop.model.columns import parse_instant
from ui.presenters.outbox_entries import Entry, Group, Part
from ui.window.i18n import fmt_near_day, tr
from ui.window.views.outbox_rows import OutboxRow, diff_lines
from ui.window.views.value_words import entity_word

_ICONS = {
    "account": "building-2", "contact": "user-round", "visit": "map-pin", "quote": "file-text",
    "quote_revision": "file-text", "quote_line": "file-text", "task": "square-check-big", "order": "package",
    "activity": "phone", "address": "map-pin", "channel": "phone", "conflict": "git-compare-arrows",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what it stands for: `entry` is None on a root with several actions, `part` on those alone.

    `parts` is how many lines it opens to, `depth` how far it is set in.
    """

    id: str
    group: Group
    entry: Entry | None
    part: Part | None
    parts: int = 0
    depth: int = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The actions it stands for."""
        return self.group.entries if self.entry is None else (self.entry,)

    @property
    def can_discard(self) -> bool:
        """Whether all it stands for can still be taken back."""
        return all(entry.can_discard for entry in self.entries)

    @property
    def target(self) -> tuple[str, str]:
        """The record it is about."""
        if self.part is None:
            return self.group.entity, self.group.record_id
        return self.part.entity, self.part.record_id

    @property
    def name(self) -> str:
        """What its record is called."""
        found = self.group.title if self.part is None else self.part.title
        return found or entity_word(self.target[0])


def lines_of(group: Group, opened: bool) -> Iterator[Line]:
    """The line of a root, and where it is opened those of its parts."""
    if len(group.entries) == 1:
        entry = group.entries[0]
        yield Line(group.id, group, entry, entry.main, len(entry.others))
        if opened:
            yield from _others(group, entry, 1)
        return
    yield Line(group.id, group, None, None, sum(len(entry.parts) for entry in group.entries))
    for entry in group.entries if opened else ():
        yield Line(str(entry.client_seq), group, entry, entry.main, 0, 1)
        yield from _others(group, entry, 2)


def row_of(line: Line, names: Mapping[str, str], opened: Collection[str], now: datetime, *, online: bool) -> OutboxRow:
    """A line as it is painted and spoken. `opened`: ids of the lines that show their parts."""
    entity, _ = line.target
    newest = line.entries[0]
    return OutboxRow(
        line.id, _ICONS.get(entity, "pen-line"), _title(line), _second(line),
        fmt_near_day(parse_instant(newest.at), now), "waiting", tr(f"outbox.{_state(line, online)}"),
        diff_lines(line.part.diffs, names) if line.part is not None else (), tr("word.empty"), line.depth,
        "" if not line.parts else "open" if line.id in opened else "closed",
    )  # fmt: skip


def _others(group: Group, entry: Entry, depth: int) -> Iterator[Line]:
    for part in entry.others:
        yield Line(f"{entry.client_seq} {part.entity} {part.record_id}", group, entry, part, 0, depth)


def _title(line: Line) -> str:
    if line.part is None or not line.depth or line.part.record_id == line.group.record_id:
        return line.name
    own, kind = line.part.own, entity_word(line.part.entity)
    if not own:
        return kind
    return f"{kind} {own}" if own.isdigit() else own


def _second(line: Line) -> str:
    kind = entity_word(line.target[0])
    if line.part is None:
        made = tr("outbox.create", kind=kind) if line.group.is_new else kind
        return tr("outbox.of_root", kind=made, count=len(line.group.entries))
    said = line.part.kind if line.part.kind in ("create", "delete") else "change"
    text = (
        tr("outbox.changed", kind=kind, count=len(line.part.diffs))
        if said == "change"
        else tr(f"outbox.{said}", kind=kind)
    )
    others = len(line.entry.others) if line.entry is not None and line.part is line.entry.main else 0
    return f"{text}, {tr('outbox.others', count=others)}" if others else text


def _state(line: Line, online: bool) -> str:
    if all(entry.state == "sent" or (online and entry.state == "sending") for entry in line.entries):
        return "sent"
    # What was tried without network has not gone out, as far as anyone knows.
    return "goes_out" if online else "waits"
