"""The demo brand as headquarters sets it up: network, people, campaigns, content. All through the portals' services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.demo import network
from hq.demo.crowd import Season
from hq.demo.network import Company, Site
from hq.demo.promises import open_campaigns
from hq.demo.shelf import fill
from shared.dealers.capacity import open_days
from shared.dealers.hours import WeeklyHours
from shared.dealers.models import Dealer, Series, Store, Territory
from shared.identity import accounts, passwords
from shared.identity.actor import system
from shared.identity.logins import read_login
from shared.identity.permissions import Role
from shared.identity.realms import Account
from shared.platform.clock import beijing_day, day_start
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.signups import clients

BRAND = "锦程电动车"
FIRST_CAMPAIGN, CAMPAIGN = "HYR11", "KOI1"
DAYS = 14
_ACTOR = system("demo")
_HOURS = WeeklyHours((((9 * 60, 18 * 60),),) * 5 + (((9 * 60, 19 * 60),),) * 2)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = ("小明", "静", "磊", "芳", "子涵", "俊", "欣怡", "浩然", "丽", "强", "建军", "晓燕", "志远", "海霞")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the demo whom a visitor may be. `portal` is `/hq` or `/dealer`."""

    portal: str
    who: str
    login: str


@dataclass(frozen=True, slots=True)
class Made:
    """What the demo brand consists of."""

    personas: Sequence[Persona]
    password: str
    token: str
    dealers: int
    sites: Sequence[Site]
    seasons: Sequence[Season]

    def lines(self, base_url: str) -> list[str]:
        """For the console: where it is and who one can be."""
        stores = [each for each in self.personas if each.portal == "/dealer"]
        shown = [*(each for each in self.personas if each.portal == "/hq"), *stores[:3]]
        return [
            f"demo brand: {self.dealers} dealers, {len(self.sites)} stores, campaign {base_url}/c/{CAMPAIGN}",
            f"  API token  {self.token}",
            f"  sign-ins, all with the password {self.password} (shown only now):",
            *(f"  {each.portal:<8} {each.login:<10} {each.who}" for each in shown),
            f"  everybody else of the demo, without a password: {base_url}/hq/try and {base_url}/dealer/try",
        ]


def make(session: Session, settings: Settings, *, now: datetime, days: int = DAYS) -> Made:
    """Make the brand as it was so many days ago; the database holds no dealers yet."""
    began = day_start(beijing_day(now) - timedelta(days=days)) - timedelta(days=3)
    companies, password = network.companies(), passwords.generated()
    stores = _network(session, companies, began)
    blind = settings.hq().keys.blind
    personas = list(_people(session, blind, companies, stores, passwords.hash_password(password), began))
    seasons = _seasons(now, days)
    token = clients.new_token()
    open_campaigns(session, seasons, BRAND, actor=_ACTOR, now=began)
    clients.add(session, name="demo", token=token, actor=_ACTOR, now=began)
    fill(session, settings, campaign=CAMPAIGN, began=began, now=now)
    open_days(session, first=seasons[0].first, last=beijing_day(now) + timedelta(days=1))
    sites = [site for company in companies for site in company.sites]
    return Made(personas, password, token, len(companies), sites, seasons)


def close_the_first(session: Session, seasons: Sequence[Season]) -> None:
    """Give the campaigns their times, as the owner: while the past was made, the door had to be open."""
    before, running = seasons
    dates = text("UPDATE campaigns SET starts_at = :starts, ends_at = :ends, status = :status WHERE code = :code")
    ended = {"starts": day_start(before.first), "ends": day_start(before.last + timedelta(days=1)), "status": "closed"}
    session.execute(dates, {**ended, "code": before.campaign})
    ends = day_start(running.last + timedelta(days=8))
    session.execute(
        dates, {"starts": day_start(running.first), "ends": ends, "status": "live", "code": running.campaign}
    )


