"""Anki's client with its sync server, and PouchDB with its own: their scripts run as they are, what they tell is read.

`PEERS_HOME` names the folder where both are installed (venv, node, data), `PEERS_SCRIPTS` that of their scripts, `src`
in it where it is not set. Each program is a process group of its own with a time limit, and only those are stopped.
"""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

SET = "10k"
LIMIT_S = 240.0
_BATCH = {"BATCH": "1000", "BATCHES": "10"}  # of documents: PouchDB's fastest way
_LIVE_EDITS = 50
_ATTEMPTS = 4
Told = dict[str, list[dict[str, Any]]]


class Unfinished(RuntimeError):
    """A program that ended with an error of its own; `output` is what it told before."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {code}: {output[-2000:]}")
        self.output = output


@dataclass(frozen=True)
class Side:
    """What one product took in one round: seconds, milliseconds, bytes both ways, edits a second, MB.

    A number that is none (nan) was not told.
    """

    rows_s: float
    wire_bytes: float
    memory_mb: float
    edits_a_s: float
    push_s: float
    live_ms: float
    idle_ms: float
    ready_s: float = 0.0
    """First sync by what the server has ready as a file; 0 for a product that knows none."""


def available() -> bool:
    """Whether this machine has the peers."""
    return bool(os.environ.get("PEERS_HOME"))


def home() -> Path:
    """Where they are installed."""
    return Path(os.environ["PEERS_HOME"])


def data() -> Path:
    """The folder of their customers."""
    return Path(os.environ.get("PEERS_DATA") or home() / "data") / SET


def versions() -> str:
    """Which releases of them."""
    package = home() / "node" / "node_modules" / "pouchdb-node" / "package.json"
    pouch = str(json.loads(package.read_text())["version"])
    anki = next((home() / "venv").glob("lib/*/site-packages/anki-*.dist-info")).name
    return f"PouchDB {pouch}, Anki {anki.removeprefix('anki-').removesuffix('.dist-info')}"


def told(text: str) -> Told:
    """The lines of results in a program's output, by the name of the work, in their order."""
    found: Told = {}
    for line in text.splitlines():
        if line.startswith("RESULT "):
            result = json.loads(line.removeprefix("RESULT "))
            found.setdefault(result["cmd"], []).append(result)
    return found


def bounded(command: Sequence[str], environment: Mapping[str, str], limit_s: float = LIMIT_S) -> str:
    """The output of a program that ends in time; RuntimeError for one that does not, Unfinished for one that fails."""
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{' '.join(command)} took longer than {limit_s:.0f} s") from error
        finally:
            _end_group(process)
    if process.returncode != 0:
        raise Unfinished(command, process.returncode, output)
    return output


def _end_group(process: "subprocess.Popen[str]") -> None:
    """Nothing it has started outlives it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _scripts() -> Path:
    return Path(os.environ.get("PEERS_SCRIPTS") or home() / "src")


def _environment(**more: str) -> dict[str, str]:
    return os.environ | {"PEERS_DATA": str(data().parent), "NODE_PATH": str(home() / "node" / "node_modules")} | more


def _free_port() -> int:
    """A port that is free, as is the next one, which Anki's byte counter takes."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as found, socket.socket() as next_one:
            port = int(found.getsockname()[1])
            if port < 65_535 and next_one.connect_ex(("127.0.0.1", port + 1)) != 0:
                return port


def anki_round(folder: Path, *, whole: bool) -> tuple[Side, int | None]:
    """All of Anki's work once, and how many of 1,000 edits of the same records it lost.

    Its script ends early now and then: an edit is not on the other laptop after the two syncs. Then what it told before
    counts, and the last two figures of the round are missing; where `whole` is asked for it is run again. So is
    one that ended before it had measured the rest.
    """
    command = [str(home() / "venv" / "bin" / "python"), str(_scripts() / "anki_peer.py"), "all", str(folder), SET]
    needed = {"rowsync", "s1_full_download", "s2", "s4", *(["s5"] if whole else [])}
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            output = bounded(command, _environment(ANKI_PORT=str(_free_port())))
        except Unfinished as error:
            output = error.output
            if attempt == _ATTEMPTS and not told(output).keys() >= needed:
                raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if told(output).keys() >= needed:
            break
    return anki_side(told(output))


