"""Records what a released version leaves behind: a laptop's file, the server's database, and what both said.

    python tests/integration/versions/record.py TREE FOLDER

TREE is a checkout of the release. The folder gets `laptop.db` (key: 32 times 'k'; work of two transactions waits in
it), `server.db.zst` as it stood before that work, and `conversation.jsonl`: what the released program then says.
The story must never change; a later release adds a folder.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEY = b"k" * 32
AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
USER = "01a20000-0000-7000-8000-00000000000a"
ACCOUNT = "01a20000-0000-7000-8000-00000000000b"
CONTACT = "01a20000-0000-7000-8000-00000000000c"
VISIT = "01a20000-0000-7000-8000-00000000000d"
DEVICE = "01a20000-0000-7000-8000-00000000000e"


class Fixed:
    """A clock that stands."""

    def now(self) -> datetime:
        """The moment of the story."""
        return AT


def main() -> int:
    """Run the story by the code of another tree, in a process of its own."""
    tree, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(Path(__file__).resolve()), "--inside", str(folder)]
    return subprocess.run(command, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, check=False).returncode


def inside(folder: Path) -> None:
    """The story. Only what every release has is imported."""
    import zstandard

    from crm_desktop.errors import SessionError
    from crm_desktop.store.client_store import ClientStore
    from crm_desktop.store.intents import create, patch, set_add, text
    from server.api.requests import Caller
    from server.api.sync_calls import SyncCalls
    from server.identity.enrolment import Identity
    from server.storage import devices, users
    from server.storage.record_writing import write_chunk
    from server.storage.storage import Storage
    from sync.driver import run_session

    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    database = work / "server.db"
    storage = Storage.create(str(database), "Recorded GmbH", clock=Fixed())
    with storage.write(actor="admin") as commit:
        write_chunk(commit, [("user", USER, {"name": "Anna", "login": "anna", "role": "rep"})])
        users.add_account(commit, USER, "anna", "-", "rep")
    storage.write_records(
        [("account", ACCOUNT, {"name": "Recorded", "owner_id": USER, "tags": ["old"], "credit_limit": "100.00"})],
        "desk",
    )
    storage.write_records([("contact", CONTACT, {"account_id": ACCOUNT, "name": "Person"})], "desk")
    with storage.plain_write() as connection:
        token, code = devices.enrol_device(connection, USER, "recorded", DEVICE, "2026-01-05T10:00:00.000Z")
    lines: list[dict[str, Any]] = []

    class Wire:
        """A transport that goes to the calls themselves and writes down both sides."""

        def __init__(self, source: Storage) -> None:
            self.calls = SyncCalls(source, Identity(source))

        def _say(self, call: str, body: Any) -> Any:
            who = Caller(token, DEVICE, 10**6)
            raw = json.dumps(dict(body)).encode()
            if call == "pull":
                answer = self.calls.pull(who, self.calls.pull_request(raw), first=True).body
            else:
                answer = getattr(self.calls, call)(who, raw)
            lines.append({"call": call, "body": json.loads(raw), "answer": json.loads(answer)})
            return json.loads(answer)

        def identify(self, device_id: str) -> None: ...

        def hello(self, body: Any) -> Any:
            return self._say("hello", body)

        def push(self, body: Any, before_send: Any = lambda: None) -> Any:
            before_send()
            return self._say("push", body)

        def pull(self, body: Any) -> Any:
            return self._say("pull", body)

        def ask(self, call: str, body: Any) -> Any:
            raise SessionError("not_found", call, "")

        def snapshot(self, body: Any) -> Any:
            raise SessionError("not_found", "snapshot", "")

        def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None: ...

        def break_line(self) -> None: ...

        def traffic(self) -> Any:
            from sync.ports import Traffic

            return Traffic()

        def close(self) -> None: ...

    profile = work / "laptop"
    with ClientStore.open(profile, KEY, Fixed()) as store:
        store.enrol(DEVICE, code, USER, storage.state()[0])
        assert run_session(store, Wire(storage), now=Fixed().now, full_hello=True).error is None
        store.commit(
            [patch("account", ACCOUNT, {"website": "waiting.example"}), set_add("account", ACCOUNT, "tags", ["new"])]
        )
        store.commit([create("visit", VISIT, {"account_id": ACCOUNT, "subject": "Waiting", "owner_id": USER})])
        store.commit([text("visit", VISIT, "note", "A note that waits\n")])
    storage.close()
    shutil.copyfile(profile / "crm.db", folder / "laptop.db")
    (folder / "server.db.zst").write_bytes(zstandard.compress(database.read_bytes(), 19))
    again = Storage.open(str(database), clock=Fixed())
    lines.clear()
    with ClientStore.open(profile, KEY, Fixed()) as store:
        assert run_session(store, Wire(again), now=Fixed().now, full_hello=True).error is None
    again.close()
    from crm_desktop.model.schema import SCHEMA_VERSION

    head = {"schema": SCHEMA_VERSION, "token": token}
    with (folder / "conversation.jsonl").open("w") as target:
        target.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines))
    shutil.rmtree(work)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(Path(sys.argv[2]))
    else:
        sys.exit(main())
