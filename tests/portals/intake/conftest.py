"""A campaign that is open, and somebody who may post to it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign, ConsentText
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from tests import factories as make
from tests.portals.conftest import Faces
from tests.portals.intake.calling import TOKEN, Caller, client


@pytest.fixture
def event(rows: Session) -> Campaign:
    """A live campaign with both texts, and a client with TOKEN."""
    made = make.campaign(rows, code="FRI")
    make.share_text(rows, made, [make.dealer(rows)])
    words = {"body_zh": "给我发消息", "body_en": "Send me news", "scope_id": None, "created_at": make.NOW}
    rows.add(ConsentText(text_id=new_id(make.NOW), campaign_id=made.campaign_id, kind="marketing", version=1, **words))
    client(rows, TOKEN)
    rows.commit()
    return made


@pytest.fixture
def caller(faces: Faces, settings: Settings, event: Campaign) -> Caller:
    return Caller(faces, event.code)
