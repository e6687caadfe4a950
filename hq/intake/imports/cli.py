"""`./koi signups import` and `./koi stores import`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shared.platform.errors import DomainError
from shared.platform.reach import reached

if TYPE_CHECKING:
    from hq.intake.imports.queries import ImportFacts

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def signups() -> None:
    """Sign-ups from files."""


@click.group()
def stores() -> None:
    """Dealers and stores from files."""


@signups.command("import")
@click.argument("file", type=_FILE)
@click.option("--campaign", metavar="CODE", help="For rows whose 活动 column names none.")
@click.option("--again", is_flag=True, help="Also when the same file was imported before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def import_signups(file: Path, campaign: str | None, again: bool, as_json: bool) -> None:
    """Import a sign-up list (.xlsx, .csv)."""
    _import("signups", file, campaign, again=again, as_json=as_json)


@stores.command("import")
@click.argument("file", type=_FILE)
@click.option("--again", is_flag=True, help="Also when the same file was imported before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def import_stores(file: Path, again: bool, as_json: bool) -> None:
    """Import a list of dealers and stores (.xlsx, .csv)."""
    _import("stores", file, None, again=again, as_json=as_json)


def _import(kind: str, file: Path, campaign: str | None, *, again: bool, as_json: bool) -> None:
    from hq.intake.imports.command_line import import_file

    try:
        with reached(os.environ) as settings:
            facts = import_file(settings, kind=kind, path=file, campaign=campaign, again=again, progress=_progress)
    except DomainError as refusal:
        _answer({"file": file.name, "refused": _refused(refusal.code, refusal.params)}, as_json=as_json)
        sys.exit(1)
    if sys.stderr.isatty():
        click.echo("", err=True)
    _answer(_summary(facts), as_json=as_json)
    sys.exit(0 if facts.state == "done" else 1)


def _progress(facts: ImportFacts) -> None:
    if sys.stderr.isatty() and facts.rows:
        click.echo(f"\r{facts.read:,} of {facts.rows:,} rows", nl=False, err=True)


def _summary(facts: ImportFacts) -> dict[str, Any]:
    refusal = facts.refusal or ({"code": "put_aside", "params": {}} if facts.state == "aside" else None)
    return {
        "import_id": str(facts.import_id),
        "file": facts.file_name,
        "state": facts.state,
        "rows": facts.rows,
        "accepted": facts.accepted,
        "repaired": facts.repaired,
        "rejected": facts.rejected,
        "reasons": dict(facts.reasons),
        "repairs": dict(facts.repairs),
        "remarks": dict(facts.remarks),
        "notes": list(facts.notes),
        "refused": _refused(refusal["code"], refusal["params"]) if refusal else None,
    }


def _refused(code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "params": params}


def _answer(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, default=str))
        return
    from hq.intake.imports import texts

    for line in texts.in_lines(summary):
        click.echo(line, err=bool(summary["refused"]))


commands: list[click.Command] = [signups, stores]
