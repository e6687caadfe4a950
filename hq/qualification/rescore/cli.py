"""`./koi rescore`: score everybody anew, watch it, stop it, go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import click
from sqlalchemy.orm import Session

from hq.qualification.rescore import queries, service
from hq.qualification.rescore.models import RescoreRun
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.console import pass_settings
from shared.platform.errors import DomainError
from shared.platform.progress import ProgressLine
from shared.platform.settings import Settings

_ACTOR = system("cli")
Told = TypeVar("Told")
_LOOK_EVERY_S = 0.5


@click.group()
def rescore() -> None:
    """Score everybody anew with the scorecard in force."""


@rescore.command()
@click.option("--wait/--no-wait", default=True, help="Tell how far it is until it is done or stopped.")
@pass_settings
def start(settings: Settings, /, *, wait: bool) -> None:
    """Begin; the workers of a running Koi do it."""
    run_id = _act(settings, lambda session: service.start(session, cause="asked", actor=_ACTOR, now=now_of(session)))
    if wait:
        _watch(settings, run_id)


@rescore.command()
@pass_settings
def stop(settings: Settings, /) -> None:
    """Let the run under way rest; what is done stays done."""
    run_id = _act(settings, _open_run)
    _act(settings, lambda session: service.stop(session, run_id=run_id, actor=_ACTOR, now=now_of(session)))


@rescore.command()
@pass_settings
def resume(settings: Settings, /) -> None:
    """Go on with the run that was stopped."""
    run_id = _act(settings, _open_run)
    _act(settings, lambda session: service.resume(session, run_id=run_id, actor=_ACTOR, now=now_of(session)))


@rescore.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_settings
def status(settings: Settings, /, *, as_json: bool) -> None:
    """The last runs, the latest first."""
    for run in _act(settings, queries.latest):
        click.echo(json.dumps(dict(queries.as_mapping(run)), default=str) if as_json else _line(run))


def _watch(settings: Settings, run_id: UUID) -> None:
    """Tell how far a run is until it ends or cannot go on; leaving off changes nothing about it."""
    line = ProgressLine("%s of %s people scored anew, %s leads changed … (workers do it; Ctrl-C only stops telling)")
    while True:
        run, aside = _act(
            settings, lambda session: (session.get_one(RescoreRun, run_id), queries.aside(session, run_id))
        )
        line(f"{run.people_done:,}", f"{run.people:,}", f"{run.changed:,}")
        if run.state != "running" or aside:
            break
        time.sleep(_LOOK_EVERY_S)
    line.end()
    click.echo(_line(run))
    if aside:
        raise click.ClickException(
            f"{aside} of its pages were put aside: see HQ, Work queue, and try them again there."
        )


def _line(run: RescoreRun) -> str:
    return (
        f"{run.started_at:%Y-%m-%d %H:%M} v{run.version} {run.cause:<9} {run.state:<10}"
        f" {run.people_done:,} of {run.people:,} people, {run.leads:,} leads, {run.changed:,} changed,"
        f" {run.nurtured:,} nurtured, {run.revived:,} back"
    )


def _open_run(session: Session) -> UUID:
    run = queries.unfinished(session)
    if run is None:
        raise click.ClickException("No run is under way.")
    return run.run_id


def _act(settings: Settings, what: Callable[[Session], Told]) -> Told:
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            return what(session)
    except DomainError as refusal:
        told = ", ".join(f"{name} {value}" for name, value in refusal.params.items())
        raise click.ClickException(f"Nothing was changed: {refusal.code} ({told}).") from refusal
    finally:
        engine.dispose()


commands = [rescore]
