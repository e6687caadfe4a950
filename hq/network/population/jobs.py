"""The drain `hq.purge_population`: uploads that nobody took over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hq.intake.imports.files import ImportFiles
from hq.network.population import service
from hq.network.population.models import PopulationDraft
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain
from shared.work.place import settings_of


def past_purge(now: datetime) -> Select[Any]:
    """Uploads that were kept long enough."""
    columns: list[Any] = [PopulationDraft.draft_id, PopulationDraft.file_key]
    old = PopulationDraft.purge_at <= now
    return select(*columns).where(old).order_by(PopulationDraft.purge_at, PopulationDraft.draft_id)


@drain("hq.purge_population", due=past_purge, key=PopulationDraft.draft_id, since=PopulationDraft.purge_at, batch=20)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Remove uploads past their date."""
    settings = settings_of(session)
    files = ImportFiles.below(settings.var, settings.keys)
    for job in batch:
        service.purge(session, job.draft_id, job.file_key, files)
    return NOTHING
