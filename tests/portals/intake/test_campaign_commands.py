"""`./koi campaigns` and `./koi tokens`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hq.campaigns.cli import campaigns, tokens
from shared.audit.models import AuditEntry
from shared.campaigns.models import Campaign, ConsentText
from shared.dealers.models import Dealer
from shared.platform.clock import BEIJING
from shared.platform.settings import Settings
from tests import factories as make
from tests.portals.conftest import Faces
from tests.portals.intake.calling import SAID, Caller

Koi = Callable[..., Result]


@pytest.fixture
def koi(settings: Settings, rows: Session) -> Koi:
    """Runs a command against the test's database, where one dealer is."""
    make.dealer(rows, code="D0001", name="杭州青屿一路车业有限公司")
    rows.commit()
    environment = {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
    }

    def run(group: click.Group, *words: str) -> Result:
        return CliRunner(env=environment).invoke(group, words)

    return run


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_campaign_is_ready_for_signups_in_two_commands(koi: Koi, faces: Faces, rows: Session) -> None:
    made = as_json(koi(campaigns, "add", "FRI", "--name", "锦鲤星期五", "--json"))
    assert made["texts"] == {"marketing": 1, "share_with_dealer": 1}
    assert made["dealers"] == 1
    token = as_json(koi(tokens, "add", "小程序", "--campaign", "FRI", "--json"))["token"]
    assert Caller(faces, "FRI", token=token).post(SAID).status_code == 202
    koi(tokens, "revoke", "小程序")
    assert Caller(faces, "FRI", token=token).post(SAID).status_code == 401
    assert as_json(koi(tokens, "list", "--json"))["tokens"][0]["revoked_at"] is not None
    logged = set(rows.scalars(select(AuditEntry.action)))
    assert {"campaign:add", "consent_text:add", "token:add", "token:revoke"} <= logged


def test_days_are_beijing_days_and_the_last_one_counts(koi: Koi, rows: Session) -> None:
    koi(campaigns, "add", "FRI", "--name", "锦鲤", "--starts", "2026-11-20", "--ends", "2026-11-27")
    found = rows.scalars(select(Campaign)).one()
    assert found.starts_at == datetime(2026, 11, 20, tzinfo=BEIJING)
    assert found.ends_at == datetime(2026, 11, 28, tzinfo=BEIJING)


def test_without_dealers_only_the_marketing_text_is_made_and_it_is_said(koi: Koi, rows: Session) -> None:
    rows.execute(update(Dealer).values(status="closed"))
    rows.commit()
    result = koi(campaigns, "add", "FRI", "--name", "锦鲤")
    assert "campaigns texts FRI" in result.output
    assert list(rows.scalars(select(ConsentText.kind))) == ["marketing"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "FRI", "--name", "又一个"),
        ("add", "SAT", "--name", "又一个", "--dealers", "D0001,D9999"),
        ("add", "SAT", "--name", "又一个", "--starts", "tomorrow"),
        ("texts", "NOPE"),
        ("close", "NOPE"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_leaves_nothing(koi: Koi, rows: Session, words: Sequence[str]) -> None:
    koi(campaigns, "add", "FRI", "--name", "锦鲤")
    result = koi(campaigns, *words)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert list(rows.scalars(select(Campaign.code))) == ["FRI"]


def test_closing_and_listing(koi: Koi) -> None:
    koi(campaigns, "add", "FRI", "--name", "锦鲤")
    koi(campaigns, "close", "FRI")
    assert koi(campaigns, "texts", "FRI", "--json").exit_code == 0
    assert as_json(koi(campaigns, "list", "--json"))["campaigns"] == [
        {"code": "FRI", "name": "锦鲤", "state": "closed", "marketing": 1, "share_with_dealer": 2}
    ]
