"""Campaigns, consent texts, contacts and sign-ups."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from shared.campaigns.face import Face, Prize
from shared.campaigns.models import Campaign, CampaignFace, ConsentScope, ConsentText, Scope
from shared.contacts.models import Consent, Contact, ContactPhone, Identity
from shared.contacts.sealing import seal_phone
from shared.dealers.models import Dealer
from shared.platform.ids import NIL, new_id
from shared.signups.models import Receipt, Signup
from tests.factories.counting import BLIND, CONTACTS, NOW, add, number, phone_number


def campaign(session: Session, **values: Any) -> Campaign:
    """A live campaign."""
    n = number()
    given: dict[str, Any] = {
        "campaign_id": new_id(NOW),
        "code": f"koi-{n}",
        "name": f"锦鲤星期五 {n}",
        "status": "live",
    }
    given |= {"starts_at": None, "ends_at": None, "phone_check": "optional", "created_at": NOW}
    return add(session, Campaign(**{**given, **values}))


def face(session: Session, of: Campaign, *, version: int = 1, **values: Any) -> CampaignFace:
    """What the campaign shows, complete; `values` replace fields of `Face`."""
    given: dict[str, Any] = {
        "headline": "0 元开回家",
        "organiser": "青屿电动（浙江）有限公司",
        "contact": "400-000-0000",
        "draw_at": NOW,
        "draw_method": "公证员监督下摇号",
        "redemption": "开奖后 14 天内带身份证到门店领取，过期算放弃。",
        "rules": "年满 18 岁、住在浙江省的人都可以参加。",
        "prizes": (Prize(tier="一等奖", name="M3 长续航", value=Decimal(4999), count=1),),
    }
    body = Face(**{**given, **values}).as_body()
    return add(session, CampaignFace(campaign_id=of.campaign_id, version=version, body=body, created_at=NOW))


def share_text(session: Session, of: Campaign, dealers: Iterable[Dealer], *, version: int = 1) -> ConsentText:
    """A text that names these dealers as recipients of the phone, with its scope."""
    scope = add(session, ConsentScope(scope_id=new_id(NOW), created_at=NOW))
    for dealer_id in sorted({one.dealer_id for one in dealers}):
        add(session, Scope(scope_id=scope.scope_id, dealer_id=dealer_id))
    text = ConsentText(
        text_id=new_id(NOW),
        campaign_id=of.campaign_id,
        kind="share",
        version=version,
        body_zh="同意把手机号提供给下列经销商",
        body_en="I agree that the dealers below get my phone number",
        scope_id=scope.scope_id,
        created_at=NOW,
    )
    return add(session, text)


def contact(session: Session, *, name: str = "陈小明", phone: str | None = None, **values: Any) -> Contact:
    """A person with one phone number (E.164; a new one unless given)."""
    phone = phone or phone_number()
    given = {"contact_id": new_id(NOW), "name": name, "merged_into": None, "created_at": NOW, "changed_at": NOW}
    made = add(session, Contact(**{**given, **values}))
    sealed = seal_phone(phone, vault=CONTACTS, index=BLIND)
    add(
        session,
        ContactPhone(
            phone_bidx=sealed.phone_bidx,
            contact_id=made.contact_id,
            last4_bidx=sealed.last4_bidx,
            sealed=sealed.sealed,
            masked=sealed.masked,
            verified="none",
            created_at=NOW,
        ),
    )
    identity = Identity(
        kind="phone", value_bidx=sealed.phone_bidx, contact_id=made.contact_id, signup_id=NIL, created_at=NOW
    )
    add(session, identity)
    return made


def consent(session: Session, of: Contact, text: ConsentText) -> Consent:
    """The person lets the dealers of the text have the phone."""
    given = Consent(contact_id=of.contact_id, scope_id=text.scope_id, text_id=text.text_id, signup_id=NIL, given_at=NOW)
    return add(session, given)


def signup(session: Session, of: Campaign, *, received: bool = True, **values: Any) -> Signup:
    """A sign-up through the API with its receipt; `received=False` leaves the receipt out."""
    given: dict[str, Any] = dict.fromkeys(_EMPTY)
    given |= {
        "signup_id": new_id(NOW),
        "campaign_id": of.campaign_id,
        "source": "api",
        "occurred_at": NOW,
        "accepted_at": NOW,
        "touchpoint": "mini_program",
        "name": "陈小明",
        "phone_verified": "wechat",
        "phone_virtual": False,
        "region": {},
        "interest": {},
        "actions": {},
        "state": "received",
        "runs": 0,
    }
    made = add(session, Signup(**{**given, **values}))
    if received:
        receipt(session, made)
    return made


def receipt(session: Session, of: Signup) -> Receipt:
    """What the API gave for a sign-up."""
    given = Receipt(
        signup_id=of.signup_id,
        client_id=NIL,
        key=str(of.signup_id),
        body_hmac=b"",
        accepted_at=of.accepted_at,
        expires_at=of.accepted_at,
    )
    return add(session, given)


_EMPTY = (
    "consent_how",
    "client_id",
    "import_id",
    "import_row",
    "external_id",
    "store_code",
    "phone_bidx",
    "phone_problem",
    "openid_bidx",
    "unionid_bidx",
    "device_bidx",
    "inviter_bidx",
    "ip",
    "user_agent",
    "marketing_text_id",
    "share_text_id",
    "outcome",
    "contact_id",
    "lead_id",
    "decided_at",
    "aside_at",
)
