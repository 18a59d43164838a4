"""The program and the server as processes that a test may let die."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests import quick_start
from tests.integration.faults.company import PASSPHRASE, Rep
from tests.integration.server_process import ROOT, RunningServer

KILLED = -9
PATIENCE_S = 180
NOT_TRACED = (
    "This machine does not permit tracing (ptrace), without which nothing proves what a kill at any write leaves: "
    "allow it, in a container by --cap-add=SYS_PTRACE."
)


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
    asked = ["--profile", str(folder or rep.folder), "--json", *words]
    if tree == ROOT and not prefix:
        return quick_start.run("ui", asked, env=environment(fail), timeout=PATIENCE_S)
    return subprocess.run(
        [*prefix, sys.executable, "-m", "ui", *asked],
        cwd=tree, env=environment(fail), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


class ServerGone(Exception):
    """The server ended before it served."""


def serve(server: RunningServer, fail: str = "", prefix: Sequence[str] = (), tree: Path = ROOT) -> None:
    """Start `crm-server serve`, told where to die."""
    with (server.folder / "server.log").open("a") as log:
        words = ["serve", "--database", server.database, "--port", "0"]
        if tree == ROOT and not prefix:
            server.process = quick_start.start("server", words, stderr=log, env=environment(fail))
        else:
            server.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "server", *words],
                cwd=tree, env=environment(fail), stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
    assert server.process.stdout is not None
    line = server.process.stdout.readline()
    if not line:
        raise ServerGone(ended(server))
    assert line.startswith("Serving at "), server.log()
    server.url = line.removeprefix("Serving at ").strip()


def attach(process: "subprocess.Popen[str] | quick_start.Program", options: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Have strace follow a running process and all its threads; returns once it does."""
    tracer = subprocess.Popen(["strace", "-f", "-qq", *options, "-p", str(process.pid)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while not all(_traced(task) for task in Path(f"/proc/{process.pid}/task").iterdir()):
        if tracer.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(NOT_TRACED)
        time.sleep(0.005)
    return tracer


def _traced(task: Path) -> bool:
    return "TracerPid:\t0\n" not in (task / "status").read_text()


def need_strace() -> None:
    """RuntimeError in one sentence where processes cannot be traced here: the proof must not pass unseen."""
    if shutil.which("strace") is None:
        raise RuntimeError("strace is missing: run `make system`, or install the package strace.")
    sleeper = subprocess.Popen(["sleep", "600"], text=True)
    try:
        tracer = attach(sleeper, ["-o", os.devnull])
        tracer.terminate()
        tracer.wait(PATIENCE_S)
    finally:
        sleeper.kill()
        sleeper.wait()


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
