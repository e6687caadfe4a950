"""Accounts from the command line: for the first administrator, and for whoever has locked everybody out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity import accounts, invites, passwords
from shared.identity.actor import system
from shared.identity.first import FIRST_LOGIN, ensure_first_admin
from shared.identity.logins import read_login
from shared.identity.permissions import HQ_ROLES, Role
from shared.platform.errors import DomainError
from shared.platform.reach import reached
from shared.platform.settings import Settings
from shared.web import mounts

_CLI = system("cli")


@contextmanager
def _as_headquarters() -> Iterator[tuple[Session, Settings]]:
    with reached(os.environ) as settings:
        engine = make_engine(settings.role_urls["hq"], pool_size=1)
        try:
            with unit_of_work(engine) as session:
                yield session, settings
        except DomainError as refusal:
            raise click.ClickException(f"{refusal.code} {refusal.params or ''}".strip()) from refusal
        finally:
            engine.dispose()


@click.group()
def users() -> None:
    """People at headquarters."""


@users.command("add-admin")
@click.argument("login", default=FIRST_LOGIN)
@click.option("--name", default="管理员", help="Whose account it is.")
def add_admin(login: str, name: str) -> None:
    """Make an administrator and print the password once."""
    with _as_headquarters() as (session, settings):
        user = accounts.add_hq_user(
            session,
            login=read_login(login),
            name=name,
            role=Role.ADMINISTRATOR,
            blind_key=settings.hq().keys.blind,
            actor=_CLI,
            now=now_of(session),
        )
        password = passwords.generated()
        accounts.give_password(user, password, now=now_of(session))
        click.echo(f"{mounts.portal_address(settings.base_url, mounts.HQ)}  {login}  {password}")


@users.command("invite")
@click.argument("login")
@click.option("--name", required=True, help="Whose account it is.")
@click.option("--role", type=click.Choice([role.value for role in HQ_ROLES]), default=Role.OPERATOR.value)
def invite(login: str, name: str, role: str) -> None:
    """Make an account and print its invite link."""
    with _as_headquarters() as (session, settings):
        now = now_of(session)
        user = accounts.add_hq_user(
            session,
            login=read_login(login),
            name=name,
            role=Role(role),
            blind_key=settings.hq().keys.blind,
            actor=_CLI,
            now=now,
        )
        link = invites.issue(session, user, actor=_CLI, now=now)
        click.echo(f"{mounts.portal_address(settings.base_url, mounts.HQ)}invite/{link.encode()}")


@users.command("first")
def first() -> None:
    """Make the first administrator, where there is nobody yet."""
    with _as_headquarters() as (session, settings):
        password = ensure_first_admin(session, now=now_of(session), blind_key=settings.hq().keys.blind)
        click.echo(f"{FIRST_LOGIN}  {password}" if password else "There are people at headquarters already.")


commands: list[click.Command] = [users]
