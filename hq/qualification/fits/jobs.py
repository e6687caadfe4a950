"""The drains `hq.look_at_past` (which columns has a file), `hq.learn_card` (learn) and `hq.purge_past`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from hq.intake.imports.grid import Refused
from hq.qualification.fits import service
from hq.qualification.fits.files import FitFiles
from hq.qualification.fits.models import ScorecardFit
from hq.qualification.fits.progress import Stopped, teller
from hq.qualification.fits.wishes import Wished
from shared.platform.clock import BEIJING
from shared.platform.errors import DomainError
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain
from shared.work.place import beside_of, settings_of

if TYPE_CHECKING:
    from hq.qualification.scoring.fitting.past import Asked
    from hq.qualification.scoring.report import Report
    from hq.qualification.scoring.steps import Tell

Found = TypeVar("Found")
_PURGED_AT_ONCE = 20
# Learning takes seconds to a minute without a statement; the transaction is the lease on the row all the while.
_PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = '30min'")


def _jobs(state: str) -> Select[Any]:
    columns: list[Any] = [
        ScorecardFit.fit_id,
        ScorecardFit.source,
        ScorecardFit.file_name,
        ScorecardFit.file_key,
        ScorecardFit.wishes,
    ]
    waiting = (ScorecardFit.state == state, ScorecardFit.aside_at.is_(None))
    return select(*columns).where(*waiting).order_by(ScorecardFit.asked_at, ScorecardFit.fit_id)


def unseen(_now: datetime) -> Select[Any]:
    """Files whose columns nobody knows yet."""
    return _jobs("looking")


def unlearnt(_now: datetime) -> Select[Any]:
    """What somebody wants a card learnt from, the oldest first."""
    return _jobs("waiting")


@drain(service.LOOK, due=unseen, key=ScorecardFit.fit_id, since=ScorecardFit.asked_at, batch=1)
def look(session: Session, batch: Batch, now: datetime) -> Aside:
    """Find the columns of a file."""
    # numpy is loaded where something is learnt, not with every web server that lists this work
    from hq.qualification.scoring.fitting.looking import look_at

    for job in batch:
        session.execute(_PATIENCE)
        with _file_of(session, job) as path:
            found = _or_refused(session, job, partial(look_at, path), now)
        if found is not None:
            service.looked(session, job.fit_id, [asdict(each) for each in found], now=now)
    return NOTHING


@drain(service.LEARN, due=unlearnt, key=ScorecardFit.fit_id, since=ScorecardFit.asked_at, batch=1, single_flight=True)
def learn(session: Session, batch: Batch, now: datetime) -> Aside:
    """Learn a card and keep its report; one at a time, since each takes all of a processor."""
    for job in batch:
        session.execute(_PATIENCE)
        tell = teller(beside_of(session), job.fit_id, now=now)
        try:
            report = _or_refused(session, job, partial(_report, session, job, now, tell), now)
        except Stopped:
            service.stopped(session, job.fit_id, now=now)
            continue
        if report is not None:
            service.learnt(session, job.fit_id, report.as_json(), now=now)
    return NOTHING


def _report(session: Session, job: Any, now: datetime, tell: Tell) -> Report:
    wished = Wished.from_json(job.wishes)
    if job.source == "own":
        return _of_own(session, wished, now, tell)
    with _file_of(session, job) as path:
        return _of_file(session, path, wished, tell)


def past_purge(now: datetime) -> Select[Any]:
    """Files that were kept long enough, also those of what was put aside."""
    columns: list[Any] = [ScorecardFit.fit_id, ScorecardFit.file_key]
    old = (ScorecardFit.file_key.is_not(None), ScorecardFit.purge_at <= now)
    return select(*columns).where(*old).order_by(ScorecardFit.purge_at, ScorecardFit.fit_id)


@drain("hq.purge_past", due=past_purge, key=ScorecardFit.fit_id, since=ScorecardFit.purge_at, batch=_PURGED_AT_ONCE)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Remove files past their date."""
    for job in batch:
        service.purge(session, job.fit_id, job.file_key, _files(session))
    return NOTHING


def _of_file(session: Session, path: Path, wished: Wished, tell: Tell) -> Report:
    from hq.qualification.scoring.fitting.account import fit_file

    return fit_file(path, _asked(session, wished), tell)


def _of_own(session: Session, wished: Wished, now: datetime, tell: Tell) -> Report:
    from hq.qualification.past_leads import ended
    from hq.qualification.scoring.fitting.account import report_of
    from hq.qualification.scoring.fitting.own import past_of_own
    from hq.qualification.scoring.steps import READ
    from hq.routing.network import ATLAS

    tell(READ, 0, 1)
    since = _day(wished.since) or datetime(2000, 1, 1, tzinfo=BEIJING)
    told = ended(session, ATLAS.network(session), since=since, until=_day(wished.until) or now)
    asked = _asked(session, wished)
    return report_of(past_of_own(told, asked), asked, tell)


def _asked(session: Session, wished: Wished) -> Asked:
    from hq.qualification.jobs import rulebook
    from hq.qualification.scoring.fitting.learning import Wishes
    from hq.qualification.scoring.fitting.past import Asked
    from hq.qualification.scoring.fitting.validation import Split
    from hq.qualification.scoring.foreign import Meaning

    return Asked(
        wished.outcome,
        exclude=wished.exclude,
        won=wished.won,
        unworked=wished.unworked,
        facts={name: Meaning.from_json(stored) for name, stored in wished.facts.items()},
        only_facts=wished.only_facts,
        split=Split(wished.split),
        wishes=Wishes(monotone=wished.monotone, typed=rulebook(session).card),
    )


def _day(written: str) -> datetime | None:
    return datetime.fromisoformat(written).replace(tzinfo=BEIJING) if written else None


def _or_refused(session: Session, job: Any, find: Callable[[], Found], now: datetime) -> Found | None:
    """What was found; a file or a wish that cannot be used is an answer as well, and is kept as one."""
    try:
        return find()
    except DomainError as refusal:
        code = f"import_refused.{refusal.reason}" if isinstance(refusal, Refused) else refusal.code
        service.refuse(session, job.fit_id, code, refusal.params, now=now)
        return None


@contextmanager
def _file_of(session: Session, job: Any) -> Iterator[Path]:
    """The file in plain, for as long as it is read."""
    with TemporaryDirectory(prefix="koi-fit-") as folder:
        path = Path(folder) / f"past{''.join(PurePath(job.file_name).suffixes[-2:])}"
        path.write_bytes(_files(session).get(job.fit_id, job.file_key))
        yield path


def _files(session: Session) -> FitFiles:
    settings = settings_of(session)
    return FitFiles.below(settings.var, settings.keys)
