"""Which folders of tests take the time: pytest hooks, taken up by `tests.conftest`."""

from __future__ import annotations

from collections import defaultdict

import pytest

_SHOWN = 8
_seconds: defaultdict[str, float] = defaultdict(float)
_counts: defaultdict[str, int] = defaultdict(int)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add a test's set-up, call and tear-down to its folder."""
    folder = "/".join(report.nodeid.partition("::")[0].split("/")[:3])
    _seconds[folder] += report.duration
    _counts[folder] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the slowest."""
    if len(_seconds) < 2:
        return
    terminalreporter.section("slowest suites")
    for folder, seconds in sorted(_seconds.items(), key=lambda each: -each[1])[:_SHOWN]:
        terminalreporter.write_line(f"{seconds:7.1f} s  {_counts[folder]:5d} tests  {folder}")
