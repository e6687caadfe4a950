"""The small demo brand: headquarters' side acting for itself, and people who sign up on the campaign's page.

Everything goes through the services that the portals use; `now` is given. The company, its stores and its people are
invented; the places are real county seats.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from content_library import release
from content_library import service as content
from content_library.files import files
from content_library.release import Audience
from shared.campaigns import opening, queries
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import Dealer, Store
from shared.identity import accounts
from shared.identity.actor import Actor, system
from shared.identity.logins import read_login
from shared.identity.permissions import Role
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.regions import divisions
from shared.signups import clients
from shared.signups.reception import Envelope, Reception
from shared.signups.submission import Submission

CAMPAIGN = "KOI1"
_SEED = 20261123
_PEOPLE = 60
_ACTOR = system("demo")

# Dealer → its stores as (name, county of GB/T 2260, leads a day).
_NETWORK: dict[str, tuple[tuple[str, str, int | None], ...]] = {
    "徐州云帆车业": (("云龙店", "320303", 10), ("泉山店", "320311", 8), ("鼓楼店", "320302", 6)),
    "杭州知行电动": (("西湖店", "330106", 12), ("滨江店", "330108", 10)),
    "成都锦里车行": (("武侯店", "510107", 10), ("青羊店", "510105", 8), ("双流店", "510116", None)),
    "武汉江城骑行": (("江岸店", "420102", 10), ("洪山店", "420111", 8)),
    "济南泉城电动": (("历下店", "370102", 10), ("槐荫店", "370104", 6)),
}
_MODELS = ("锦程 S1", "锦程 S1 Pro", "轻舟 C2")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = ("小明", "静", "磊", "芳", "子涵", "俊", "欣怡", "浩然", "丽", "强")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A working sign-in of the demo."""

    portal: str
    who: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Made:
    """What the demo brand consists of, for the console."""

    sign_ins: Sequence[SignIn]
    token: str


def make(settings: Settings) -> Made:
    """Make the brand and let people sign up. The database holds no dealers yet."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    password = secrets.token_urlsafe(9)
    try:
        with unit_of_work(engine) as session:
            now = now_of(session)
            stores = _network(session, now)
            sign_ins = list(_people(session, settings.hq().keys.blind, stores, password, now))
            opened = opening.open_with_texts(
                session, code=CAMPAIGN, name="锦鲤星期五", brand="锦程电动车", actor=_ACTOR, now=now
            )
            token = clients.new_token()
            clients.add(session, name="demo", token=token, campaign_id=opened.campaign_id, actor=_ACTOR, now=now)
            _content(session, settings, opened.campaign_id, now)
        with unit_of_work(engine) as session:
            versions = _versions(session)
            sign_up(settings, stores, versions, now=now_of(session))
    finally:
        engine.dispose()
    return Made(sign_ins, token)


def sign_up(settings: Settings, stores: Sequence[Store], versions: tuple[int, int], *, now: datetime) -> None:
    """People fill in the campaign's page, one after the other."""
    rnd = Random(_SEED)  # noqa: S311 - the demo is the same every time
    engine = make_engine(settings.role_urls["public"], pool_size=1)
    reception = Reception(engine, settings.public().keys)
    for number in range(_PEOPLE):
        submission = _person(rnd, stores, number)
        sharing = rnd.random() < 0.93
        reception.take(
            submission,
            Envelope(
                token_hash=None,
                campaign_code=CAMPAIGN,
                key=f"demo-{number:04}",
                body=str(number).encode(),
                marketing_version=versions[0] if rnd.random() < 0.9 else None,
                share_version=versions[1] if sharing else None,
            ),
            now=now,
        )
    engine.dispose()


def _network(session: Session, now: datetime) -> list[Store]:
    stores = []
    for number, (dealer_name, places) in enumerate(_NETWORK.items(), 1):
        dealer = Dealer(dealer_id=new_id(now), code=f"D{number:03}", name=dealer_name, status="active", created_at=now)
        session.add(dealer)
        session.flush()  # its stores refer to it
        stores += [_store(dealer, f"M{number:03}{n}", *place, now=now) for n, place in enumerate(places, 1)]
        session.add_all(stores[-len(places) :])
        session.flush()  # staff refer to them
    return stores


def _store(dealer: Dealer, code: str, name: str, county: str, capacity: int | None, *, now: datetime) -> Store:
    place = divisions.division_of(county)
    if place is None:
        raise LookupError(county)
    return Store(
        dealer_id=dealer.dealer_id,
        store_id=new_id(now),
        code=code,
        name=f"锦程{dealer.name[:2]}{name}",
        province_code=place.province_code,
        city_code=place.city_code,
        county_code=place.code,
        address=f"{place.name}中心路 1 号",
        lng=place.lng,
        lat=place.lat,
        point_source="as_given",
        hours=DEFAULT_HOURS.to_json(),
        daily_capacity=capacity,
        status="active",
        created_at=now,
        changed_at=now,
    )


