"""The profile's log: where an error rose and of which kind, never what it says."""

import logging
from pathlib import Path

from crm_desktop import logs


def test_an_error_is_logged_without_its_words(tmp_path: Path) -> None:
    said = "".join(["Geheim", "rat"])  # the line of code is shown, and is no secret
    handler = logs.start(tmp_path)
    try:
        try:
            try:
                int(said)
            except ValueError as error:
                raise KeyError(said) from error
        except KeyError:
            logging.getLogger("crm.sync").exception("thread ended")
    finally:
        logs.stop(handler)
    told = (tmp_path / "logs" / "crm.log").read_text(encoding="utf-8")
    assert said not in told
    assert "thread ended" in told
    assert told.index("ValueError") < told.index("KeyError")
    assert Path(__file__).name in told


def test_errors_that_are_each_others_cause_are_told_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    told = logs.FrameFormatter().formatException((ValueError, first, None))
    assert told.split() == ["KeyError", "ValueError"]
