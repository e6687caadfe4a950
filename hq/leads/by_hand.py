"""Somebody who called headquarters or came to it, entered by hand: the same sign-up as any other, with its consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.campaigns import standing
from shared.campaigns.models import Scope
from shared.campaigns.queries import CampaignFacts, TextFacts, all_campaigns, by_id, current_texts
from shared.contacts.phone_city import city_of
from shared.contacts.phones import Phone, parse_phone
from shared.dealers.models import Dealer, Store
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid
from shared.platform.keys import Keyring
from shared.signups.by_hand import Entry, insert_entries
from shared.signups.models import CONSENT_WAYS, Receipt
from shared.signups.rows import Sealer
from shared.signups.submission import BY_HAND, Submission
from shared.work.doorbell import ring_after_commit

CONSENTS = ("dealers", "store", "none")
_OLDEST = timedelta(days=30)
_SHOWN = 6


class BadPhone(Invalid):
    """Not a mobile number; `params["reason"]`."""

    code = "by_hand_phone"


class NoSuchStore(Invalid):
    """No open store is called that, or several are (`params["stores"]`), or none is named where one is needed."""

    code = "by_hand_store"


class ReadFirst(Conflict):
    """The words of the consent were not shown yet; `params["words"]`."""

    code = "by_hand_words"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Wanted:
    """What the form says.

    Attributes:
        key: made by the form, so that sending it twice enters one person.
        campaign_id: None for the standing campaign.
        store: a store's code or name, or empty: the rules choose.
        consent: `dealers` (all whom the campaign's text names), `store` (only the dealer of the store), `none`.
        words: the text that was shown; it must be the one that the consent is about.
        told_at: when the person said so.
    """

    key: str
    campaign_id: UUID | None
    touchpoint: str
    phone: str
    name: str = ""
    note: str = ""
    store: str = ""
    consent: str = "none"
    marketing: bool = False
    words: str = ""
    how: str = "spoken"
    told_at: datetime | None = None
    region: Mapping[str, Any] = field(default_factory=dict)
    interest: Mapping[str, Any] = field(default_factory=dict)


def open_campaigns(session: Session, *, now: datetime) -> Sequence[CampaignFacts]:
    """The campaigns that somebody may be entered into."""
    return [each for each in all_campaigns(session) if each.state_at(now) == "open"]


def enter(session: Session, *, wanted: Wanted, keys: Keyring, actor: Actor, now: datetime) -> UUID:
    """Enter somebody; they are matched, screened and scored like everybody else.

    Returns:
        the sign-up's id.

    Raises:
        BadPhone, NoSuchStore: see there.
        ReadFirst: the words of this consent were not shown yet.
        Invalid: a campaign that is not open, a time that cannot be.
    """
    if (known := _known(session, wanted, actor)) is not None:
        return known
    phone = parse_phone(wanted.phone)
    if not isinstance(phone, Phone):
        raise BadPhone(field="phone", reason=phone.code)
    _check(wanted, now)
    store = find_store(session, wanted.store) if wanted.store else None
    campaign = _campaign(session, wanted.campaign_id, actor=actor, now=now)
    share, marketing = _texts(session, wanted, campaign, store, actor=actor, now=now)
    submission = Submission(
        occurred_at=wanted.told_at or now,
        touchpoint=wanted.touchpoint,
        store_code=store.code if store else None,
        name=wanted.name or None,
        phone=phone.e164,
        note=wanted.note or None,
        region=wanted.region,
        interest=wanted.interest,
        actions={"visited_store": True} if wanted.touchpoint == "walk_in" else {},
    )
    entry = Entry(
        submission=submission,
        campaign_id=campaign,
        source="hand",
        receiver=_receiver(actor),
        key=wanted.key,
        share_text_id=share,
        marketing_text_id=marketing,
        consent_how=wanted.how if share or marketing else None,
    )
    # Where a number was sold says less than the store that somebody asked for.
    sealer = Sealer(keys, phone_city=None if store else _city_code)
    (signup_id,) = insert_entries(session, [entry], sealer=sealer, now=now)
    stored = _known(session, wanted, actor)
    if stored is not None and stored != signup_id:
        return stored  # sent twice at the same moment: the other one was a little faster
    audit.record(session, actor, "signup:enter", signup_id, at=now, consent=wanted.consent, how=wanted.how)
    ring_after_commit(session, "hq.qualify")
    return signup_id


def words_of(session: Session, wanted: Wanted, *, now: datetime) -> str:
    """The words that the person must hear for this consent; empty for none.

    Raises:
        NoSuchStore: the consent is about a store and none is named.
    """
    if wanted.consent == "store":
        if not wanted.store:
            raise NoSuchStore(field="store", reason="needed")
        return standing.words_for(_dealer_name(session, find_store(session, wanted.store))).zh
    if wanted.consent != "dealers":
        return ""
    if wanted.campaign_id is None:
        return standing.everybody_words(session).zh
    text = current_texts(session, [wanted.campaign_id])[wanted.campaign_id].share
    return text.body_zh if text else ""


def find_store(session: Session, words: str) -> Store:
    """The store with this code, or the only open one whose name holds the words.

    Raises:
        NoSuchStore: none, or several.
    """
    plain = words.strip()
    named = or_(func.upper(Store.code) == plain.upper(), Store.name.contains(plain, autoescape=True))
    found = session.scalars(
        select(Store).where(named, Store.status != "closed").order_by(Store.code).limit(_SHOWN + 1)
    ).all()
    exact = [store for store in found if store.code.upper() == plain.upper() or store.name == plain]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    if not found:
        raise NoSuchStore(field="store", reason="unknown")
    raise NoSuchStore(
        field="store", reason="several", stores=[f"{store.name} {store.code}" for store in found[:_SHOWN]]
    )


def _check(wanted: Wanted, now: datetime) -> None:
    if wanted.touchpoint not in BY_HAND:
        raise Invalid(field="touchpoint")
    if wanted.consent not in CONSENTS or wanted.how not in CONSENT_WAYS:
        raise Invalid(field="consent")
    if wanted.told_at is not None and not now - _OLDEST <= wanted.told_at <= now + timedelta(minutes=5):
        raise Invalid(field="day")


def _known(session: Session, wanted: Wanted, actor: Actor) -> UUID | None:
    same = (Receipt.client_id == _receiver(actor), Receipt.key == wanted.key)
    return session.scalar(select(Receipt.signup_id).where(*same))


def _receiver(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise Invalid(field="actor")
    return actor.user_id


def _campaign(session: Session, campaign_id: UUID | None, *, actor: Actor, now: datetime) -> UUID:
    if campaign_id is None:
        return standing.campaign_id(session, now=now)
    found = by_id(session, campaign_id)
    if found is None or found.state_at(now) != "open":
        raise Invalid(field="campaign")
    return campaign_id


def _texts(
    session: Session, wanted: Wanted, campaign: UUID, store: Store | None, *, actor: Actor, now: datetime
) -> tuple[UUID | None, UUID | None]:
    """The texts that the person agreed to, as ids: about sharing, and about news."""
    if words_of(session, wanted, now=now) != wanted.words.replace("\r\n", "\n"):
        raise ReadFirst(field="words")
    standing.lock(session, campaign)
    if wanted.campaign_id is None:
        standing.ensure_texts(session, campaign, actor=actor, now=now)
    texts = current_texts(session, [campaign])[campaign]
    marketing = texts.marketing.text_id if wanted.marketing and texts.marketing else None
    if wanted.consent == "none":
        return None, marketing
    if wanted.consent == "store":
        return _store_text(session, store, now=now), marketing
    if texts.share is None:
        raise Invalid(field="consent")
    if store is not None and not _names(session, texts.share, store):
        raise NoSuchStore(field="store", reason="not_named")
    return texts.share.text_id, marketing


def _store_text(session: Session, store: Store | None, *, now: datetime) -> UUID:
    if store is None:
        raise NoSuchStore(field="store", reason="needed")
    home = standing.campaign_id(session, now=now)
    standing.lock(session, home)
    pair = (store.dealer_id, standing.words_for(_dealer_name(session, store)).zh)
    return standing.store_texts(session, [pair], campaign=home, now=now)[pair].text_id


def _names(session: Session, text: TextFacts, store: Store) -> bool:
    named = select(Scope.dealer_id).where(Scope.scope_id == text.scope_id, Scope.dealer_id == store.dealer_id)
    return session.scalar(named) is not None


def _dealer_name(session: Session, store: Store) -> str:
    return session.scalars(select(Dealer.name).where(Dealer.dealer_id == store.dealer_id)).one()


def _city_code(phone: str) -> str | None:
    city = city_of(phone)
    return city.code if city is not None else None
