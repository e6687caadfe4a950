"""What a store writes down about somebody who came in or called. Runs as `koi_dealer`, writes only the store's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.campaigns.standing import words_for
from shared.contacts.crypto import BlindIndex, Vault
from shared.contacts.hiding import without_phones
from shared.contacts.names import mask_name
from shared.contacts.phones import Phone, mask, parse_phone
from shared.dealers.models import Dealer, Store
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing
from shared.signups.models import CONSENT_WAYS
from shared.signups.submission import BY_HAND
from shared.walkins.errors import BadPhone, EnteredAlready, NotAsked, WordsChanged
from shared.walkins.models import WalkIn
from shared.walkins.person import Person, seal_person
from shared.work.doorbell import ring_after_commit

AGAIN_WITHIN = timedelta(hours=24)
DRAIN = "hq.walk_ins"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """What the form says.

    Attributes:
        walk_in_id: made by the form, so that sending it twice stores it once.
        touchpoint: walk_in or phone_call.
        words: the consent text that was read, as the form showed it; None: the person did not agree.
        region, interest: as in `Submission`.
    """

    walk_in_id: UUID
    store_id: UUID
    touchpoint: str
    phone: str
    name: str = ""
    note: str = ""
    words: str | None = None
    how: str = "spoken"
    region: Mapping[str, Any] = field(default_factory=dict)
    interest: Mapping[str, Any] = field(default_factory=dict)


def enter(session: Session, *, entry: Entry, vault: Vault, index: BlindIndex, actor: Actor, now: datetime) -> UUID:
    """Write somebody down for one of the actor's stores; the same form sent again changes nothing.

    Returns:
        the walk-in's id.

    Raises:
        Missing: not one of the actor's stores.
        BadPhone: the number cannot be called.
        NotAsked: the person did not agree. WordsChanged: they were told other words than those in force.
        EnteredAlready: the store entered the number within the last day.
    """
    dealer_id, user_id = actor.dealer_id, actor.user_id
    store = session.scalar(select(Store.store_id).where(Store.dealer_id == dealer_id, Store.store_id == entry.store_id))
    if dealer_id is None or user_id is None or store is None or not actor.sees_store(entry.store_id):
        raise Missing(store=str(entry.store_id))
    if entry.touchpoint not in BY_HAND or entry.how not in CONSENT_WAYS:
        raise Invalid(field="touchpoint")
    phone = parse_phone(entry.phone)
    if not isinstance(phone, Phone):
        raise BadPhone(field="phone", reason=phone.code)
    _check_words(session, entry, dealer_id)
    bidx = index.phone(phone.e164)
    _refuse_again(session, entry, dealer_id, bidx, now)
    person = Person(phone.e164, entry.name, entry.note)
    new = session.execute(
        insert(WalkIn)
        .values(
            dealer_id=dealer_id,
            walk_in_id=entry.walk_in_id,
            store_id=entry.store_id,
            user_id=user_id,
            touchpoint=entry.touchpoint,
            name_masked=mask_name(without_phones(entry.name)),
            phone_masked=mask(phone.e164),
            phone_bidx=bidx,
            sealed=seal_person(vault, person, dealer_id=dealer_id, walk_in_id=entry.walk_in_id),
            region={name: without_phones(str(value)) for name, value in entry.region.items()},
            interest={name: without_phones(str(value)) for name, value in entry.interest.items()},
            consent_text=entry.words,
            consent_how=entry.how,
            entered_at=now,
            state="entered",
        )
        .on_conflict_do_nothing(index_elements=[WalkIn.dealer_id, WalkIn.walk_in_id])
        .returning(WalkIn.walk_in_id)
    ).scalar_one_or_none()
    if new is not None:
        audit.record(session, actor, "walk_in:enter", entry.walk_in_id, at=now, how=entry.how)
        ring_after_commit(session, DRAIN)
    return entry.walk_in_id


def _check_words(session: Session, entry: Entry, dealer_id: UUID) -> None:
    """The words in force are made of the dealer's name; what somebody else's words say is no consent."""
    if not entry.words:
        raise NotAsked(field="agreed")
    name = session.scalars(select(Dealer.name).where(Dealer.dealer_id == dealer_id)).one()
    if entry.words != words_for(name).zh:
        raise WordsChanged(field="agreed")


def _refuse_again(session: Session, entry: Entry, dealer_id: UUID, bidx: bytes, now: datetime) -> None:
    same = session.scalar(
        select(WalkIn.walk_in_id)
        .where(
            WalkIn.dealer_id == dealer_id,
            WalkIn.phone_bidx == bidx,
            WalkIn.store_id == entry.store_id,
            WalkIn.walk_in_id != entry.walk_in_id,
            WalkIn.state != "refused",
            WalkIn.entered_at > now - AGAIN_WITHIN,
        )
        .limit(1)
    )
    if same is not None:
        raise EnteredAlready(field="phone", walk_in_id=str(same))
