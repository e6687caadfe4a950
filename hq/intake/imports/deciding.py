"""What becomes of the rows of a sign-up list: which campaign, which consent, and whether a row was taken before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.campaign_choice import Campaigns, ConsentTexts, NoCampaign
from hq.intake.imports.cells import RowCells
from hq.intake.imports.reading import NOBODY, Reading
from hq.intake.imports.signup_rows import RejectedRow, SignupRow, read_cells, reject
from shared.campaigns import queries as campaigns
from shared.contacts.crypto import BlindIndex
from shared.contacts.hiding import without_phones
from shared.signups.submission import ImportedRow, Submission

_TAKEN = text(
    """
    SELECT s.phone_bidx, s.campaign_id, s.external_id, s.occurred_at
    FROM signups s JOIN imports i USING (import_id)
    WHERE s.phone_bidx = ANY(CAST(:phones AS bytea[])) AND (i.import_id = :family OR i.continues = :family)
      AND s.import_id <> :own AND s.outcome IS DISTINCT FROM 'undone'
    """
)


@dataclass(frozen=True, slots=True)
class Usable:
    """A row that becomes a sign-up."""

    said: SignupRow
    imported: ImportedRow


class Deciding:
    """Decides row by row, with what the database says about campaigns and texts now (two statements)."""

    def __init__(self, session: Session, *, campaign_id: UUID | None, reading: Reading, now: datetime) -> None:
        everything = campaigns.all_campaigns(session)
        self._known = Campaigns(everything, campaign_id)
        texts = campaigns.texts_of(session, (campaign.campaign_id for campaign in everything))
        self._texts = ConsentTexts(texts, chosen=reading.text_id)
        self._nobody = reading.claim == NOBODY
        self._now = now

    def decide(self, cells: RowCells) -> Usable | RejectedRow:
        """The sign-up that a row becomes, or the reason why it becomes none."""
        said = read_cells(cells, now=self._now)
        if isinstance(said, RejectedRow):
            return said
        at = said.occurred_at or self._now
        campaign = self._known.choose(said.campaign, at)
        if isinstance(campaign, NoCampaign):
            return reject(cells.row, campaign.reason, **({"campaign": campaign.name} if campaign.name else {}))
        agreed = {
            kind: self._texts.agreed(campaign.campaign_id, kind, at) if yes and not self._nobody else None
            for kind, yes in (("marketing", said.marketing), ("share", said.share))
        }
        if said.share and agreed["share"] is None:
            code = "share_not_claimed" if self._nobody else "share_without_text"
            said = replace(said, remarks=(*said.remarks, code))
        imported = ImportedRow(
            submission=submission_of(said),
            campaign_id=campaign.campaign_id,
            row=said.row,
            external_id=without_phones(said.external_id) or None,
            marketing_text_id=agreed["marketing"],
            share_text_id=agreed["share"],
        )
        return Usable(said, imported)


def taken_before(
    session: Session, rows: Sequence[ImportedRow], *, own: UUID, family: UUID | None, blind_key: bytes
) -> frozenset[int]:
    """Rows of a corrected list that the import which it continues has taken already (one statement).

    The same number, campaign and id in the file, and the same time where the row names one.
    """
    if family is None or not rows:
        return frozenset()
    index = BlindIndex(blind_key)
    phones = {row.row: index.phone(row.submission.phone or "") for row in rows}
    found = session.execute(_TAKEN, {"phones": sorted(set(phones.values())), "family": family, "own": own})
    taken = {(bytes(phone), *rest) for phone, *rest in found}
    timeless = {key[:-1] for key in taken}

    def is_taken(row: ImportedRow) -> bool:
        key = (phones[row.row], row.campaign_id, row.external_id)
        at = row.submission.occurred_at
        return key in timeless if at is None else (*key, at) in taken

    return frozenset(row.row for row in rows if is_taken(row))


def without(rows: Iterable[Usable], taken: frozenset[int]) -> list[Usable]:
    """The rows that were not taken before."""
    return [row for row in rows if row.imported.row not in taken]


def submission_of(said: SignupRow) -> Submission:
    """The row in the shape that the API and the page make too."""
    return Submission(
        occurred_at=said.occurred_at,
        touchpoint=said.touchpoint,
        store_code=said.store_code or None,
        name=said.name or None,
        phone=said.phone,
        openid=said.openid or None,
        unionid=said.unionid or None,
        device_id=said.device_id or None,
        invited_by=said.invited_by or None,
        ip=said.ip,
        user_agent=said.user_agent or None,
        note=said.note or None,
        region=said.region,
        interest=said.interest,
        actions=said.actions,
    )
