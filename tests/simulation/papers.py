"""Files of a history: people add them, bytes travel beside the sync, and no record is ever without its bytes (I19)."""

import hashlib
import io
import random
from collections.abc import Iterable
from pathlib import Path

from crm_desktop.errors import KnownError, NotFound, SessionError
from crm_desktop.store.client_store import ClientStore
from sync.files import FileMover
from tests.simulation import seen
from tests.simulation.central import Central
from tests.simulation.chance import Trace, Violation
from tests.simulation.laptop import Laptop
from tests.simulation.ledger import Ledger
from tests.simulation.truth import Key, Truth


class Papers:
    """What people do with files, and the checkers of it."""

    def __init__(self, central: Central, ledger: Ledger, rng: random.Random, trace: Trace) -> None:
        self._central = central
        self._ledger = ledger
        self._rng = rng
        self._trace = trace
        self._added: dict[str, str] = {}  # id of the record -> laptop
        self._copied: set[str] | None = None

    # what happens

    def attach(self, laptop: Laptop) -> None:
        """Somebody adds a file to a customer or a visit; now and then one that others have added too."""
        entity = self._rng.choice(("account", "visit"))
        rows = sorted(laptop.store.read(lambda reader: reader.where(entity)), key=lambda row: str(row["id"]))
        if not rows:
            return
        parent = (entity, str(self._rng.choice(rows[:3])["id"]))
        text = f"paper {self._rng.randrange(3)}" if self._rng.random() < 0.4 else f"paper {self._rng.random()}"
        try:
            added = laptop.store.files.add(io.BytesIO(text.encode() * 5), parent, {"name": "paper.txt"})
        except KnownError:
            return
        laptop.synced()
        self._added[added] = laptop.name
        self._ledger.premises["I19 files added"] += 1
        self._trace.say(laptop.name, f"adds a file to {self._trace.name(parent[1], entity)}")

    def move(self, laptop: Laptop) -> None:
        """The laptop's files move as far as the line holds."""
        assert laptop.line is not None
        files = laptop.store.files
        try:
            moved = FileMover(files, laptop.line, laptop.epoch).run()
        except SessionError as error:
            self._trace.say(laptop.name, f"files rest: {error.code}")
            self._ledger.premises["I19 files that broke off"] += 1
        else:
            self._trace.say(laptop.name, f"files moved: {moved}")
            self._ledger.premises["I19 files moved"] += moved
        laptop.synced()
        self._ledger.wrote(laptop)

    def spoil(self, laptop: Laptop) -> None:
        """A byte on the laptop's disk changes."""
        folder = laptop.folder / "files"
        found = sorted(folder.iterdir(), key=lambda path: path.name) if folder.is_dir() else []
        whole = [path for path in found if "." not in path.name]
        if not whole:
            return
        path = self._rng.choice(whole)
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        self._ledger.premises["I19 files damaged on a disk"] += 1
        self._trace.say(laptop.name, "a file is damaged on the disk")

    def look(self, laptop: Laptop) -> None:
        """Somebody looks at every file that is here: what is damaged is found, and fetched again."""
        files = laptop.store.files
        for (attachment_id,) in seen.sql(laptop, "SELECT id FROM attachment ORDER BY id"):
            view = files.find(attachment_id)
            try:
                data = b"".join(files.pieces(view)) if view is not None and view.readable else None
            except NotFound:
                self._ledger.premises["I19 damaged files found"] += 1
                continue
            if view is not None and data is not None and hashlib.sha256(data).hexdigest() != view.sha256:
                raise Violation("I19", f"{laptop.name} shows other bytes for the file {attachment_id}")
        laptop.synced()

    # the server's backup

    def copy(self) -> None:
        """A backup of the server takes the bytes along."""
        self._copied = {sha256 for sha256, _ in self._central.storage.blobs.files.published()}

    def restored(self, truth: Truth) -> None:
        """The administrator restored the database; the bytes too, or not."""
        if self._copied is not None and self._rng.random() < 0.5:
            files = self._central.storage.blobs.files
            lost = [sha256 for sha256, _ in files.published() if sha256 not in self._copied]
            for sha256 in lost:
                files.remove(sha256)
            self._ledger.premises["I19 bytes lost by a restore"] += len(lost)
        self.check_server(truth, truth.rows.keys())

    # what must be true

    def check_server(self, truth: Truth, changed: Iterable[Key]) -> None:
        """I19: a live record of a file has its bytes on the server, whole and unharmed."""
        files = self._central.storage.blobs.files
        for key in changed:
            row = truth.live(key) if key[0] == "attachment" else None
            if row is None:
                continue
            self._ledger.premises["I19 records whose bytes are there"] += 1
            path = files.path(row["sha256"])
            if not _is_content(path, row["sha256"], row["size"]):
                raise Violation("I19", f"{key} is on the server without its bytes")

    def survived(self, laptop: Laptop) -> None:
        """I1: a file that was added waits here, or its record is an ordinary change."""
        known = {op["id"] for *_, op in seen.outbox(laptop) if op["e"] == "attachment"}
        known |= {row[0] for row in seen.sql(laptop, "SELECT id FROM file_pending UNION SELECT id FROM attachment")}
        for attachment_id, name in self._added.items():
            forgotten = any(intent.key[1] == attachment_id for intent in self._ledger.intents.values())
            if name == laptop.name and attachment_id not in known and not forgotten:
                raise Violation("I1", f"{laptop.name} lost the file {attachment_id} after it was saved")

    def at_rest(self, laptop: Laptop) -> bool:
        """Whether nothing of this laptop's files is left to be moved."""
        files = laptop.store.files
        files.sweep()
        return files.next_upload() is None and files.next_download() is None

    def converged(self, laptop: Laptop, truth: Truth) -> None:
        """At the end every file a laptop shows is there, with its own bytes."""
        store: ClientStore = laptop.store
        if not self.at_rest(laptop):
            raise Violation("L1", f"{laptop.name} still has files to move")
        for entity, record_id in truth.visible(laptop.person.user_id):
            if entity != "attachment":
                continue
            view = store.files.find(record_id)
            if view is None or view.place != "here":
                raise Violation("I19", f"{laptop.name} shows the file {record_id} as {view and view.place}")
            data = b"".join(store.files.pieces(view))
            if hashlib.sha256(data).hexdigest() != view.sha256:
                raise Violation("I19", f"{laptop.name} shows other bytes for the file {record_id}")
            self._ledger.premises["I19 files that arrived"] += 1


def _is_content(path: Path, sha256: str, size: int) -> bool:
    if not path.is_file():
        return False
    data = path.read_bytes()
    return len(data) == size and hashlib.sha256(data).hexdigest() == sha256
