"""`./koi signups post`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hq.intake.api.posting import CannotPost, Poster, Report

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 10


@click.group()
def signups() -> None:
    """Sign-ups from files."""


@signups.command("post")
@click.argument("file", type=_FILE)
@click.option("--url", required=True, help="Where Koi answers, such as http://127.0.0.1:8000.")
@click.option("--token", required=True, envvar="KOI_TOKEN", help="From ./koi tokens add; or in KOI_TOKEN.")
@click.option("--connections", type=click.IntRange(1, 256), default=16, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def post(file: Path, url: str, token: str, connections: int, as_json: bool) -> None:
    """Send a file of events (one JSON object per line) through the API, as a mini-program's server would.

    What is not answered, or answered with 5xx, is sent again with the same key.
    """
    try:
        with file.open("rb") as lines:
            report = Poster(url, token, connections=connections).send(lines)
    except CannotPost as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else _words(report))
    if report.unsent:
        raise SystemExit(1)


def _words(report: Report) -> str:
    lines = [
        f"{report.lines:8} lines in {report.seconds:.1f} s",
        f"{report.accepted:8} accepted (202)",
        f"{report.replayed:8} known already (202, replayed)",
        f"{len(report.conflicts):8} with a key that stands for another body (422){_where(report.conflicts)}",
    ]
    lines += [f"{count:8} refused ({what})" for what, count in sorted(report.refused.items())]
    if report.refused_lines:
        lines.append(f"         refused{_where(report.refused_lines)}")
    if report.unsent:
        lines.append(f"{len(report.unsent):8} without an answer{_where(report.unsent)}")
    return "\n".join([*lines, f"{report.retries:8} retries"])


def _where(numbers: list[int]) -> str:
    if not numbers:
        return ""
    listed = ", ".join(map(str, sorted(numbers)[:_SHOWN]))
    return f": line{'s' if len(numbers) > 1 else ''} {listed}{', …' if len(numbers) > _SHOWN else ''}"


commands: list[click.Command] = [signups]
