"""The program and the server as processes that a test may let die."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.integration.faults.company import PASSPHRASE, Rep
from tests.integration.server_process import ROOT, RunningServer

KILLED = -9
PATIENCE_S = 180


def environment(fail: str = "", **more: str) -> dict[str, str]:
    """Of a process under test: no window, a passphrase instead of a keyring, maybe a point at which it dies."""
    kept = {name: value for name, value in os.environ.items() if name != "CRM_FAIL"}
    return kept | {"CRM_PASSPHRASE": PASSPHRASE} | ({"CRM_FAIL": fail} if fail else {}) | more


def run_program(
    rep: Rep, *words: str, fail: str = "", prefix: Sequence[str] = (), tree: Path = ROOT, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `crm-desktop` on the profile, which must be closed here, or on a copy of it in `folder`.

    `prefix` starts it under another program.
    """
    return subprocess.run(
        [*prefix, sys.executable, "-m", "ui", "--profile", str(folder or rep.folder), "--json", *words],
        cwd=tree, env=environment(fail), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


class ServerGone(Exception):
    """The server ended before it served."""


def serve(server: RunningServer, fail: str = "", prefix: Sequence[str] = (), tree: Path = ROOT) -> None:
    """Start `crm-server serve`, told where to die."""
    with (server.folder / "server.log").open("a") as log:
        server.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "server", "serve", "--database", server.database, "--port", "0"],
            cwd=tree, env=environment(fail), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert server.process.stdout is not None
    line = server.process.stdout.readline()
    if not line:
        raise ServerGone(ended(server))
    assert line.startswith("Serving at "), server.log()
    server.url = line.removeprefix("Serving at ").strip()


def end_traced(server: RunningServer) -> int:
    """End a server that runs under strace, which hands no signal on; it may be dead already. Its exit code."""
    process = server.process
    assert process is not None
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)
    return ended(server)


def ended(server: RunningServer) -> int:
    """Exit code of a server that dies by itself."""
    process = server.process
    assert process is not None
    code = process.wait(PATIENCE_S)
    if process.stdout is not None:
        process.stdout.close()
    server.process = None
    return code


def init_server(server: RunningServer, tree: Path = ROOT, fail: str = "") -> int:
    """`crm-server init` of a program tree on the database; its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "init", "--database", server.database],
        cwd=tree, env=environment(fail), capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return done.returncode
