"""The body of a sign-up as the API takes it, and what the API answers: the models that also describe it (OpenAPI)."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, with_config
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from shared.signups.submission import Submission

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


def _address(text: str) -> str:
    if "%" in text:
        raise ValueError("address")
    return str(ipaddress.ip_address(text))


def _line(longest: int) -> StringConstraints:
    """Text without control characters; space around it is taken off."""
    return StringConstraints(max_length=longest, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")


Label = Annotated[str, _line(64)]
Place = Annotated[str, _line(32)]
StoreCode = Annotated[str, _line(32), Field(examples=["QJ30211"])]
OpenId = Annotated[str, _line(128), Field(examples=["oaUdAWelw1onK6n6Yo8yNuAI_T4a"])]
CountyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(examples=["330106"])]
PhoneAsTyped = Annotated[str, StringConstraints(max_length=64), Field(examples=["+8613800138000"])]
Address = Annotated[str, StringConstraints(max_length=45), AfterValidator(_address), Field(examples=["36.5.1.2"])]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


@with_config(_STRICT)
class Interest(TypedDict, total=False):
    """What the person would like."""

    model: Label | None
    purchase_horizon: Literal["now", "1m", "3m", "6m", "later", "none"] | None
    current_vehicle: Literal["none", "ebike_other", "ebike_same_brand", "petrol_motorcycle", "car", "bicycle"] | None
    budget: Literal["<2000", "2000-3500", "3500-5000", "5000-8000", ">8000"] | None


@with_config(_STRICT)
class Actions(TypedDict, total=False):
    """What the person did in the campaign; `seconds_to_act`: from signing up to the first act."""

    draws: Annotated[int, Field(ge=0, le=100_000)] | None
    booked_test_ride: bool | None
    visited_store: bool | None
    seconds_to_act: Annotated[int, Field(ge=0, le=31_536_000)] | None


@with_config(_STRICT)
class Region(TypedDict, total=False):
    """Where the person is: a county code (GB/T 2260), names, or a point with its coordinate system."""

    county_code: CountyCode | None
    province: Place | None
    city: Place | None
    county: Place | None
    lng: Annotated[float, Field(ge=-180, le=180)] | None
    lat: Annotated[float, Field(ge=-90, le=90)] | None
    coord_sys: Literal["GCJ-02", "BD-09", "WGS-84"] | None


class Consents(BaseModel):
    """What the person agreed to, and in which words: `GET /api/v1/campaigns/{code}` gives texts and versions."""

    model_config = _STRICT
    marketing: bool
    """To get news about campaigns and vehicles."""
    share_with_dealer: bool
    """That the dealers whom the text names get the phone number (PIPL art. 23)."""
    marketing_version: Version | None = None
    """Version of the marketing text; needed when `marketing` is true."""
    share_with_dealer_version: Version | None = None
    """Version of the text about dealers; needed when `share_with_dealer` is true."""


class SignupBody(BaseModel):
    """One person's one submission. Fields without a value are left out or null."""

    model_config = _STRICT | ConfigDict(title="Signup")
    touchpoint: (
        Literal["store_qr", "official_account", "channels_live", "community", "moments", "mini_program"] | None
    ) = None
    """Where the person came in."""
    openid: OpenId | None = None
    unionid: OpenId | None = None
    phone: PhoneAsTyped | None = None
    """As typed, or E.164. A number that cannot be used is accepted too and rejected later, with its reason."""
    phone_verified: Literal["wechat", "sms", "none"] = "none"
    """Who vouches for the number."""
    name: Label | None = None
    interest: Interest | None = None
    actions: Actions | None = None
    region: Region | None = None
    store_code: StoreCode | None = None
    """The store whose code was scanned."""
    invited_by: OpenId | None = None
    """openid of who invited."""
    device_id: OpenId | None = None
    ip: Address | None = None
    user_agent: Annotated[str, _line(1024)] | None = None
    wechat_risk_rank: Annotated[int, Field(ge=0, le=4)] | None = None
    """WeChat's own judgement of the account (`getuserriskrank`): 0 none, 4 the highest."""
    occurred_at: AwareDatetime | None = None
    """When the person sent it, with its offset; at most 5 minutes ahead of us. Left out: now."""
    consents: Consents


class Accepted(BaseModel):
    """The sign-up is ours."""

    model_config = ConfigDict(title="Accepted")
    id: UUID
    received_at: AwareDatetime


class CampaignText(BaseModel):
    """A consent text as it stands now."""

    version: int
    text: str
    language: Literal["zh", "en"]


class CampaignTexts(BaseModel):
    """What people are asked to agree to; null: nothing is asked."""

    marketing: CampaignText | None
    share_with_dealer: CampaignText | None


class CampaignAnswer(BaseModel):
    """A campaign and the texts that its sign-ups name."""

    model_config = ConfigDict(title="Campaign")
    code: str
    name: str
    state: Literal["open", "not_started", "closed"]
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    consents: CampaignTexts


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    pointer: Annotated[str, Field(examples=["/interest/budget"])]
    """JSON pointer (RFC 6901) into the body."""
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """Why it did not work (RFC 9457), in the language of Accept-Language."""

    model_config = ConfigDict(title="Problem", extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str
    """Stable name of the problem."""
    request_id: str | None = None
    errors: list[FieldProblem] = []


def contradictions(body: SignupBody) -> list[tuple[str, str]]:
    """What no single field can see: (JSON pointer, code) of each."""
    found = []
    said = body.consents
    if said.marketing and said.marketing_version is None:
        found.append(("/consents/marketing_version", "required"))
    if said.share_with_dealer and said.share_with_dealer_version is None:
        found.append(("/consents/share_with_dealer_version", "required"))
    point = body.region or {}
    given = {name for name in ("lng", "lat", "coord_sys") if point.get(name) is not None}
    if given:
        found += [(f"/region/{name}", "required") for name in ("lng", "lat", "coord_sys") if name not in given]
    if body.occurred_at is not None and body.occurred_at < _EARLIEST:
        found.append(("/occurred_at", "out_of_range"))
    return found


def submission_of(body: SignupBody) -> Submission:
    """The body as what a person said."""
    return Submission(
        occurred_at=body.occurred_at,
        touchpoint=body.touchpoint,
        store_code=body.store_code,
        name=body.name,
        phone=body.phone,
        phone_verified=body.phone_verified,
        openid=body.openid,
        unionid=body.unionid,
        device_id=body.device_id,
        invited_by=body.invited_by,
        ip=body.ip,
        user_agent=body.user_agent,
        region=_said(body.region),
        interest=_said(body.interest),
        actions=_said(body.actions) | _said({"risk_rank": body.wechat_risk_rank}),
    )


def _said(values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")} if values else {}
