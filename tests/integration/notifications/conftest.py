"""People who can be reached, ways out on this machine, and the worker that uses them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

import shared.mail.jobs
import shared.notifications.jobs
import shared.sms.jobs  # noqa: F401  the drains must be known
from shared.dealers.models import Store
from shared.identity.models import HqUser, Staff
from shared.notifications.addresses import seal_address
from shared.notifications.brand import Choices
from shared.notifications.jobs import COMPOSE
from shared.notifications.models import NoticePerson
from shared.notifications.notices import SPREAD
from shared.platform.ids import NIL
from shared.platform.settings import Settings
from shared.work.place import Place
from shared.work.runs import run_all
from tests.factories import network
from tests.factories.counting import NOW, RING, add
from tests.fakes import mail_server, sms_gateway


@pytest.fixture
def gateway() -> Iterator[sms_gateway.Gateway]:
    with sms_gateway.running() as running:
        yield running


@pytest.fixture
def post() -> Iterator[mail_server.MailServer]:
    with mail_server.running() as running:
        yield running


@pytest.fixture
def store(rows: Session) -> Store:
    made = network.store(rows)
    rows.commit()
    return made


@dataclasses.dataclass
class Ways:
    """The worker with these ways out."""

    settings: Settings
    engine: Any
    sms: str = ""
    mail: str = ""

    def place(self, now: datetime = NOW) -> Place:
        worker = dataclasses.replace(
            self.settings.worker(),
            sms_url=self.sms,
            sms_key=sms_gateway.KEY,
            mail_url=self.mail,
            mail_from=mail_server.SENDER,
        )
        return Place(self.engine, worker, now)

    def run(self, now: datetime = NOW, *drains: str) -> None:
        run_all(self.place(now), *(drains or (SPREAD, COMPOSE, "shared.send_sms", "shared.send_mail")))


@pytest.fixture
def ways(settings: Settings, worker_engine: Any, gateway: sms_gateway.Gateway, post: mail_server.MailServer) -> Ways:
    return Ways(settings, worker_engine, gateway.url, post.url)


def reached(
    rows: Session, who: Staff | HqUser, *, phone: str = "", mail: str = "", choices: Choices | None = None
) -> NoticePerson:
    """Where somebody is told outside the portal."""
    dealer_id = who.dealer_id if isinstance(who, Staff) else NIL
    sealed = {
        f"{column}_sealed": seal_address(address, dealer_id, who.user_id, way, RING.sms)
        for column, way, address in (("phone", "sms", phone), ("mail", "mail", mail))
        if address
    }
    body = choices.as_body() if choices else {}
    return add(rows, NoticePerson(dealer_id=dealer_id, user_id=who.user_id, choices=body, **sealed))
