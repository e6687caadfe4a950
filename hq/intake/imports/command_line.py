"""An import from the command line: taken in as headquarters, then read to its end by this very process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from hq.intake.imports import queries
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.jobs import waiting_imports
from hq.intake.imports.models import Import
from hq.intake.imports.queries import ImportFacts
from hq.intake.imports.upload import DRAIN, Upload, take_in
from shared.campaigns import queries as campaigns
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.errors import Missing
from shared.platform.settings import Settings
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import Pace, run

_PAUSE_S = 0.3

Progress = Callable[[ImportFacts], None]


class CampaignUnknown(Missing):
    """There is no campaign with this code; `campaign` is what was asked for."""

    code = "campaign_unknown"


def import_file(
    settings: Settings, *, kind: str, path: Path, campaign: str | None, again: bool, progress: Progress
) -> ImportFacts:
    """Import a file and wait for its end; another worker may read some of it meanwhile.

    Args:
        campaign: code of the campaign for rows that name none.
        again: also when the same file was imported before.
        progress: told after every chunk.

    Raises:
        CampaignUnknown, AlreadyImported, OSError: nothing was stored.
    """
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        import_id = _take(engine, settings, kind, path, campaign, again=again)
        return _read(engine, settings, import_id, progress)
    finally:
        engine.dispose()


def _take(engine: Engine, settings: Settings, kind: str, path: Path, campaign: str | None, *, again: bool) -> UUID:
    content = path.read_bytes()
    with unit_of_work(engine) as session:
        chosen = campaigns.by_code(session, campaign) if campaign else None
        if campaign and chosen is None:
            raise CampaignUnknown(campaign=campaign)
        upload = Upload(
            kind=kind,
            file_name=path.name,
            content=content,
            campaign_id=chosen.campaign_id if chosen else None,
            again=again,
        )
        files = ImportFiles.below(settings.var, settings.hq().keys)
        return take_in(session, upload=upload, files=files, actor=system("cli"), now=now_of(session)).import_id


def _read(engine: Engine, settings: Settings, import_id: UUID, progress: Progress) -> ImportFacts:
    def look() -> ImportFacts:
        with unit_of_work(engine) as session:
            return queries.one(session, import_id)

    def told() -> bool:
        facts = look()
        progress(facts)
        return facts.finished

    own = replace(find(DRAIN), due=lambda now: waiting_imports(now).where(Import.import_id == import_id))
    with at_work(settings.worker()) as place:
        while not (facts := look()).finished:
            if not run(place, own, Pace(stop=told)).rows:
                time.sleep(_PAUSE_S)  # a worker has it in its hands
    return facts
