"""`./koi campaigns` and `./koi tokens`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from shared.campaigns import opening, queries, service
from shared.campaigns.wording import Wording
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.clock import BEIJING
from shared.platform.console import pass_settings
from shared.platform.errors import DomainError
from shared.platform.settings import Settings
from shared.signups import clients

_CLI = system("cli")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_DEALERS = click.option("--dealers", default="all", show_default=True, help="Codes with commas between them, or all.")
_BRAND = click.option("--brand", default=opening.BRAND, show_default=True, help="Who asks, as the texts call it.")


class Moment(click.ParamType[datetime]):
    """A day or a time of Beijing, `2026-11-20` or `2026-11-20T20:00`; a day as an end includes the day."""

    name = "day or time"

    def __init__(self, *, end: bool) -> None:
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a day (2026-11-20) nor a time (2026-11-20T20:00)", param, ctx)
        whole_day = len(value) == len("2026-11-20")
        if whole_day and self._end:
            moment = datetime.combine(moment.date() + timedelta(days=1), time.min)
        return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


@contextmanager
def _as_headquarters(settings: Settings) -> Iterator[Session]:
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            yield session
    except DomainError as refusal:
        raise click.ClickException(_words(refusal)) from refusal
    finally:
        engine.dispose()


def _words(refusal: DomainError) -> str:
    details = ", ".join(f"{name} {value}" for name, value in refusal.params.items())
    return f"{refusal.code.replace('_', ' ')}{f' ({details})' if details else ''}"


def _print(result: Mapping[str, Any], as_json: bool, lines: Sequence[str]) -> None:
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else "\n".join(lines))


def _campaign_id(session: Session, code: str) -> UUID:
    found = queries.by_code(session, code)
    if found is None:
        raise click.ClickException(f"There is no campaign {code}. See: ./koi campaigns list")
    return found.campaign_id


@click.group()
def campaigns() -> None:
    """Campaigns that people sign up to, and what they agree to there."""


@campaigns.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What people read.")
@_DEALERS
@_BRAND
@click.option("--starts", type=Moment(end=False), help="Before this, no sign-ups.")
@click.option("--ends", type=Moment(end=True), help="From this on, no sign-ups.")
@_JSON
@pass_settings
def add(
    settings: Settings,
    code: str,
    name: str,
    dealers: str,
    brand: str,
    starts: datetime | None,
    ends: datetime | None,
    as_json: bool,
) -> None:
    """Make a live campaign with both consent texts; the one about dealers names DEALERS."""
    with _as_headquarters(settings) as session:
        opened = opening.open_with_texts(
            session,
            code=code,
            name=name,
            dealers=dealers,
            brand=brand,
            starts_at=starts,
            ends_at=ends,
            actor=_CLI,
            now=now_of(session),
        )
    page = f"{settings.base_url}/c/{code}"
    lines = [f"{code}  {name}", f"page     {page}", f"dealers  {opened.dealers} named in the consent to share"]
    if opened.share_version is None:
        lines.append(f"There are no dealers yet: import stores, then ./koi campaigns texts {code} --dealers all")
    result = {
        "code": code,
        "campaign_id": opened.campaign_id,
        "page": page,
        "dealers": opened.dealers,
        "texts": {"marketing": opened.marketing_version, "share_with_dealer": opened.share_version},
    }
    _print(result, as_json, lines)


@campaigns.command("texts")
@click.argument("code")
@click.option("--kind", type=click.Choice(["marketing", "share"]), default="share", show_default=True)
@_DEALERS
@_BRAND
@click.option("--zh", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the Chinese words.")
@click.option("--en", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the English words.")
@_JSON
@pass_settings
def texts(
    settings: Settings, code: str, kind: str, dealers: str, brand: str, zh: Path | None, en: Path | None, as_json: bool
) -> None:
    """Put a new version of a consent text in force, in the default wording or your own."""
    if (zh is None) != (en is None):
        raise click.UsageError("Give both --zh and --en, or neither.")
    own = Wording(zh.read_text("utf-8").strip(), en.read_text("utf-8").strip()) if zh and en else None
    with _as_headquarters(settings) as session:
        version = opening.new_text(
            session,
            campaign_id=_campaign_id(session, code),
            kind="share" if kind == "share" else "marketing",
            dealers=dealers,
            brand=brand,
            own=own,
            actor=_CLI,
            now=now_of(session),
        )
    _print({"code": code, "kind": kind, "version": version}, as_json, [f"{code}  {kind}  version {version}"])


@campaigns.command("close")
@click.argument("code")
@_JSON
@pass_settings
def close(settings: Settings, code: str, as_json: bool) -> None:
    """Take no more sign-ups."""
    with _as_headquarters(settings) as session:
        service.close_campaign(session, campaign_id=_campaign_id(session, code), actor=_CLI, now=now_of(session))
    _print({"code": code, "status": "closed"}, as_json, [f"{code}  closed"])


@campaigns.command("list")
@_JSON
@pass_settings
def list_campaigns(settings: Settings, as_json: bool) -> None:
    """Every campaign with its state and the versions of its texts."""
    with _as_headquarters(settings) as session:
        found, now = queries.all_campaigns(session), now_of(session)
        current = queries.current_texts(session, [campaign.campaign_id for campaign in found])
        rows = [
            {
                "code": campaign.code,
                "name": campaign.name,
                "state": campaign.state_at(now),
                "marketing": text.version if (text := current[campaign.campaign_id].marketing) else None,
                "share_with_dealer": text.version if (text := current[campaign.campaign_id].share) else None,
            }
            for campaign in found
        ]
    lines = [f"{row['code']:20} {row['state']:12} {row['name']}" for row in rows]
    _print({"campaigns": rows}, as_json, lines or ["No campaigns yet: ./koi campaigns add CODE --name NAME"])


@click.group()
def tokens() -> None:
    """Tokens of mini-programs and partners that post sign-ups."""


@tokens.command("add")
@click.argument("name")
@click.option("--campaign", "code", help="Only for this campaign; else for all.")
@_JSON
@pass_settings
def add_token(settings: Settings, name: str, code: str | None, as_json: bool) -> None:
    """Make a token and print it, once."""
    token = clients.new_token()
    with _as_headquarters(settings) as session:
        only = _campaign_id(session, code) if code else None
        clients.add(session, name=name, token=token, campaign_id=only, actor=_CLI, now=now_of(session))
    _print({"name": name, "campaign": code, "token": token}, as_json, [token])


@tokens.command("revoke")
@click.argument("name")
@_JSON
@pass_settings
def revoke_token(settings: Settings, name: str, as_json: bool) -> None:
    """Refuse a token from now on."""
    with _as_headquarters(settings) as session:
        client_id = clients.by_name(session, name)
        if client_id is None:
            raise click.ClickException(f"There is no token {name}. See: ./koi tokens list")
        clients.revoke(session, client_id=client_id, actor=_CLI, now=now_of(session))
    _print({"name": name, "revoked": True}, as_json, [f"{name}  revoked"])


@tokens.command("list")
@_JSON
@pass_settings
def list_tokens(settings: Settings, as_json: bool) -> None:
    """Every token by name; the tokens themselves are not kept."""
    with _as_headquarters(settings) as session:
        found = clients.all_clients(session)
    rows = [
        {"name": client.name, "campaign": client.campaign, "since": client.created_at, "revoked_at": client.revoked_at}
        for client in found
    ]
    lines = [
        f"{client.name:24} {client.campaign or 'all campaigns':20} {'revoked' if client.revoked_at else 'valid'}"
        for client in found
    ]
    _print({"tokens": rows}, as_json, lines or ["No tokens yet: ./koi tokens add NAME"])


commands: list[click.Command] = [campaigns, tokens]
