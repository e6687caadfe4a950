"""The faces as browsers see them, and people who sign in to them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import TestResponse

from dealer.app import create_dealer_app
from hq.app import create_hq_app
from hq.intake.public.app import create_public_app
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.models import Dealer, Store
from shared.identity import accounts, passwords, realms
from shared.identity.actor import system
from shared.identity.logins import read_login
from shared.identity.permissions import Role
from shared.platform.ids import new_id
from shared.platform.settings import Settings

PASSWORD = "correct horse 电池 staple"
_HASH = passwords.hash_password(PASSWORD)
_NUMBERS = itertools.count()
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Faces:
    """The three applications, and the whole that `wsgi:app` serves."""

    hq: Flask
    dealer: Flask
    public: Flask


@dataclass
class Browser:
    """A test client that sends forms as a browser does: with the token of the page they stand on."""

    client: FlaskClient
    _token: str = field(default="", init=False)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._read(self.client.get(path, **options))

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self._read(self.client.post(path, data={"csrf_token": self._token, **(form or {})}, **options))

    def _read(self, response: TestResponse) -> TestResponse:
        found = _TOKEN.search(response.text) if response.mimetype == "text/html" else None
        self._token = found[1] if found else self._token
        return response


@dataclass(frozen=True)
class Person:
    """Somebody with an account and the password PASSWORD."""

    user_id: UUID
    login: str
    name: str
    dealer_id: UUID | None = None
    store_id: UUID | None = None


@pytest.fixture(scope="session")
def faces(kept_settings: Settings) -> Iterator[Faces]:
    made = Faces(
        create_hq_app(kept_settings.hq()),
        create_dealer_app(kept_settings.dealer()),
        create_public_app(kept_settings.public()),
    )
    yield made
    for app in (made.hq, made.dealer, made.public):
        app.extensions["koi_engine"].dispose()


@pytest.fixture(scope="session")
def _everything(faces: Faces) -> Flask:
    mounted = Flask("mounted", static_folder=None)
    mounted.wsgi_app = DispatcherMiddleware(faces.public, {"/hq": faces.hq, "/dealer": faces.dealer})
    return mounted


@pytest.fixture
def browser(settings: Settings, _everything: Flask) -> Callable[[], Browser]:
    """Makes browsers, each with cookies of its own; paths begin with /hq, /dealer or are public."""
    return lambda: Browser(_everything.test_client())


@pytest.fixture(scope="session")
def _hq_engine(kept_settings: Settings) -> Iterator[Engine]:
    engine = make_engine(kept_settings.role_urls["hq"])
    yield engine
    engine.dispose()


@pytest.fixture
def statements(faces: Faces) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the statements that headquarters' portal sends: `with statements() as sent: …`."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(*call: Any) -> None:
            sent.append(call[2])

        engine = faces.hq.extensions["koi_engine"]
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
def as_hq(settings: Settings, _hq_engine: Engine) -> Callable[[Callable[[Session, datetime], Any]], Any]:
    """Runs a function of (session, now) in a transaction as headquarters, and commits it."""

    def run(act: Callable[[Session, datetime], Any]) -> Any:
        with unit_of_work(_hq_engine) as session:
            return act(session, now_of(session))

    return run


@pytest.fixture
def hq_person(as_hq: Any, settings: Settings) -> Callable[..., Person]:
    """Makes people at headquarters."""

    def make(role: Role = Role.ADMINISTRATOR, login: str | None = None) -> Person:
        return as_hq(lambda session, now: _make_hq_person(session, now, role, login, settings.hq().keys.blind))

    return make


@pytest.fixture
def staff_person(as_hq: Any, settings: Settings) -> Callable[..., Person]:
    """Makes people at dealers; each at a new dealer with one store, unless one is given."""

    def make(role: Role = Role.STORE_MANAGER, dealer_id: UUID | None = None, login: str | None = None) -> Person:
        blind = settings.dealer().keys.blind
        return as_hq(lambda session, now: _make_staff(session, now, role, dealer_id, login, blind))

    return make


def _make_hq_person(session: Session, now: datetime, role: Role, login: str | None, blind: bytes) -> Person:
    number = next(_NUMBERS)
    login = login or f"hq{number}@example.com"
    user = accounts.add_hq_user(
        session,
        login=read_login(login),
        name=f"总部{number}",
        role=role,
        blind_key=blind,
        actor=system("test"),
        now=now,
    )
    _activate(user)
    return Person(user.user_id, login, user.name)


def _make_staff(
    session: Session, now: datetime, role: Role, dealer_id: UUID | None, login: str | None, blind: bytes
) -> Person:
    number = next(_NUMBERS)
    login = login or f"138{number:08}"
    dealer_id = dealer_id or _make_dealer(session, now, number)
    store_id = _make_store(session, now, dealer_id, number)
    person = accounts.add_staff(
        session,
        dealer_id=dealer_id,
        store_ids=[store_id],
        login=read_login(login),
        name=f"店员{number}",
        role=role,
        blind_key=blind,
        actor=system("test"),
        now=now,
    )
    _activate(person)
    return Person(person.user_id, login, person.name, dealer_id, store_id)


def _activate(account: realms.Account) -> None:
    account.status = "active"
    account.password_hash = _HASH


def _make_dealer(session: Session, now: datetime, number: int) -> UUID:
    dealer = Dealer(dealer_id=new_id(now), code=f"D{number}", name=f"经销商{number}", status="active", created_at=now)
    session.add(dealer)
    session.flush()
    return dealer.dealer_id


def _make_store(session: Session, now: datetime, dealer_id: UUID, number: int) -> UUID:
    store = Store(
        dealer_id=dealer_id,
        store_id=new_id(now),
        code=f"S{number}",
        name=f"门店{number}",
        province_code="330000",
        city_code=None,
        county_code=None,
        address="",
        lng=None,
        lat=None,
        point_source=None,
        hours={},
        daily_capacity=10,
        status="active",
        created_at=now,
        changed_at=now,
    )
    session.add(store)
    session.flush()
    return store.store_id


def sign_in(browser: Browser, portal: str, login: str, password: str = PASSWORD) -> TestResponse:
    """Sign in on a portal, `/hq` or `/dealer`."""
    browser.get(f"{portal}/sign-in")
    return browser.post(f"{portal}/sign-in", {"login": login, "password": password, "next": f"{portal}/account"})


UTC_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
