"""What a person sent, after its form was checked: the one shape that the API, the page and the import all make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

TOUCHPOINTS = ("store_qr", "official_account", "channels_live", "community", "moments", "mini_program")
#: Where somebody came in whom a store or headquarters entered.
BY_HAND = ("walk_in", "phone_call")
VERIFICATIONS = ("wechat", "sms", "none")
HORIZONS = ("now", "1m", "3m", "6m", "later", "none")
VEHICLES = ("none", "ebike_other", "ebike_same_brand", "petrol_motorcycle", "car", "bicycle")
BUDGETS = ("<2000", "2000-3500", "3500-5000", "5000-8000", ">8000")
COORDINATES = ("GCJ-02", "BD-09", "WGS-84")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Submission:
    """One person's one submission; None and empty mean that nothing was said.

    Attributes:
        occurred_at: when the person sent it (aware); None: when we accept it.
        phone: as typed, or E.164; a number that cannot be used is kept too, sealed.
        phone_verified: one of `VERIFICATIONS`.
        region: as sent: `county_code`, or `province`, `city`, `county`, or `lng`, `lat`, `coord_sys`.
        interest: `model`, `purchase_horizon`, `current_vehicle`, `budget`.
        actions: `draws`, `booked_test_ride`, `visited_store`, `seconds_to_act`, `risk_rank` (of WeChat, 0 to 4).
        invited_by: the openid of who invited.
        note: what the person wrote besides; kept sealed only.
    """

    occurred_at: datetime | None = None
    touchpoint: str | None = None
    store_code: str | None = None
    name: str | None = None
    phone: str | None = None
    phone_verified: str = "none"
    openid: str | None = None
    unionid: str | None = None
    device_id: str | None = None
    invited_by: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    note: str | None = None
    region: Mapping[str, Any] = field(default_factory=dict)
    interest: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """A usable row of a spreadsheet.

    Attributes:
        row: its number as the person sees it in the file.
        external_id: what the file calls it (报名编号).
        marketing_text_id, share_text_id: the consent texts that the row says yes to, else None.
    """

    submission: Submission
    campaign_id: UUID
    row: int
    external_id: str | None = None
    marketing_text_id: UUID | None = None
    share_text_id: UUID | None = None