def _people(session: Session, blind: bytes, stores: Sequence[Store], password: str, now: datetime) -> Iterator[SignIn]:
    for role, login in ((Role.OPERATOR, "operator"), (Role.CONTENT_EDITOR, "editor"), (Role.ANALYST, "analyst")):
        user = accounts.add_hq_user(
            session, login=read_login(login), name=login, role=role, blind_key=blind, actor=_ACTOR, now=now
        )
        accounts.give_password(user, password, now=now)
        yield SignIn("/hq", role.value, login, password)
    owners: set[UUID] = set()
    for number, store in enumerate(stores, 1):
        if store.dealer_id not in owners:
            owners.add(store.dealer_id)
            yield _staff(session, blind, store, Role.DEALER_OWNER, f"owner{len(owners)}", password, now)
        yield _staff(session, blind, store, Role.STORE_MANAGER, f"store{number}", password, now)
    yield _staff(session, blind, stores[0], Role.SALESPERSON, "sales1", password, now)


def _staff(
    session: Session, blind: bytes, store: Store, role: Role, login: str, password: str, now: datetime
) -> SignIn:
    rnd = Random(login)  # noqa: S311 - the demo is the same every time
    person = accounts.add_staff(
        session,
        dealer_id=store.dealer_id,
        store_ids=[] if role is Role.DEALER_OWNER else [store.store_id],
        login=read_login(login),
        name=rnd.choice(_SURNAMES) + rnd.choice(_GIVEN),
        role=role,
        blind_key=blind,
        actor=_ACTOR,
        now=now,
    )
    accounts.give_password(person, password, now=now)
    return SignIn("/dealer", f"{role.value}, {store.name}", login, password)


def _content(session: Session, settings: Settings, campaign_id: UUID, now: datetime) -> None:
    draft = content.Draft(
        title="周五抽奖，到店试骑",
        copy_text="本周五锦鲤开奖，来{门店名称}试骑就有机会。地址：{地址}，找{店长}。",
        picture=_picture(),
        campaign_id=campaign_id,
    )
    asset_id = content.create(session, files(settings.var), draft=draft, actor=_ACTOR, now=now)
    author: Actor = _ACTOR
    release.approve(session, asset_id=asset_id, version=1, actor=author, now=now)
    audience = Audience(kind="all", codes=(), starts_at=now, ends_at=None)
    release.publish(session, asset_id=asset_id, version=1, audience=audience, actor=author, now=now)


def _picture() -> bytes:
    """A drawn picture: koi-orange circles on paper."""
    rnd = Random(_SEED)  # noqa: S311 - the demo is the same every time
    image = Image.new("RGB", (1080, 1200), "#fff3e6")
    pen = ImageDraw.Draw(image)
    for _ in range(28):
        x, y, r = rnd.randrange(1080), rnd.randrange(1200), rnd.randrange(30, 190)
        pen.ellipse((x - r, y - r, x + r, y + r), outline="#e8552b", width=rnd.randrange(3, 14))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _versions(session: Session) -> tuple[int, int]:
    campaign = queries.by_code(session, CAMPAIGN)
    if campaign is None:
        raise LookupError(CAMPAIGN)
    texts = queries.current_texts(session, [campaign.campaign_id])[campaign.campaign_id]
    return (texts.marketing.version if texts.marketing else 1, texts.share.version if texts.share else 1)


def _person(rnd: Random, stores: Sequence[Store], number: int) -> Submission:
    """Somebody who lives near a store; the numbers are of the 138 0000 range that nobody is called on here."""
    near = rnd.choice(stores)
    scanned = rnd.random() < 0.3
    return Submission(
        touchpoint="store_qr" if scanned else rnd.choice(("mini_program", "moments", "community", "official_account")),
        store_code=near.code if scanned else None,
        name=rnd.choice(_SURNAMES) + rnd.choice(_GIVEN),
        phone=f"1380000{number:04}" if number % 20 else "1380000",
        phone_verified=rnd.choice(("wechat", "sms", "none")),
        openid=f"demo-{number:04}",
        device_id=f"device-{number:04}",
        region={"county_code": near.county_code} if rnd.random() < 0.8 else {},
        interest={
            "model": rnd.choice(_MODELS),
            "purchase_horizon": rnd.choice(("now", "1m", "3m", "6m", "later", "none")),
            "current_vehicle": rnd.choice(("none", "ebike_other", "ebike_same_brand", "bicycle")),
            "budget": rnd.choice(("2000-3500", "3500-5000", "5000-8000")),
        },
        actions={"draws": rnd.randrange(4), "booked_test_ride": rnd.random() < 0.25, "visited_store": scanned},
    )
