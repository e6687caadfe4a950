"""What can be asked about imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hq.intake.imports import masking
from hq.intake.imports.columns import VOCABULARIES
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.models import Import, ImportReject
from hq.intake.imports.reading import Reading
from hq.intake.imports.tally import COUNTED, counts_in
from shared.audit.models import AuditEntry
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
        headings: the names of its columns; fields: which of them (from 0) was read as what.
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
    fields: Mapping[int, str]
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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected row in clear."""

    row: int
    code: str
    params: Mapping[str, Any]
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Relative:
    """An import that continues another one, or is continued by it."""

    import_id: UUID
    file_name: str
    state: str
    uploaded_at: datetime
    accepted: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did with an import."""

    at: datetime
    actor: str
    action: str
    details: Mapping[str, Any]


def family(session: Session, facts: ImportFacts) -> list[Relative]:
    """The import that this one continues, and the others that do, the first one first."""
    first = facts.continues or facts.import_id
    columns: list[Any] = [getattr(Import, part.name) for part in fields(Relative)]
    rows = session.execute(
        select(*columns)
        .where(or_(Import.import_id == first, Import.continues == first), Import.import_id != facts.import_id)
        .where(Import.state.not_in(("dropped", "refused")))
        .order_by(Import.uploaded_at, Import.import_id)
    )
    return [Relative(*row) for row in rows]


def history(session: Session, import_id: UUID) -> list[Act]:
    """What people did with an import, the latest first."""
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == f"import:{import_id}")
        .order_by(AuditEntry.at.desc(), AuditEntry.entry_id.desc())
        .limit(_LATEST)
    )
    return [Act(row.at, row.actor, row.action, row.details) for row in rows]


@dataclass(frozen=True, slots=True)
class Blamed:
    """A rejected row with the cell that is to blame, masked."""

    row: int
    code: str
    params: Mapping[str, Any]
    was: str


def first_rejected(session: Session, facts: ImportFacts, files: ImportFiles, *, count: int = 5) -> list[Blamed]:
    """The first rejected rows of an import."""
    places = {meaning: i for i, meaning in facts.fields.items()}
    found: list[Blamed] = []
    for row in islice(rejected_rows(session, facts.import_id, files), count):
        meaning = masking.about(row.code)
        i = places.get(meaning, len(row.cells))
        was = masking.shown(facts.kind, meaning, row.cells[i]) if i < len(row.cells) else ""
        found.append(Blamed(row.row, row.code, row.params, was))
    return found


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
    headings = params.get("headings", {}).get("texts", [])
    given = Reading.from_json(row.reading).fields
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
        headings=headings,
        fields=VOCABULARIES[row.kind].guess(headings) if given is None else given,
        uploaded_at=row.uploaded_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        purge_at=row.purge_at,
        purged=row.file_key is None and row.state in ("done", "cancelled", "undoing", "undone"),
    )
