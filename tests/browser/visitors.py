"""Two people who may look at everything: at headquarters, and at the store that holds most leads."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.models import Store
from shared.identity import accounts
from shared.identity.actor import system
from shared.identity.logins import read_login
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Hold
from shared.platform.settings import Settings
from shared.regions.divisions import names_of

_WHO = system("visitors")


@dataclass(frozen=True, slots=True)
class Visitors:
    """Logins by portal, `hq` and `dealer`, the password of both, the store's code, and where it is: province, city,
    county."""

    logins: Mapping[str, str]
    password: str
    store_code: str
    region: tuple[str, ...]


def invite(settings: Settings) -> Visitors:
    """Make their accounts."""
    password, number = secrets.token_urlsafe(16), secrets.token_hex(4)
    logins = {"hq": f"visitor-hq-{number}", "dealer": f"visitor-dealer-{number}"}
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            now, blind = now_of(session), settings.hq().keys.blind
            store = _busiest(session)
            store_code = store.code
            codes = (store.province_code, store.city_code, store.county_code)
            region = tuple(names_of(code for code in codes if code).values())
            user = accounts.add_hq_user(
                session, login=read_login(logins["hq"]), name="周敏", role=Role.ADMINISTRATOR,
                blind_key=blind, actor=_WHO, now=now,
            )  # fmt: skip
            manager = accounts.add_staff(
                session, dealer_id=store.dealer_id, store_ids=[store.store_id], login=read_login(logins["dealer"]),
                name="李娜", role=Role.STORE_MANAGER, blind_key=blind, actor=_WHO, now=now,
            )  # fmt: skip
            seller = accounts.add_staff(  # somebody to be on duty and off
                session, dealer_id=store.dealer_id, store_ids=[store.store_id], login=read_login(f"seller-{number}"),
                name="王芳", role=Role.SALESPERSON, blind_key=blind, actor=_WHO, now=now,
            )  # fmt: skip
            for account in (user, manager, seller):
                accounts.give_password(account, password, now=now)
    finally:
        engine.dispose()
    return Visitors(logins, password, store_code, region)


def enter(page: Page, base: str, face: str, visitors: Visitors) -> None:
    """Sign in; the public face needs nobody."""
    if face not in visitors.logins:
        return
    page.goto(f"{base}/{face}/sign-in")
    page.fill("input[name=login]", visitors.logins[face])
    page.fill("input[name=password]", visitors.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _busiest(session: Session) -> Store:
    """The store with most leads that are held and, among these, with offers that wait."""
    waiting = func.count().filter(Assignment.stage == "offered", Assignment.ended_at.is_(None))
    held = func.count(Hold.lead_id)
    ranked = (
        select(Assignment.store_id)
        .outerjoin(Hold, Hold.assignment_id == Assignment.assignment_id)
        .group_by(Assignment.store_id)
        .order_by((waiting > 0).desc(), held.desc(), Assignment.store_id)
        .limit(1)
    )
    store = session.scalar(select(Store).where(Store.store_id == session.scalar(ranked)))
    return store or session.scalars(select(Store).limit(1)).one()
