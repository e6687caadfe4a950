"""`./koi demo work`: the demo's stores act for themselves."""

from __future__ import annotations

from collections import Counter

import click
from sqlalchemy import select

from dealer import demo as stores
from shared.contacts.crypto import Vault
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.models import Dealer
from shared.platform.console import pass_settings
from shared.platform.keys import CURRENT_KEY_ID, DealerKeys
from shared.platform.settings import Settings


@click.group("demo")
def demo() -> None:
    """The demo brand at work."""


@demo.command("work")
@click.option("--seed", default=1, show_default=True, help="Another seed, other decisions.")
@click.confirmation_option(prompt="Every store will decide by dice. Is this a demo database?")
@pass_settings
def work(settings: Settings, seed: int) -> None:
    """Let every store claim, call and sell once, as the dice fall."""
    engine = make_engine(settings.role_urls["dealer"], pool_size=1)
    vault = Vault(DealerKeys.of(settings.secret).cards, CURRENT_KEY_ID)
    reader = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(reader) as session:
            now = now_of(session)
            dealers = session.scalars(select(Dealer.dealer_id).order_by(Dealer.code)).all()
        shops = [stores.Shop(engine, dealer_id, vault) for dealer_id in dealers]
        done = sum((stores.work(shop, now=now, seed=seed) for shop in shops), Counter())
    finally:
        engine.dispose()
        reader.dispose()
    click.echo(", ".join(f"{count} {what}" for what, count in done.most_common()) or "nothing to do")


commands: list[click.Command] = [demo]
