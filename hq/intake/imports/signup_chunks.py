"""A chunk of a sign-up list becomes sign-ups, exactly as the API makes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from hq.intake.imports import rejects
from hq.intake.imports.cells import RowCells
from hq.intake.imports.deciding import Deciding, Usable, taken_before, without
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.reading import Reading
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.tally import Tally
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.work.doorbell import ring_after_commit

NEXT_DRAIN = "hq.qualify"


def store_signups(
    session: Session,
    rows: Sequence[RowCells],
    *,
    import_id: UUID,
    continues: UUID | None,
    campaign_id: UUID | None,
    reading: Reading,
    sealer: Sealer,
    blind_key: bytes,
    files: ImportFiles,
    now: datetime,
) -> Tally:
    """Write one chunk: sign-ups, rejected rows; two statements to read (three for a continuation), three to write.

    Args:
        continues: the import whose rows are not taken twice.
        campaign_id: of rows that name none.
    """
    deciding = Deciding(session, campaign_id=campaign_id, reading=reading, now=now)
    usable: list[Usable] = []
    rejected: list[RejectedRow] = []
    tally = Tally()
    for cells in rows:
        found = deciding.decide(cells)
        if isinstance(found, RejectedRow):
            rejected.append(found)
            tally.reject(found.reason)
        else:
            usable.append(found)
    imported = [row.imported for row in usable]
    taken = taken_before(session, imported, own=import_id, family=continues, blind_key=blind_key)
    tally.skipped = len(taken)
    accepted = without(usable, taken)
    for row in accepted:
        tally.accept(row.said.repairs, row.said.remarks)
    insert_many(session, [row.imported for row in accepted], import_id=import_id, sealer=sealer, now=now)
    rejects.keep(session, import_id, rejected, files)
    if accepted:
        ring_after_commit(session, NEXT_DRAIN)
    return tally
