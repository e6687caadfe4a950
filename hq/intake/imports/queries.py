"""What can be asked about imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.intake.imports.files import ImportFiles
from hq.intake.imports.models import Import, ImportReject
from hq.intake.imports.tally import COUNTED, counts_in
from shared.campaigns.models import Campaign
from shared.identity.models import HqUser
from shared.platform.errors import Missing

_LATEST = 100
_HIDDEN_NOTES = frozenset({*COUNTED, "headings"})

Counts = Sequence[tuple[str, int]]  # code and how often, the most frequent first


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """An import as readers see it.

    Attributes:
        state: as in `models.IMPORT_STATES`, or aside when the worker could not read it.
        rows: of the file; None where it was refused.
        notes: what was repaired or left out in the file as a whole, `{"code", "params"}`.
        refusal: why the file was not read at all.
        headings: the names of its columns.
    """

    import_id: UUID
    kind: str
    state: str
    file_name: str
    size: int
    campaign: str | None
    campaign_id: UUID | None
    by: str | None
    rows: int | None
    accepted: int
    repaired: int
    rejected: int
    skipped: int
    continues: UUID | None
    version: int
    undo: Mapping[str, Any] | None
    notes: Sequence[Mapping[str, Any]]
    reasons: Counts
    repairs: Counts
    remarks: Counts
    refusal: Mapping[str, Any] | None
    headings: Sequence[str]
    uploaded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    purge_at: datetime
    purged: bool

    @property
    def read(self) -> int:
        """Rows that were read so far."""
        return self.accepted + self.rejected + self.skipped

    @property
    def share(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self.read / self.rows if self.rows else 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in ("looking", "waiting", "running", "undoing")

    @property
    def left(self) -> int:
        """Rows of the file that were not read."""
        return max((self.rows or 0) - self.read, 0)


def one(session: Session, import_id: UUID) -> ImportFacts:
    """An import.

    Raises:
        Missing: no such import.
    """
    found = session.execute(_WITH_CAMPAIGN.where(Import.import_id == import_id)).one_or_none()
    if found is None:
        raise Missing
    return _facts(*found)


def latest(session: Session) -> list[ImportFacts]:
    """The last hundred imports, the newest first."""
    ordered = _WITH_CAMPAIGN.order_by(Import.uploaded_at.desc(), Import.import_id.desc()).limit(_LATEST)
    return [_facts(*found) for found in session.execute(ordered)]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected row in clear."""

    row: int
    code: str
    params: Mapping[str, Any]
    cells: list[str]


def rejected_rows(session: Session, import_id: UUID, files: ImportFiles) -> Iterator[Rejected]:
    """Rejected rows in the order of the file, opened one after the other."""
    wanted = select(ImportReject.row, ImportReject.reason, ImportReject.sealed)
    ordered = wanted.where(ImportReject.import_id == import_id).order_by(ImportReject.row)
    for row, reason, sealed in session.execute(ordered.execution_options(yield_per=1000)):
        yield Rejected(row, reason["code"], reason["params"], files.open_row(import_id, row, sealed))


_WITH_CAMPAIGN = (
    select(Import, Campaign.name, HqUser.name)
    .outerjoin(Campaign, Campaign.campaign_id == Import.campaign_id)
    .outerjoin(HqUser, HqUser.user_id == Import.uploaded_by)
)


def _facts(row: Import, campaign: str | None, by: str | None) -> ImportFacts:
    counts = {name: tuple(counter.most_common()) for name, counter in counts_in(row.notes).items()}
    params = {note["code"]: note["params"] for note in row.notes}
    return ImportFacts(
        import_id=row.import_id,
        kind=row.kind,
        state="aside" if row.aside_at is not None else row.state,
        file_name=row.file_name,
        size=row.size,
        campaign=campaign,
        campaign_id=row.campaign_id,
        by=by,
        rows=row.rows,
        accepted=row.accepted,
        repaired=row.repaired,
        rejected=row.rejected,
        skipped=row.skipped,
        continues=row.continues,
        version=row.version,
        undo=row.undo,
        notes=[note for note in row.notes if note["code"] not in _HIDDEN_NOTES],
        reasons=counts["reasons"],
        repairs=counts["repairs"],
        remarks=counts["remarks"],
        refusal=row.refusal,
        headings=params.get("headings", {}).get("texts", []),
        uploaded_at=row.uploaded_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        purge_at=row.purge_at,
        purged=row.file_key is None and row.state in ("done", "cancelled", "undoing", "undone"),
    )
