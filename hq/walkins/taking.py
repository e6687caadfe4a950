"""What stores entered becomes sign-ups of the standing campaign, each with the consent that was read out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.campaigns import standing
from shared.contacts.crypto import Vault
from shared.db.batch import Rows
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.signups.by_hand import Entry, insert_entries
from shared.signups.rows import Sealer
from shared.signups.submission import Submission
from shared.walkins.person import open_person
from shared.work.aside import Aside, sift
from shared.work.doorbell import ring_after_commit

# The person is sealed in the sign-up from here on, until its purge date.
_CHECKING = Rows({"dealer_id": "uuid", "walk_in_id": "uuid", "signup_id": "uuid"})
_CHECK = text(
    f"""
    UPDATE walk_ins w SET state = 'checking', signup_id = t.signup_id, sealed = NULL FROM {_CHECKING.source}
    WHERE w.dealer_id = t.dealer_id AND w.walk_in_id = t.walk_in_id
    """  # noqa: S608 (names of this module)
)


def take(session: Session, entered: Sequence[Row[Any]], keys: Keyring, *, now: datetime) -> Aside:
    """Make sign-ups of walk-ins that nobody has read yet; one that cannot be opened is put aside."""
    campaign = standing.campaign_id(session, now=now)
    pairs = ((row.dealer_id, row.consent_text) for row in entered)
    texts = standing.store_texts(session, pairs, campaign=campaign, now=now)
    vault = Vault(keys.cards, CURRENT_KEY_ID)

    def as_entry(row: Row[Any]) -> Entry:
        return Entry(
            submission=_submission(row, vault),
            campaign_id=campaign,
            source="store",
            receiver=row.dealer_id,
            key=str(row.walk_in_id),
            share_text_id=texts[row.dealer_id, row.consent_text].text_id,
            consent_how=row.consent_how,
        )

    read, unreadable = sift(((row.walk_in_id, row) for row in entered), as_entry)
    good = [row for row in entered if row.walk_in_id in read]
    ids = insert_entries(session, [read[row.walk_in_id] for row in good], sealer=Sealer(keys), now=now)
    moved = ((row.dealer_id, row.walk_in_id, signup_id) for row, signup_id in zip(good, ids, strict=True))
    session.execute(_CHECK, _CHECKING.parameters(moved))
    ring_after_commit(session, "hq.qualify")
    return unreadable


def _submission(row: Row[Any], vault: Vault) -> Submission:
    place: dict[str, UUID] = {"dealer_id": row.dealer_id, "walk_in_id": row.walk_in_id}
    person = open_person(vault, row.sealed or b"", **place)
    return Submission(
        occurred_at=row.entered_at,
        touchpoint=row.touchpoint,
        store_code=row.code,
        name=person.name or None,
        phone=person.phone,
        note=person.note or None,
        region=row.region,
        interest=row.interest,
        actions={"visited_store": True} if row.touchpoint == "walk_in" else {},
    )
