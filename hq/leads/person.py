"""What headquarters' page about a lead says of the person besides the number: the consent, and who has seen the number.

Headquarters lends the number to stores and does not read it itself: only the store that holds a lead can show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.leads.story import Happening
from shared.campaigns.models import ConsentText, Scope
from shared.contacts.models import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A consent that stands; `dealers`: how many its words name."""

    given_at: datetime
    version: int
    dealers: int


def consents(session: Session, contact_id: UUID) -> Sequence[Agreed]:
    """The consents that stand, the latest first; one statement."""
    named = select(func.count()).where(Scope.scope_id == Consent.scope_id).correlate(Consent).scalar_subquery()
    rows = session.execute(
        select(Consent.given_at, ConsentText.version, named.label("dealers"))
        .join(ConsentText, ConsentText.text_id == Consent.text_id)
        .where(Consent.contact_id == contact_id)
        .order_by(Consent.given_at.desc())
    )
    return [Agreed(given_at=row.given_at, version=row.version, dealers=row.dealers) for row in rows]


def looks(happenings: Iterable[Happening]) -> list[Happening]:
    """Who has seen the number, the latest first."""
    return [each for each in happenings if each.kind == "store_reveal"][::-1]
