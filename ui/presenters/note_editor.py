"""The visit note while it is written: drafts, saving, and changes that come in meanwhile.

A key makes the form `unsaved`; at most 800 ms later a local draft is durable (`drafted`), also while typing
goes on. Leaving, Ctrl+S and 30 s without a key make the draft one operation (`saved`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import CrmError
from crm_desktop.ids import new_id
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.text_merge import merge_text
from crm_desktop.services.tasks import task_values
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create
from crm_desktop.store.reader import Reader
from ui.presenters.note_contents import FIELDS, NoteContents, load_note
from ui.presenters.note_drafts import DRAFT_KEY, finish_draft, visit_intents
from ui.presenters.note_view import Incoming, NoteView, Timer
from ui.presenters.tasks import Tasks

_TYPED_EARLY = ("note", "outcome", "status", "subject")
DRAFT_MS = 400
"""From the first unsaved key to the start of writing the draft; the promise is 800 ms with the writing."""
IDLE_MS = 30_000


class NoteEditor:
    """Holds one open visit. All methods run on the main thread; work goes through `tasks`."""

    def __init__(
        self,
        store: ClientStore,
        tasks: Tasks,
        clock: Clock,
        user_id: str,
        view: NoteView,
        timers: tuple[Timer, Timer],
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._user_id = user_id
        self._view = view
        self._draft_timer, self._idle_timer = timers
        self._base: Row = {}
        self._version = 0
        self._exists = False
        self._theirs: tuple[Row, int] | None = None
        self._edits = 0
        self._durable = 0
        self._reading = False
        self._typed_early = False
        self._after_reading: list[Callable[[], Any]] = []
        self.visit_id = ""
        self.phase = "clean"

    @property
    def account_id(self) -> str:
        """The account visited; empty before anything is open."""
        return str(self._base.get("account_id") or "")

    @property
    def dirty(self) -> bool:
        """True while something typed is not an operation yet."""
        return self.phase in ("unsaved", "drafted")

    def open(self, visit_id: str = "", account_id: str = "", then: Callable[[], Any] | None = None) -> None:
        """Read a visit, or begin a new one at an account. A draft of another visit is saved first.

        What is typed into a new note, and what is asked for, before the read is back waits for it.
        """
        if self._reading:
            self._after_reading.append(lambda: self.open(visit_id, account_id, then))
            return
        self.save()
        wanted = visit_id or new_id()
        self.visit_id, self._reading, self._typed_early = "", True, False
        self._view.show_reading(not visit_id)

        def read() -> NoteContents:
            draft = self._store.load_draft(DRAFT_KEY)
            found = draft["visit_id"] if draft else wanted
            now = self._clock.now()
            return self._store.read(lambda reader: load_note(reader, found, account_id, self._user_id, now, draft))

        def begin(_: None) -> None:
            self._tasks.read(read, lambda contents: self._show(contents, then), self._give_up)

        # Behind the save above, on the one thread that writes: a draft that just became a record is none any more.
        self._tasks.write(lambda: self._finish_other_draft(visit_id, account_id), begin, self._give_up)

    def _show(self, contents: NoteContents, then: Callable[[], Any] | None) -> None:
        typed = self._view.values() if self._typed_early else {}
        self.visit_id, self._exists = contents.visit_id, contents.exists
        self._base, self._version = dict(contents.row), contents.version
        self._theirs = None
        self._edits = self._durable = 0
        self._reading = False
        self._view.show_incoming(None)
        # In one go, never blank in between: the cursor stands in what is being typed.
        shown = contents.row | (contents.draft or {})
        self._view.show_contents(replace(contents, row=shown | _typed_over(shown, typed)))
        if typed:
            self.edited()
        elif contents.draft is not None:
            self._edits = 1
            self._set_phase("drafted")
            self._idle_timer.start(IDLE_MS)
        else:
            self._set_phase("clean")
        if then is not None:
            then()
        self._go_on()

    def _go_on(self) -> None:
        self._reading = False
        waiting, self._after_reading = self._after_reading, []
        for step in waiting:
            step()

    def _give_up(self, error: CrmError) -> None:
        self._go_on()
        raise error

    def edited(self) -> None:
        """The user changed something. The draft timer is not restarted: typing on must not delay it."""
        if self._reading:
            self._typed_early = True
            return
        if not self.visit_id:
            return
        self._edits += 1
        self._set_phase("unsaved")
        if not self._draft_timer.running():
            self._draft_timer.start(DRAFT_MS)
        self._idle_timer.start(IDLE_MS)

    def write_draft(self) -> None:
        """Make what is typed durable on this laptop."""
        at = self._edits
        if at == self._durable:
            return
        data = {"visit_id": self.visit_id, "values": self._view.values(), "at": format_instant(self._clock.now())}

        def done(_: None) -> None:
            self._durable = max(self._durable, at)
            if self._edits == at and self.phase == "unsaved":
                self._set_phase("drafted")

        self._tasks.write(lambda: self._store.save_draft(DRAFT_KEY, data), done)

    def save(self, extra: Sequence[Intent] = (), then: Callable[[], Any] | None = None) -> None:
        """Make it one operation, together with `extra` (a follow-up task). Nothing typed, nothing written."""
        if self._reading:
            self._after_reading.append(lambda: self.save(extra, then))
            return
        self._draft_timer.stop()
        self._idle_timer.stop()
        if not self.visit_id or not (self.dirty or extra):
            if then is not None:
                then()
            return
        at, values, base = self._edits, self._view.values(), dict(self._base)
        visit_id, version, exists = self.visit_id, self._version, self._exists
        self._exists = True

        def write() -> tuple[Row, int]:
            intents = [*visit_intents(visit_id, values, base, version, exists), *extra]
            self._store.commit(intents, "note")
            self._store.clear_draft(DRAFT_KEY)
            return self._store.read(
                lambda reader: (reader.get("visit", visit_id) or (base | values), reader.version("visit", visit_id))
            )

        def done(result: tuple[Row, int]) -> None:
            if self.visit_id != visit_id:
                return
            row, self._version = result
            self._base = base | values
            if self._edits == at:
                self._set_phase("saved")
            self._compare(row, self._version)
            if then is not None:
                then()

        self._tasks.write(write, done)

    def add_follow_up(self, subject: str, due: date, then: Callable[[], Any] | None = None) -> str:
        """A task out of this note, in one action with the note itself; returns the task's id."""
        task_id = new_id()
        if self._reading:
            self._after_reading.append(lambda: self._save_follow_up(task_id, subject, due, then))
        else:
            self._save_follow_up(task_id, subject, due, then)
        return task_id

    def _save_follow_up(self, task_id: str, subject: str, due: date, then: Callable[[], Any] | None) -> None:
        belongs = {"account_id": self.account_id or None, "visit_id": self.visit_id, "owner_id": self._user_id or None}
        self.save([create("task", task_id, task_values(subject, due, "") | belongs)], then)

    def record_changed(self) -> None:
        """Something came in for the open visit: look, and offer the merge where it differs."""
        if not self._exists or not self.visit_id:
            return
        visit_id = self.visit_id

        def read(reader: Reader) -> tuple[Row | None, int]:
            return reader.get("visit", visit_id), reader.version("visit", visit_id)

        def compare(found: tuple[Row | None, int]) -> None:
            if found[0] is not None and visit_id == self.visit_id:
                self._compare(found[0], found[1])

        self._tasks.read(lambda: self._store.read(read), compare, key="note.incoming")

    def take_incoming(self) -> None:
        """Bring the other change into the form: untouched fields and the merged text.

        Where both rewrote the same words, theirs is put below yours, so that nothing is lost.
        """
        if self._theirs is None:
            return
        row, version = self._theirs
        mine = self._view.values()
        merged = {name: row[name] if mine.get(name) == self._base.get(name) else mine[name] for name in mine}
        note = merge_text(self._base.get("note", ""), mine.get("note", ""), row["note"])
        merged["note"] = note if note is not None else f"{mine['note'].rstrip()}\n\n{row['note']}"
        self._base, self._version, self._theirs = dict(row), version, None
        self._view.show_incoming(None)
        self._view.show_values(merged)
        if any(merged[name] != row.get(name) for name in merged):
            self.edited()
        else:
            self._set_phase("clean")

    def _compare(self, row: Row, version: int) -> None:
        differing = tuple(name for name in FIELDS if row.get(name) != self._base.get(name))
        if not differing:
            self._theirs, self._version = None, version
            self._view.show_incoming(None)
            return
        self._theirs = (row, version)
        mine = self._view.values().get("note", "")
        overlaps = "note" in differing and merge_text(self._base.get("note", ""), mine, row["note"]) is None
        self._view.show_incoming(Incoming(differing, overlaps))

    def _finish_other_draft(self, visit_id: str, account_id: str) -> None:
        # After a crash a draft may wait that belongs to another visit: it becomes its operation now.
        draft = self._store.load_draft(DRAFT_KEY)
        if not draft or draft["visit_id"] == visit_id:
            return
        if not visit_id and draft["values"].get("account_id") == account_id:
            return
        finish_draft(self._store)

    def _set_phase(self, phase: str) -> None:
        self.phase = phase
        self._view.show_phase(phase, self._clock.now() if phase in ("drafted", "saved") else None)


def _typed_over(shown: Row, typed: Row) -> Row:
    """What was typed before the note stood there, above a note that a crash left behind."""
    kept = {name: typed[name] for name in _TYPED_EARLY if typed.get(name)}
    if shown.get("note") and kept.get("note"):
        kept["note"] = f"{kept['note'].rstrip()}\n{shown['note']}"
    return kept
