"""Filters by which the overview's numbers show the leads that they count; see `shared.leads.metrics`."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select, text, true

from shared.dealers.models import Store
from shared.leads import metrics
from shared.regions import divisions
from shared.signups.submission import TOUCHPOINTS
from shared.web.tables import Choice
from shared.web.tables.filters import Args, Asked, Options, Values
from shared.web.words import later, say, tell

_NONE = "none"

for _step, _words in {
    "offered": _l("offered"),
    "claimed": _l("claimed"),
    "in_time": _l("claimed in time"),
    "contacted": _l("contacted"),
    "visited": _l("visited"),
    "won": _l("won"),
    "late": _l("a store let the deadline pass"),
    "silent": _l("never answers"),
}.items():
    tell(f"step.{_step}", _words)


class Step(Choice):
    """How far a lead came: `step=late`, or at one store: `step=late&step=<its id>`."""

    def __init__(self) -> None:
        """Declare it."""
        options: Options = [(step, later(f"step.{step}")) for step in metrics.STEPS]
        super().__init__("step", _l("Came as far as"), options, where=lambda value: _fits(value, None))

    def read(self, args: Args) -> Values:
        """The step, and the store."""
        step, *rest = [*args.getlist(self.key), ""][:2]
        if step not in metrics.STEPS:
            return ()
        return (step, rest[0]) if rest and _store(rest[0]) else (step,)

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        return _fits(values[0], _store(values[1]) if len(values) > 1 else None)

    def words(self, values: Values, asked: Asked) -> str:
        """The step, and the store's name."""
        at = asked.session.scalar(select(Store.name).where(Store.store_id == _store(values[1]))) if values[1:] else None
        return f"{say(f'step.{values[0]}')} · {at}" if at else say(f"step.{values[0]}")


def _fits(step: str, store_id: UUID | None) -> ColumnElement[bool]:
    return and_(true(), text(metrics.STEPS[step]).bindparams(at_store=store_id))


def _store(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _first_seen(touchpoint: str) -> ColumnElement[bool]:
    wanted = "" if touchpoint == _NONE else touchpoint
    return and_(true(), text(f"coalesce({metrics.FIRST_TOUCHPOINT}, '') = :seen_at").bindparams(seen_at=wanted))


def _lives_in(code: str) -> ColumnElement[bool]:
    wanted = "" if code == _NONE else code
    return and_(true(), text(f"coalesce({metrics.PROVINCE}, '') = :province").bindparams(province=wanted))


TOUCHPOINT = Choice(
    "touchpoint",
    _l("First seen at"),
    [*((name, later(f"touchpoint.{name}")) for name in TOUCHPOINTS), (_NONE, _l("not told"))],
    where=_first_seen,
)
PROVINCE = Choice(
    "province",
    _l("Province"),
    lambda _session: [*((each.code[:2], each.name) for each in divisions.provinces()), (_NONE, _l("unknown"))],
    where=_lives_in,
)
