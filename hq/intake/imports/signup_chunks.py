"""A chunk of a sign-up list becomes sign-ups, exactly as the API makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from hq.intake.imports import rejects
from hq.intake.imports.campaign_choice import Campaigns, ConsentTexts, NoCampaign
from hq.intake.imports.columns import Columns
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.grid import Row
from hq.intake.imports.signup_rows import RejectedRow, SignupRow, read_row, reject
from hq.intake.imports.tally import Tally
from shared.campaigns import queries as campaigns
from shared.contacts.hiding import without_phones
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.signups.submission import ImportedRow, Submission
from shared.work.doorbell import ring_after_commit

NEXT_DRAIN = "hq.qualify"


def store_signups(
    session: Session,
    rows: Sequence[Row],
    columns: Columns,
    *,
    import_id: UUID,
    default_campaign: UUID | None,
    sealer: Sealer,
    files: ImportFiles,
    now: datetime,
) -> Tally:
    """Write one chunk: sign-ups, rejected rows; two statements to read, three to write."""
    everything = campaigns.all_campaigns(session)
    known = Campaigns(everything, default_campaign)
    texts = ConsentTexts(campaigns.texts_of(session, (campaign.campaign_id for campaign in everything)))
    accepted: list[ImportedRow] = []
    rejected: list[RejectedRow] = []
    tally = Tally()
    for row in rows:
        found = _decide(row, columns, known, texts, now)
        if isinstance(found, RejectedRow):
            rejected.append(found)
            tally.reject(found.reason)
        else:
            said, imported = found
            accepted.append(imported)
            tally.accept(said.repairs, said.remarks)
    insert_many(session, accepted, import_id=import_id, sealer=sealer, now=now)
    rejects.keep(session, import_id, rejected, files)
    if accepted:
        ring_after_commit(session, NEXT_DRAIN)
    return tally


def _decide(
    row: Row, columns: Columns, known: Campaigns, texts: ConsentTexts, now: datetime
) -> tuple[SignupRow, ImportedRow] | RejectedRow:
    said = read_row(row, columns, now=now)
    if isinstance(said, RejectedRow):
        return said
    at = said.occurred_at or now
    campaign = known.choose(said.campaign, at)
    if isinstance(campaign, NoCampaign):
        return reject(row, campaign.reason, **({"campaign": campaign.name} if campaign.name else {}))
    agreed = {
        kind: texts.agreed(campaign.campaign_id, kind, at) if yes else None
        for kind, yes in (("marketing", said.marketing), ("share", said.share))
    }
    if said.share and agreed["share"] is None:
        said = replace(said, remarks=(*said.remarks, "share_without_text"))
    imported = ImportedRow(
        submission=submission_of(said),
        campaign_id=campaign.campaign_id,
        row=said.row,
        external_id=without_phones(said.external_id) or None,
        marketing_text_id=agreed["marketing"],
        share_text_id=agreed["share"],
    )
    return said, imported


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
