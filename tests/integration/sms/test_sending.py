"""Messages: meant once, sent once, tried again while it makes sense, and in no log."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import shared.sms.jobs  # noqa: F401  the drain must be known
from shared.db.session import unit_of_work
from shared.platform.settings import Settings
from shared.sms.gateway import log_of
from shared.sms.models import SmsMessage
from shared.sms.send import DRAIN, Message, post
from shared.work.drains import find
from shared.work.place import Place
from shared.work.runs import run
from tests.factories.counting import NOW, RING
from tests.fakes import sms_gateway

PHONE = "+8613800138000"


@pytest.fixture
def gateway() -> Iterator[sms_gateway.Gateway]:
    with sms_gateway.running() as running:
        yield running


def at(settings: Settings, engine: Any, url: str, now: datetime = NOW) -> Place:
    worker = dataclasses.replace(settings.worker(), sms_url=url, sms_key=sms_gateway.KEY)
    return Place(engine, worker, now)


@pytest.fixture
def meant(hq_engine: Any) -> None:
    """One message, meant twice."""
    message = Message(PHONE, "code_signup", "zh", {"code": "421907", "minutes": "10"})
    for _time in range(2):
        with unit_of_work(hq_engine) as session:
            post(session, message, key="k-1", good_for=timedelta(minutes=10), keys=RING.sms, now=NOW)


def stored(rows: Session) -> SmsMessage:
    rows.rollback()
    return rows.scalars(select(SmsMessage)).one()


def test_a_message_is_sent_once(
    settings: Settings, worker_engine: Any, meant: None, gateway: sms_gateway.Gateway, rows: Session
) -> None:
    for _time in range(2):
        run(at(settings, worker_engine, gateway.url), find(DRAIN))
    (sent,) = gateway.sent.values()
    assert (sent["to"], sent["params"]["code"], sent["key"]) == (PHONE, "421907", "k-1")
    assert "421907" in sent["text"]
    assert gateway.requests == 1
    assert (stored(rows).state, stored(rows).answer["id"]) == ("sent", "m-1")


def test_a_gateway_in_trouble_is_asked_again_later(
    settings: Settings, worker_engine: Any, meant: None, gateway: sms_gateway.Gateway, rows: Session
) -> None:
    gateway.fail_with = [503, 0]
    for seconds in (0, 1, 3, 9):  # at 1 it is too early
        run(at(settings, worker_engine, gateway.url, NOW + timedelta(seconds=seconds)), find(DRAIN))
    assert gateway.requests == 3
    assert (stored(rows).state, stored(rows).tries) == ("sent", 3)


def test_a_refused_message_is_not_tried_again(
    settings: Settings, worker_engine: Any, meant: None, gateway: sms_gateway.Gateway, rows: Session
) -> None:
    gateway.fail_with = [422]
    run(at(settings, worker_engine, gateway.url), find(DRAIN))
    assert (stored(rows).state, stored(rows).answer) == ("failed", {"status": 422})


def test_a_message_that_comes_too_late_is_not_sent(
    settings: Settings, worker_engine: Any, meant: None, gateway: sms_gateway.Gateway, rows: Session
) -> None:
    run(at(settings, worker_engine, gateway.url, NOW + timedelta(minutes=11)), find(DRAIN))
    assert gateway.requests == 0
    assert stored(rows).state == "failed"


def test_without_a_gateway_the_demo_writes_to_a_file_and_masks_the_number(
    settings: Settings, worker_engine: Any, meant: None
) -> None:
    log = log_of(settings.var)
    log.unlink(missing_ok=True)
    run(at(settings, worker_engine, "log"), find(DRAIN))
    assert "138****8000  验证码 421907" in log.read_text(encoding="utf-8")
    assert PHONE[3:] not in log.read_text(encoding="utf-8")


def test_no_number_and_no_code_gets_into_a_log(
    settings: Settings,
    worker_engine: Any,
    meant: None,
    gateway: sms_gateway.Gateway,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.fail_with = [0, 500]
    for seconds in (0, 3, 9):
        run(at(settings, worker_engine, gateway.url, NOW + timedelta(seconds=seconds)), find(DRAIN))
    assert gateway.requests == 3
    assert "13800138000" not in caplog.text
    assert "421907" not in caplog.text


def test_old_messages_and_codes_are_forgotten(
    settings: Settings, worker_engine: Any, meant: None, rows: Session
) -> None:
    place = at(settings, worker_engine, "log", NOW + timedelta(days=3))
    assert run(place, find("shared.purge_sms")).rows == 1
    rows.rollback()
    assert rows.scalars(select(SmsMessage)).all() == []
