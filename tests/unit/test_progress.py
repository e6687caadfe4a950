"""How far something is, on a console and in a file."""

from __future__ import annotations

import pytest

from shared.platform import progress
from shared.platform.progress import ProgressLine


def test_on_a_console_one_line_changes(capsys: pytest.CaptureFixture[str]) -> None:
    tell = ProgressLine("%s of %s", live=True)
    tell(1, 2)
    tell(2, 2)
    tell.end()
    assert capsys.readouterr().err == "\r1 of 2\r2 of 2\n"


def test_in_a_file_lines_are_few_and_the_last_one_is_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 6.0, 7.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    tell = ProgressLine("%s of %s", live=False)
    for done in range(4):
        tell(done, 3)
    tell.end()
    assert capsys.readouterr().err.splitlines() == ["0 of 3", "2 of 3", "3 of 3"]