def anki_side(results: Told) -> tuple[Side, int | None]:
    """What Anki's lines tell; of a run that ended early all but the live edit and the lost ones."""
    whole, edits = results["s1_full_download"][0], results["s2"]
    side = Side(
        rows_s=results["rowsync"][0]["pull_all_s"],
        wire_bytes=whole["bytes_in"] + whole["bytes_out"],
        memory_mb=whole["client_rss_mb"],
        edits_a_s=median(one["edits_s"] for one in edits),
        push_s=median(one["push_s"] for one in edits),
        live_ms=results["s3_two_manual_syncs"][0]["p50_ms"] if "s3_two_manual_syncs" in results else math.nan,
        idle_ms=results["s4"][0]["p50_ms"],
        ready_s=whole["s"],
    )
    return side, int(results["s5"][0]["edits_lost_silently"]) if "s5" in results else None


class PouchDb:
    """PouchDB's server with the customers in it, and a second laptop that has them all: the same in every round."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._kept = folder, folder / "kept"
        self._laptop, self._other, self._server = (str(folder / name) for name in ("laptop", "other", "server"))
        self._url = ""
        with self._serving():
            with urllib.request.urlopen(f"{self._url}/__load/crm/{SET}", timeout=LIMIT_S) as answer:
                answer.read()
            self._run("s1", self._other)
            self._run("s4", self._other, "1")  # its first sync both ways looks through all documents
        for path in (self._other, self._server):
            shutil.copytree(path, self._kept / Path(path).name)

    @contextmanager
    def _serving(self) -> Iterator[None]:
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}"
        command = ["node", "--max-old-space-size=6000", str(_scripts() / "pouch_server.js"), self._server, str(port)]
        with (self._folder / "server.log").open("w") as log:
            process = subprocess.Popen(
                command, env=_environment(), stdout=log, stderr=log, text=True, start_new_session=True
            )
        try:
            self._wait(process, port)
            yield
        finally:
            _end_group(process)
            process.wait()

    def round(self) -> Side:
        """A fresh laptop: first sync, nothing changed, edits and their push, live."""
        for path in (self._other, self._server):
            shutil.rmtree(path)
            shutil.copytree(self._kept / Path(path).name, path)
        with self._serving():
            first = self._run("s1", self._laptop)
            self._run("s4", self._laptop, "1")  # as above: neither the idle sync nor the push is to pay for it
            idle = self._run("s4", self._laptop)
            edits = self._run("s2", self._laptop)
            live = self._run("s3", self._laptop, self._other, str(_LIVE_EDITS))
        return pouch_side(first | idle | edits | live)

    def hidden(self) -> int:
        """How many of 1,000 edits of the same records nobody sees afterwards, on the laptops of the last round."""
        with self._serving():
            return int(self._run("s5", self._laptop, self._other)["s5"][0]["edits_not_visible"])

    def _run(self, work: str, laptop: str, *more: str) -> Told:
        script = str(_scripts() / "pouch_client.js")
        found = told(bounded(["node", script, work, self._url, "crm", laptop, *more], _environment(**_BATCH)))
        if work not in found:
            raise RuntimeError(f"PouchDB told nothing of {work}")
        return found

    def _wait(self, process: "subprocess.Popen[str]", port: int) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError((self._folder / "server.log").read_text())


def pouch_side(results: Told) -> Side:
    """What PouchDB's lines tell."""
    first, edits = results["s1"][0], results["s2"][0]
    if first["done"] is not True:
        raise RuntimeError(f"PouchDB's first sync did not end: {first}")
    return Side(
        rows_s=first["s"],
        wire_bytes=first["bytes_in"] + first["bytes_out"],
        memory_mb=first["client_rss_mb"],
        edits_a_s=edits["edits_s"],
        push_s=edits["push_s"],
        live_ms=results["s3"][0]["p50_ms"],
        idle_ms=results["s4"][0]["p50_ms"],
    )
