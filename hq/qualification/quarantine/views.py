"""The quarantine desk: rings of doubted people, what judging them would change, and judging them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hq.qualification.quarantine import asked, pictured, queries, service, words
from hq.qualification.quarantine.case import Case, case_of
from hq.qualification.quarantine.forecast import forecasts
from hq.qualification.quarantine.models import VERDICTS
from hq.qualification.quarantine.options import options
from hq.qualification.quarantine.rings import Ring, Wanted, choose
from hq.qualification.quarantine.verdict_list import VERDICT_LIST, acts_of
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web import notes, tables
from shared.web.access import requires
from shared.web.notes import Undo
from shared.web.transaction import again_after_deadlock

bp = Blueprint("quarantine", __name__, url_prefix="/quarantine", template_folder="templates")
_PAGE = 25
"""Rings beside the one that is looked at."""

tables.serve(bp, VERDICT_LIST)
for _filter in words.FILTERS:
    bp.add_app_template_filter(_filter, _filter.__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The queue: the rings that are wanted, in order, and which of them is looked at.

    Attributes:
        every: all rings, whatever is wanted.
        shown: the page of the queue.
        at: place of the ring that is looked at, from 0; None when it is not among those wanted.
    """

    wanted: Wanted
    every: Sequence[Ring]
    found: Sequence[Ring]
    at: int | None

    @property
    def first(self) -> int:
        """Where the page of the queue begins."""
        return (self.at or 0) // _PAGE * _PAGE

    @property
    def shown(self) -> Sequence[Ring]:
        """The page of the queue."""
        return self.found[self.first : self.first + _PAGE]

    @property
    def signups(self) -> int:
        """Sign-ups of all that are wanted."""
        return sum(len(ring.doubts) for ring in self.found)

    def near(self, step: int) -> UUID | None:
        """The ring so many places on."""
        if self.at is None:
            return None
        place = self.at + step
        return self.found[place].key if 0 <= place < len(self.found) else None

    def page(self, step: int) -> UUID | None:
        """The first ring of another page of the queue."""
        place = self.first + step * _PAGE
        return self.found[place].key if 0 <= place < len(self.found) else None


@bp.get("")
@requires(Permission.SCREENING_DECIDE)
def index() -> ResponseReturnValue:
    """The first ring of those that are wanted, or an empty desk."""
    desk = _desk(None)
    if not desk.found:
        return _page(desk, None)
    return _page(_at(desk, desk.found[0]), desk.found[0])


@bp.get("/<uuid:key>")
@requires(Permission.SCREENING_DECIDE)
def show(key: UUID) -> ResponseReturnValue:
    """The ring of a sign-up, whichever of its sign-ups it is; what was judged meanwhile is told on its own page."""
    desk = _desk(key)
    ring = _ring_of(desk, key)
    if ring is None:
        queries.known(g.session, key)
        judged = g.session.scalar(acts_of(key).limit(1))
        to = url_for(".verdicts", ring=key) if judged else url_for("signups.show", signup_id=key)
        return redirect(to, 303)
    return _page(desk, ring)


@bp.post("/<uuid:key>/effects")
@requires(Permission.SCREENING_DECIDE)
def effects(key: UUID) -> ResponseReturnValue:
    """What judging the people who are ticked would change; the whole page without scripts."""
    ids = asked.people()
    found = forecasts(g.session, ids, now=g.now) if ids else {}
    if request.headers.get("HX-Request"):
        return render_template("quarantine/effects.html", forecasts=found, verdicts=VERDICTS)
    desk = _desk(key)
    ring = _ring_of(desk, key)
    if ring is None:
        raise Missing(ring=str(key))
    return _page(desk, ring, ticked=ids)


@bp.post("/<uuid:key>/judge")
@requires(Permission.SCREENING_DECIDE)
@again_after_deadlock
def judge(key: UUID) -> ResponseReturnValue:
    """Judge the people who are ticked, and go on with the next ring."""
    desk = _desk(key)
    verdict = request.form.get("verdict", "")
    act = service.judge(
        g.session,
        signup_ids=asked.people(),
        ring_key=key,
        verdict=verdict,
        note=request.form.get("note", ""),
        actor=g.actor,
        now=g.now,
    )
    _tell(verdict, act, key)
    following = desk.near(1) or desk.near(-1)
    to = url_for(".show", key=following, **asked.query()) if following else url_for(".index", **asked.query())
    return redirect(to, 303)


@bp.post("/acts/<uuid:act_id>/undo")
@requires(Permission.SCREENING_DECIDE)
@again_after_deadlock
def undo(act_id: UUID) -> ResponseReturnValue:
    """Take an act back."""
    act = service.undo(g.session, act_id=act_id, actor=g.actor, now=g.now)
    if act.people:
        notes.done(
            ngettext(
                "Taken back: %(num)s person is decided anew.",
                "Taken back: %(num)s people are decided anew.",
                act.people,
            )
        )
    else:
        notes.done(_("It was taken back before. Nothing was changed."))
    back = request.form.get("ring")
    return redirect(url_for(".show", key=back) if back and asked.uuid(back) else url_for(".verdicts"), 303)


@bp.get("/verdicts")
@requires(Permission.SCREENING_DECIDE)
def verdicts() -> ResponseReturnValue:
    """What was judged; what it shows lives in the address."""
    return render_template("quarantine/verdicts.html", table=tables.read(VERDICT_LIST))


def _tell(verdict: str, act: service.Act, key: UUID) -> None:
    if not act.people:
        notes.done(_("That had been judged so before. Nothing was changed."))
        return
    text = (
        ngettext("%(num)s person judged a prize hunter.", "%(num)s people judged prize hunters.", act.people)
        if verdict == "fraud"
        else ngettext("%(num)s person judged genuine.", "%(num)s people judged genuine.", act.people)
    )
    notes.done(text, undo=Undo(url_for(".undo", act_id=act.act_id), {"ring": str(key)}))


def _desk(key: UUID | None) -> Desk:
    every = queries.open_rings(g.session)
    wanted = asked.wanted()
    desk = Desk(wanted=wanted, every=every, found=choose(every, wanted), at=None)
    ring = _ring_of(desk, key) if key else None
    return _at(desk, ring) if ring else desk


def _at(desk: Desk, ring: Ring) -> Desk:
    place = next((number for number, each in enumerate(desk.found) if each.key == ring.key), None)
    return Desk(wanted=desk.wanted, every=desk.every, found=desk.found, at=place)


def _ring_of(desk: Desk, key: UUID) -> Ring | None:
    return next((ring for ring in desk.every if any(each.signup_id == key for each in ring.doubts)), None)


def _page(desk: Desk, ring: Ring | None, *, ticked: Sequence[UUID] | None = None) -> ResponseReturnValue:
    case = case_of(g.session, ring) if ring else None
    return render_template(
        "quarantine/desk.html",
        desk=desk,
        case=case,
        query=asked.query(),
        options=options(g.session, desk.every),
        verdicts=VERDICTS,
        **(_of_case(case, ticked) if case else {}),
    )


def _of_case(case: Case, ticked: Sequence[UUID] | None) -> Mapping[str, Any]:
    chosen = {each.signup_id for each in case.people} if ticked is None else set(ticked)
    return {
        "picture": pictured.picture(case),
        "moments": pictured.moments(case),
        "ticked": chosen,
        "forecasts": forecasts(g.session, chosen, now=g.now) if chosen else {},
    }
