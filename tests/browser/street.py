"""Two stores with a manager each, an operator at headquarters, and windows that complain about what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from content_library import release, service
from content_library.files import files
from shared.campaigns.models import Campaign
from shared.contacts.crypto import Vault
from shared.dealers.models import Store
from shared.identity import passwords
from shared.identity.actor import system
from shared.identity.permissions import Role
from shared.platform.embedded.servers import DATABASE
from shared.platform.keys import CURRENT_KEY_ID
from shared.platform.settings import Settings
from tests import factories
from tests.factories import content
from tests.work.plant import CAMPAIGN, Plant

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PASSWORD = "correct horse 电池 staple"


@dataclass
class Street:
    """The plant's two stores with a manager each, and an operator at headquarters."""

    plant: Plant
    stores: list[Store]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.plant.port}"

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """The plant's database as its owner, to put something there before anybody looks."""
        with database(self.plant) as session:
            yield session


@contextmanager
def database(plant: Plant) -> Iterator[Session]:
    """A plant's database as its owner; committed at the end."""
    url = plant.servers.postgres.url(DATABASE).replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, poolclass=NullPool)
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


def offered(street: Street, number: int, *, hold: bool = False, **person: str) -> UUID:
    """A lead that waits at one of the stores, or that it holds."""
    settings = Settings.from_env(street.plant.environment)
    vault, now = Vault(settings.dealer().keys.cards, CURRENT_KEY_ID), datetime.now(UTC)
    with street.rows() as session:
        (made,) = factories.offered(session, street.stores[number], vault=vault, now=now, **person)
        if hold:
            factories.hold(session, made, now=now)
            made.stage = "claimed"
            factories.staff(session, [street.stores[number]], Role.SALESPERSON)
        return made.assignment_id


def build_street(plant: Plant) -> Street:
    """People and content for a plant."""
    hashed = passwords.hash_password(PASSWORD)
    with database(plant) as session:
        # Open day and night, so that the test may run at any hour.
        session.execute(text("""UPDATE stores SET daily_capacity = 10, hours = :hours"""), {"hours": _ALL_WEEK})
        stores = list(session.scalars(select(Store).order_by(Store.code)))
        for number, store in enumerate(stores):
            factories.staff(session, [store], login=f"manager{number}", password_hash=hashed)
        factories.hq_user(session, Role.ADMINISTRATOR, login="operator0", password_hash=hashed)
        _put_content(session, plant)
    return Street(plant, stores)


_ALL_WEEK = (
    "{" + ", ".join(f'"{day}": ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")) + "}"
)


def _put_content(session: Session, plant: Plant) -> None:
    """As headquarters' editor and operator would: written, approved, published to all."""
    now = datetime.now(UTC)
    campaign_id = session.scalar(select(Campaign.campaign_id).where(Campaign.code == CAMPAIGN))
    draft = service.Draft(
        title="周五抽奖", copy_text="周五抽奖，来{门店名称}试骑", picture=content.picture(), campaign_id=campaign_id
    )
    storage, actor = files(Settings.from_env(plant.environment).var), system("test")
    asset_id = service.create(session, storage, draft=draft, actor=actor, now=now)
    session.flush()
    release.approve(session, asset_id=asset_id, version=1, actor=actor, now=now)
    audience = release.Audience(kind="all", codes=(), starts_at=now, ends_at=None)
    release.publish(session, asset_id=asset_id, version=1, audience=audience, actor=actor, now=now)


def windows(chromium: Browser, street: Street) -> Iterator[Callable[..., Page]]:
    """Gives a function that opens a window of its own; the browser's complaints and requests to other hosts fail."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_window(size: dict[str, int], path: str, expected: tuple[str, ...] = (), **options: Any) -> Page:
        context = chromium.new_context(viewport=size, accept_downloads=True, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(_told(said)) if _is_complaint(said, expected) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if not _is_ours(asked.url, street) else None)
        page.goto(street.address + path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == [], complaints


# On purpose: the page that says "taken" is a 409, and a phone without network has none.
_EXPECTED = ("409", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def _is_complaint(said: Any, expected: tuple[str, ...]) -> bool:
    return said.type == "error" and not any(each in said.text for each in (*_EXPECTED, *expected))


def _told(said: Any) -> str:
    return f"{said.text} {said.location.get('url')}"


def _is_ours(url: str, street: Street) -> bool:
    return url.startswith(("data:", "blob:")) or urlsplit(url).netloc == urlsplit(street.address).netloc


def sign_in(page: Page, login: str, *, anew: bool = False) -> Page:
    """Let somebody in: by the form the first time, then with the same session, since sign-ins are limited.

    Args:
        anew: by the form in any case, for a session of its own.
    """
    place = urlsplit(page.url)
    key = (place.netloc, place.path.split("/")[1], login)
    if not anew and key in _SIGNED_IN:
        page.context.add_cookies(_SIGNED_IN[key])
        wanted = parse_qs(place.query).get("next", [f"/{key[1]}/account"])[0]
        page.goto(f"{place.scheme}://{place.netloc}{wanted}")
        return page
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    # language and theme are each window's own
    _SIGNED_IN[key] = [cookie for cookie in page.context.cookies() if cookie["httpOnly"]]  # type: ignore[misc]
    return page


#: The session's cookies by host, portal and login.
_SIGNED_IN: dict[tuple[str, str, str], list[Any]] = {}
