"""Commands of the web room."""

from __future__ import annotations

import click

from shared.web.texts import texts

commands: list[click.Command] = [texts]
