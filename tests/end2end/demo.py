"""`make demo`: a server with the sample company and a rep's laptop; without a display the whole story by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.end2end.processes import ServerProcess, free_port
from tests.end2end.story import PASSWORD, Story

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "resources" / "sample" / "northwind"
OUTPUT = ROOT / "demo-output"
WORK = ROOT / "demo-data"
REP = "adodsworth"
SEED = 1


def has_display() -> bool:
    """Whether a window can be shown to a person."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show() -> int:
    """The window of a rep, syncing with a server of its own, until it is closed."""
    WORK.mkdir()
    server = ServerProcess(WORK / "server.db", free_port(), WORK / "server.log")
    server.run("init", "--company", "Northwind Traders")
    say(server.run("sample", str(DATA), "--seed", str(SEED), "--password-stdin", given=PASSWORD + "\n").strip())
    server.start()
    say(f"The server answers at {server.url}. Everybody's password is {PASSWORD!r}.")
    client = [sys.executable, "-m", "ui", "--profile", str(WORK / REP)]
    try:
        enrol = [*client, "enrol", "--server", server.url, "--login", REP, "--password-stdin"]
        subprocess.run(enrol, input=PASSWORD + "\n", text=True, check=True)
        return subprocess.run(client, check=False).returncode
    finally:
        server.stop()


def main() -> int:
    """Window or story; 0 when the end state is right."""
    shutil.rmtree(WORK, ignore_errors=True)
    if has_display():
        return show()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    shutil.rmtree(OUTPUT, ignore_errors=True)
    wrong = Story(WORK, OUTPUT, say).run(DATA, SEED)
    for line in wrong:
        say(f"WRONG: {line}")
    say(f"Pictures and the quote's PDF are in {OUTPUT.relative_to(ROOT)}/.")
    say("The end state is wrong." if wrong else "The end state is right: three laptops and the server hold equal rows.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
