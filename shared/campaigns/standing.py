"""The standing campaign of people who come to a store or call: nobody can sign up to it from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.campaigns import wording
from shared.campaigns.models import STANDING, Campaign, ConsentScope, ConsentText, Scope
from shared.campaigns.opening import BRAND, new_text
from shared.campaigns.queries import current_texts
from shared.dealers.models import Dealer
from shared.identity.actor import Actor
from shared.platform.ids import new_id

CODE = STANDING
_NAME = "到店/电话"


@dataclass(frozen=True, slots=True)
class StoreText:
    """Words that were read to somebody about one dealer, as a consent text with its scope."""

    text_id: UUID
    scope_id: UUID


def campaign_id(session: Session, *, now: datetime) -> UUID:
    """The standing campaign, made when it is first needed. It stays a draft: a draft takes no sign-ups from outside."""
    values = {"campaign_id": new_id(now), "code": CODE, "name": _NAME, "status": "draft", "phone_check": "optional"}
    session.execute(
        insert_unless_there(Campaign)
        .values(**values, starts_at=None, ends_at=None, created_at=now)
        .on_conflict_do_nothing()
    )
    found: UUID = session.scalars(select(Campaign.campaign_id).where(Campaign.code == CODE)).one()
    return found


def words_for(dealer_name: str) -> wording.Wording:
    """What is read to somebody who comes to a store of this dealer, or calls it."""
    return wording.at_store(BRAND, dealer_name)


def store_texts(
    session: Session, wanted: Iterable[tuple[UUID, str]], *, campaign: UUID, now: datetime
) -> Mapping[tuple[UUID, str], StoreText]:
    """The consent texts by (dealer, Chinese words): those that are there, and new versions for new words.

    Not for two transactions at once: the caller is single-flight, or holds the campaign's lock.
    """
    pairs = sorted(set(wanted))
    found = _known(session, {dealer_id for dealer_id, _ in pairs}, campaign)
    missing = [pair for pair in pairs if pair not in found]
    if not missing:
        return found
    of_dealers = Dealer.dealer_id.in_({dealer_id for dealer_id, _ in missing})
    named = session.execute(select(Dealer.dealer_id, Dealer.name).where(of_dealers))
    names = {row.dealer_id: row.name for row in named}
    latest = select(func.max(ConsentText.version)).where(
        ConsentText.campaign_id == campaign, ConsentText.kind == "store"
    )
    version = session.scalar(latest) or 0
    made = {}
    rows = []
    for number, (dealer_id, words) in enumerate(missing, version + 1):
        made[dealer_id, words] = StoreText(new_id(now), new_id(now))
        rows.append(_row(made[dealer_id, words], campaign, number, words, words_for(names[dealer_id]).en, now))
    session.execute(insert(ConsentScope), [{"scope_id": each.scope_id, "created_at": now} for each in made.values()])
    session.execute(insert(Scope), [{"scope_id": each.scope_id, "dealer_id": key[0]} for key, each in made.items()])
    session.execute(insert(ConsentText), rows)
    return {**found, **made}


def lock(session: Session, campaign: UUID) -> None:
    """Take turns with others who add texts to the campaign."""
    session.execute(
        select(Campaign.campaign_id).where(Campaign.campaign_id == campaign).with_for_update(key_share=True)
    )


def _known(session: Session, dealer_ids: set[UUID], campaign: UUID) -> dict[tuple[UUID, str], StoreText]:
    rows = session.execute(
        select(Scope.dealer_id, ConsentText.body_zh, ConsentText.text_id, ConsentText.scope_id)
        .join(Scope, Scope.scope_id == ConsentText.scope_id)
        .where(ConsentText.campaign_id == campaign, ConsentText.kind == "store", Scope.dealer_id.in_(dealer_ids))
    )
    return {
        (dealer_id, words): StoreText(text_id, scope_id) for dealer_id, words, text_id, scope_id in rows if scope_id
    }


def _row(text: StoreText, campaign: UUID, version: int, zh: str, en: str, now: datetime) -> dict[str, object]:
    return {
        "text_id": text.text_id,
        "campaign_id": campaign,
        "kind": "store",
        "version": version,
        "body_zh": zh,
        "body_en": en,
        "scope_id": text.scope_id,
        "created_at": now,
    }


def everybody_words(session: Session) -> wording.Wording:
    """What is told to somebody who lets headquarters choose among all dealers that are open."""
    names = session.scalars(select(Dealer.name).where(Dealer.status == "active").order_by(Dealer.code)).all()
    return wording.share(BRAND, names)


def ensure_texts(session: Session, campaign: UUID, *, actor: Actor, now: datetime) -> None:
    """Bring the standing campaign's own texts up to the dealers that are open now; the caller holds its lock."""
    texts = current_texts(session, [campaign])[campaign]
    if texts.marketing is None:
        new_text(session, campaign_id=campaign, kind="marketing", actor=actor, now=now)
    words = everybody_words(session)
    anybody = session.scalar(select(Dealer.dealer_id).where(Dealer.status == "active").limit(1))
    if anybody is not None and (texts.share is None or texts.share.body_zh != words.zh):
        new_text(session, campaign_id=campaign, kind="share", actor=actor, now=now)