def _seasons(now: datetime, days: int) -> tuple[Season, Season]:
    today = beijing_day(now)
    first, middle = today - timedelta(days=days), today - timedelta(days=days // 2)
    return Season(FIRST_CAMPAIGN, first, middle - timedelta(days=1)), Season(CAMPAIGN, middle, today)


def _network(session: Session, companies: Sequence[Company], now: datetime) -> dict[str, Store]:
    dealers = {
        company.code: Dealer(
            dealer_id=new_id(now), code=company.code, name=company.name, status="active", created_at=now
        )
        for company in companies
    }
    session.add_all(
        Series(code=code, name=name, models=list(models), created_at=now, changed_at=now)
        for code, name, models in network.SERIES
    )
    session.add_all(dealers.values())
    session.flush()  # their stores refer to them
    stores = {site.code: _store(dealers[company.code], site, now) for company in companies for site in company.sites}
    session.add_all(stores.values())
    session.flush()  # staff and territories refer to them
    session.add_all(_territories(companies, dealers, stores, now))
    return stores


def _territories(
    companies: Sequence[Company], dealers: dict[str, Dealer], stores: dict[str, Store], now: datetime
) -> Iterator[Territory]:
    """The largest dealers have their districts to themselves, those of two stores share what lies around the first."""
    for company in companies:
        dealer, first = dealers[company.code], company.sites[0]
        if len(company.sites) < 2:
            continue
        alone = len(company.sites) == 4
        yield Territory(
            territory_id=new_id(now),
            name=f"{company.name[:2]}{'专属辖区' if alone else company.name[2:4] + '周边'}",
            for_dealer_id=dealer.dealer_id,
            for_store_id=None if alone else stores[first.code].store_id,
            mode="exclusive" if alone else "shared",
            divisions=sorted({site.county.code for site in company.sites}) if alone else [],
            radius_km=None if alone else 25.0,
            created_at=now,
            changed_at=now,
        )


def _store(dealer: Dealer, site: Site, now: datetime) -> Store:
    return Store(
        dealer_id=dealer.dealer_id,
        store_id=new_id(now),
        code=site.code,
        name=site.name,
        province_code=site.county.province_code,
        city_code=site.county.city_code,
        county_code=site.county.code,
        address=f"{site.county.name}中心路 {1 + int(site.code[1:]) % 200} 号",
        lng=site.lng,
        lat=site.lat,
        point_source="as_given",
        hours=_HOURS.to_json(),
        daily_capacity=site.capacity,
        weekly_capacity=site.weekly,
        weight=site.weight,
        series=list(site.series) if site.series else None,
        status="active",
        created_at=now,
        changed_at=now,
    )


def _people(
    session: Session, blind: bytes, companies: Sequence[Company], stores: dict[str, Store], hashed: str, now: datetime
) -> Iterator[Persona]:
    for role, login in (
        (Role.ADMINISTRATOR, "director"),
        (Role.OPERATOR, "operator"),
        (Role.CONTENT_EDITOR, "editor"),
        (Role.ANALYST, "analyst"),
    ):
        user = accounts.add_hq_user(
            session, login=read_login(login), name=_name(login), role=role, blind_key=blind, actor=_ACTOR, now=now
        )
        _let_in(user, hashed, now)
        yield Persona("/hq", role.value, login)
    numbers = count(1)
    for company in companies:
        own = [stores[site.code] for site in company.sites]
        yield _staff(session, blind, own[0], Role.DEALER_OWNER, _number(numbers), (), hashed, now)
        for store in own:
            ids = (store.store_id,)
            yield _staff(session, blind, store, Role.STORE_MANAGER, _number(numbers), ids, hashed, now)
            if len(own) > 1:
                yield _staff(session, blind, store, Role.SALESPERSON, _number(numbers), ids, hashed, now)


def _number(numbers: Iterator[int]) -> str:
    """A number to sign in with, of the range that nobody is called on here."""
    return f"1380001{next(numbers):04}"


def _staff(
    session: Session,
    blind: bytes,
    store: Store,
    role: Role,
    login: str,
    store_ids: Iterable[UUID],
    hashed: str,
    now: datetime,
) -> Persona:
    person = accounts.add_staff(
        session,
        dealer_id=store.dealer_id,
        store_ids=store_ids,
        login=read_login(login),
        name=_name(login),
        role=role,
        blind_key=blind,
        actor=_ACTOR,
        now=now,
    )
    _let_in(person, hashed, now)
    return Persona("/dealer", f"{role.value}, {store.name}", login)


def _let_in(account: Account, hashed: str, now: datetime) -> None:
    """Everybody of the demo has one password: its hash, which is slow on purpose, is made once."""
    account.password_hash, account.password_changed_at, account.status = hashed, now, "active"
    account.is_demo = True


def _name(login: str) -> str:
    rnd = Random(login)  # noqa: S311 - the demo is the same every time
    return rnd.choice(_SURNAMES) + rnd.choice(_GIVEN)
