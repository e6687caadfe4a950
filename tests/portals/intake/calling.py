"""A mini-program's server with its token, for the tests of the intake."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.campaigns.models import Campaign
from shared.platform.ids import new_id
from shared.signups.models import ApiClient
from tests import factories as make
from tests.portals.conftest import Faces

TOKEN = "koi_a-token-for-tests"
PHONE = "13900001234"
SAID: dict[str, Any] = {
    "touchpoint": "store_qr",
    "openid": "oaUdAWelw1onK6n6Yo8yNuAI_T4a",
    "unionid": "uQzcfrF35NcB9dqGId1HInksYxo_",
    "phone": "139-0000-1234",
    "phone_verified": "wechat",
    "name": "欧阳小明",
    "interest": {"model": "青骥 Q1", "purchase_horizon": "1m", "current_vehicle": "none", "budget": "3500-5000"},
    "actions": {"draws": 2, "booked_test_ride": True, "visited_store": False},
    "region": {"province": "浙江省", "city": "杭州市"},
    "store_code": "QJ30211",
    "invited_by": "oaUdAWelw1onK6n6Yo8yNuAI_XXX",
    "device_id": "0ed3cf3dfc3d0470d84c37a24124a65a",
    "ip": "120.75.99.183",
    "user_agent": "Mozilla/5.0 MicroMessenger/8.0.52",
    "occurred_at": "2026-11-10T08:00:06.973+08:00",
    "consents": {
        "marketing": True,
        "marketing_version": 1,
        "share_with_dealer": True,
        "share_with_dealer_version": 1,
    },
}


@dataclass
class Caller:
    """A mini-program's server with a token."""

    faces: Faces
    code: str
    token: str | None = TOKEN
    language: str = "en"
    keys: int = field(default=0, init=False)

    def post(self, said: Any = SAID, *, key: str | None = "", code: str | None = None, **headers: str) -> TestResponse:
        """Send a sign-up; `key=""` gives each its own."""
        self.keys += 1
        head = {"Accept-Language": self.language, "Content-Type": "application/json", **headers}
        if self.token is not None:
            head.setdefault("Authorization", f"Bearer {self.token}")
        if key is not None:
            head["Idempotency-Key"] = key or f"key-{self.keys}"
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        path = f"/api/v1/campaigns/{code or self.code}/signups"
        return self.faces.public.test_client().post(path, data=body, headers=head)

    def campaign(self, code: str | None = None) -> TestResponse:
        """Ask for the campaign."""
        head = {"Accept-Language": self.language, "Authorization": f"Bearer {self.token}"}
        return self.faces.public.test_client().get(f"/api/v1/campaigns/{code or self.code}", headers=head)


def but(**changes: Any) -> dict[str, Any]:
    """The usual sign-up with other fields; None leaves one out."""
    return {name: value for name, value in {**SAID, **changes}.items() if value is not None}


def client(rows: Session, token: str, campaign: Campaign | None = None) -> ApiClient:
    """A client of the API."""
    found = ApiClient(
        client_id=new_id(make.NOW),
        name=f"mini-program {token[-4:]}",
        token_hash=sha256(token.encode()).digest(),
        campaign_id=campaign.campaign_id if campaign else None,
        created_at=make.NOW,
        revoked_at=None,
    )
    rows.add(found)
    rows.flush()
    return found
