"""`./koi rules`: which rules are in force, how they came about, and putting others in force."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from hq.rules import kinds, queries, service, words
from hq.rules.models import RULE_KINDS
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.clock import BEIJING
from shared.platform.console import pass_settings
from shared.platform.errors import DomainError
from shared.platform.settings import Settings
from shared.web import vocabulary

_KIND = click.argument("kind", type=click.Choice(RULE_KINDS))
_ACTOR = system("cli")


@click.group()
def rules() -> None:
    """Rules of screening, scoring, thresholds and routing: what is in force, and since when."""


@rules.command()
@_KIND
@pass_settings
def history(settings: Settings, kind: str) -> None:
    """Every version of a kind, the newest first."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        versions = queries.kind_of(session, kind).versions
    engine.dispose()
    for each in versions:
        basis = f" from {each.based_on}" if each.based_on else ""
        since = f", in force since {_time(each.activated_at)} by {each.activated_by}" if each.activated_at else ""
        until = f" until {_time(each.retired_at)}" if each.retired_at else ""
        click.echo(f"{each.version:>4} {each.status:<9} {each.author}{basis}{since}{until}  {each.note}".rstrip())


@rules.command()
@_KIND
@click.argument("version", type=int, required=False)
@click.option("--against", type=int, help="Say what is different from this version instead.")
@pass_settings
def show(settings: Settings, kind: str, version: int | None, against: int | None) -> None:
    """The body of a version as JSON; without a number the one in force."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            found = queries.kind_of(session, kind)
            chosen = found.find(version) if version is not None else found.active
            other = found.find(against) if against is not None else None
            names = queries.campaign_names(session)
    except DomainError as refusal:
        raise click.ClickException(f"There is no version {refusal.params['version']} of {kind}.") from refusal
    finally:
        engine.dispose()
    if chosen is None:
        raise click.ClickException(f"No version of {kind} is in force.")
    if other is None:
        click.echo(json.dumps(chosen.body, ensure_ascii=False, indent=1))
        return
    vocabulary.teach()
    changes = kinds.differences(kind, other.body, chosen.body)
    click.echo("\n".join(words.changes_words(kind, changes, names)) or "Nothing is different.")


@rules.command()
@_KIND
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--instead-of", type=int, required=True, help="The version in force that these rules were compared with.")
@click.option("--note", required=True, help="Why.")
@pass_settings
def put(settings: Settings, kind: str, file: Path, instead_of: int, note: str) -> None:
    """Put the rules of a JSON file in force as a new version; nothing is changed where they cannot be used."""
    try:
        body = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is not JSON: {error}") from error
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            now = now_of(session)
            version = service.draft(session, kind=kind, source=instead_of, actor=_ACTOR, now=now)
            changed = service.edit(session, kind=kind, version=version, seen=1, body=body, actor=_ACTOR, now=now)
            act = {"kind": kind, "version": version, "seen_active": instead_of, "note": note}
            service.activate(session, **act, seen=1 + changed, actor=_ACTOR, now=now)  # type: ignore[arg-type]
    except DomainError as refusal:
        told = ", ".join(f"{name} {value}" for name, value in refusal.params.items())
        raise click.ClickException(f"Nothing was changed: {refusal.code} ({told}).") from refusal
    finally:
        engine.dispose()
    click.echo(f"Version {version} of {kind} is in force instead of {instead_of}.")


@rules.command()
@_KIND
@click.argument("version", type=int)
@click.option("--instead-of", type=int, required=True, help="The version in force.")
@click.option("--note", required=True, help="Why.")
@pass_settings
def back(settings: Settings, kind: str, version: int, instead_of: int, note: str) -> None:
    """Put a version that was in force before in force again, as a copy."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            act = {"kind": kind, "version": version, "seen_active": instead_of, "note": note}
            copy = service.go_back(session, **act, actor=_ACTOR, now=now_of(session))  # type: ignore[arg-type]
    except DomainError as refusal:
        told = ", ".join(f"{name} {value}" for name, value in refusal.params.items())
        raise click.ClickException(f"Nothing was changed: {refusal.code} ({told}).") from refusal
    finally:
        engine.dispose()
    click.echo(f"Version {copy} of {kind}, a copy of {version}, is in force instead of {instead_of}.")


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


commands = [rules]
