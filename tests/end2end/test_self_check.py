"""`--self-check` of the installation the tests run in; `make bundle` runs the same in what it built."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check(*prelude: str, **environment: str) -> tuple[int, dict[str, str]]:
    """Exit code, and each check with what it said."""
    code = "\n".join((*prelude, "from ui.__main__ import main", "raise SystemExit(main(['--self-check']))"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | environment,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    lines = [line.split(": ", 1) for line in done.stdout.splitlines()]
    return done.returncode, {head.split()[1]: f"{head.split()[0]} {said}" for head, said in lines}


def test_everything_is_there() -> None:
    code, said = check()
    assert code == 0
    assert said.keys() == {"sqlite", "database", "translations", "pdf", "folder", "window"}
    assert said["database"].startswith("ok encrypted, schema ")
    assert "icon and font loaded" in said["window"]


def test_what_is_missing_is_said_and_the_rest_checked() -> None:
    gone = ("import sys", "sys.modules['typst'] = None", "sys.modules['PySide6.QtSvg'] = None")
    code, said = check(*gone)
    assert code == 1
    assert {name for name, result in said.items() if result.startswith("FAIL")} == {"pdf", "window"}
    assert said["database"].startswith("ok ")


def test_migrations_that_did_not_come_along_are_missed(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    for file in (ROOT / "crm_desktop/model/migrations/versions").glob("*.py"):
        (tmp_path / "versions" / file.name).write_text("revision = 'x'\ndown_revision = None\ndef upgrade(): pass\n")
    code, said = check(
        "from pathlib import Path",
        "from crm_desktop.model import schema",
        f"schema.MIGRATIONS = Path({str(tmp_path)!r})",
    )
    assert code == 1
    assert said["database"].startswith("FAIL")
