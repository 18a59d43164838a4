"""The report of the proof: each part with its points, failures and seconds, also when all went well."""

import pytest

from tests.integration.faults.share import DONE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each part did."""
    if DONE:
        terminalreporter.section("faults")
        for part in DONE:
            terminalreporter.write_line(part.line())
