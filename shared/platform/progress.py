"""Progress on a console: one line that changes, or, where nobody watches, a line every few seconds."""

from __future__ import annotations

import sys
import time

import click

_EVERY_S = 5.0


class ProgressLine:
    """Tells how far something is, on standard error.

    Args:
        words: the line, with a `%s` for each value told.
        live: whether a line may be written over; by default when a person watches.
    """

    def __init__(self, words: str, *, live: bool | None = None) -> None:
        """Say nothing yet."""
        self._words = words
        self._live = sys.stderr.isatty() if live is None else live
        self._told_at: float | None = None
        self._last = ""

    def __call__(self, *values: object) -> None:
        """Tell; into a file not more often than every few seconds."""
        self._last = self._words % values
        now = time.monotonic()
        if self._live:
            click.echo(f"\r{self._last}", nl=False, err=True)
        elif self._told_at is None or now - self._told_at >= _EVERY_S:
            click.echo(self._last, err=True)
            self._told_at, self._last = now, ""

    def end(self) -> None:
        """Leave the last state standing."""
        if self._live or self._last:
            click.echo("" if self._live else self._last, err=True)
