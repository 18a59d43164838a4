"""What a test has to tell beside passing (how often something occurred, what was sampled) stands at the end."""

import pytest

TOLD = "told"  # the name under which a test records it, by `record_property`


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, text in getattr(report, "user_properties", ()):
                if name == TOLD and report.when == "call":
                    terminalreporter.section(report.nodeid.rpartition("::")[2], sep="-")
                    terminalreporter.write_line(str(text))
