"""`./koi reconcile`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from shared.platform.console import pass_settings

if TYPE_CHECKING:
    from shared.platform.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@pass_settings
def reconcile(settings: Settings, as_json: bool) -> None:
    """Account for every accepted sign-up; fails when one is nowhere."""
    from hq.qualification.books import balance
    from shared.db.session import make_engine, unit_of_work

    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            books = balance(session)
    finally:
        engine.dispose()
    if as_json:
        click.echo(json.dumps(books.as_json()))
    else:
        parts = [f"{count:9,} {place.replace('_', ' ')}" for place, count in books.places.items()]
        total = f"{books.accepted:9,} accepted"
        click.echo("\n".join([total, *parts, f"{books.difference:9,} difference"]))
    sys.exit(1 if books.difference else 0)


commands: list[click.Command] = [reconcile]
