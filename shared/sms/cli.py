"""`./koi sms`: the last messages of an installation that has no gateway."""

from __future__ import annotations

import os

import click

from shared.platform.settings import var_folder
from shared.sms.gateway import log_of


@click.command("sms")
@click.option("--last", default=20, show_default=True, help="How many messages.")
def sms(last: int) -> None:
    """Show the latest messages (and the codes in them) where they go to a file instead of a gateway."""
    path = log_of(var_folder(os.environ))
    if not path.exists():
        raise click.ClickException(f"{path} is not there: nothing was sent yet, or KOI_SMS_URL names a gateway.")
    for line in path.read_text(encoding="utf-8").splitlines()[-last:]:
        click.echo(line)


commands: list[click.Command] = [sms]
