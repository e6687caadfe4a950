"""Headquarters' page of the leads that wait, and what may be arranged for them."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.desk import arranging, page, queries
from hq.desk.arranging import How, NothingToArrange, Wish
from hq.desk.outlook import NOWHERE
from hq.desk.queries import Which
from hq.leads import freshness
from hq.leads.queries import queues
from hq.leads.telling import passed_words
from hq.routing.errors import StoreCannot
from hq.routing.queries import rules_in_force
from shared.identity.permissions import Permission
from shared.leads.models import GRADES
from shared.platform.errors import Invalid
from shared.regions import divisions
from shared.web import notes
from shared.web.access import requires
from shared.web.notes import Undo
from shared.web.transaction import again_after_deadlock
from shared.web.words import say, tell
from shared.work.doorbell import ring_after_commit

bp = Blueprint("waiting", __name__, url_prefix="/desk/waiting", template_folder="templates")

tell("nothing_to_arrange", _l("None of them can be given out this way. Nothing was changed."))
tell("why.waiting", _l("Waits for a store"))
_MOST_KM, _MOST_PERCENT = 5_000.0, 300


@bp.get("")
@requires(Permission.LEADS_ASSIGN)
def index() -> ResponseReturnValue:
    """The counties with waiting leads; the opened one with its leads and what may be arranged."""
    return _page()


def _page(status: int = 200, error: str = "") -> ResponseReturnValue:
    which, wish = _which(request.values), _wish(request.values)
    sort = request.values.get("sort", "waiting")
    outlook = queries.newest_outlook(g.session, now=g.now)
    found = page.counties(g.session, outlook, which, sort if sort in page.SORTS else "waiting")
    chosen = bool(which.county or which.ids)
    options, unknown = None, ""
    if chosen:
        try:
            options = arranging.options(g.session, which, wish, now=g.now)
        except StoreCannot as refusal:
            unknown = _refused(refusal)
            options = arranging.options(g.session, which, _wish({**request.values, "store": ""}), now=g.now)
    most = page.ALL if request.values.get("all") else page.FIRST
    opened = options.leads if options and not which.ids else ()
    if options and which.ids and which.county:
        opened = queries.leads_of(g.session, Which(county=which.county, province=which.province), most=most)
    line = next((each for each in found.lines if each.code == which.county), None)
    waiting = queues(g.session)
    answer = render_template(
        "desk/waiting.html",
        found=found,
        which=which,
        wish=wish,
        sort=sort,
        error=error or unknown,
        options=options,
        line=line,
        people=page.people(g.session, opened, outlook, most=most) if opened else (),
        every=bool(request.values.get("all")),
        picked={str(each) for each in which.ids},
        how=request.values.get("how", How.WAIT.value),
        kept=_kept(which, wish, sort),
        provinces=[(one.code, one.name) for one in divisions.provinces()],
        campaigns=queries.campaigns(g.session),
        grades=GRADES,
        nowhere=NOWHERE,
        name=page.name_of(which.county) if which.county else "",
        desk=waiting["desk"],
        pooled=waiting["pooled"],
    )
    return answer, status


@bp.post("/arrange")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def arrange() -> ResponseReturnValue:
    """Do what was chosen for the leads of a county, or for those that were ticked."""
    which, wish = _which(request.form), _wish(request.form)
    if not (which.county or which.ids):
        raise Invalid(field="county")
    try:
        how = How(request.form.get("how", ""))
    except ValueError:
        raise Invalid(field="how") from None
    back = url_for(".index", **_kept(which, wish, request.form.get("sort", ""), ids=False))
    if how is How.WAIT:
        notes.done(_("They keep their place and go out with tomorrow's room. Nothing was changed."))
        return redirect(back, 303)
    keys = current_app.extensions["koi_keys"]
    try:
        with g.session.begin_nested():
            done = arranging.arrange(g.session, which, how, wish, keys=keys, actor=g.actor, now=g.now)
    except (StoreCannot, NothingToArrange) as refusal:
        return _page(409, _refused(refusal))
    undo = Undo(url_for(".undo"), {"at": g.now.isoformat(), "how": how.value, "county": which.county})
    stores = ngettext("%(num)s store", "%(num)s stores", done.stores)
    told = ngettext(
        "Given out %(num)s lead to %(stores)s.", "Given out %(num)s leads to %(stores)s.", done.leads, stores=stores
    )
    if how is How.POOL:
        told = ngettext("Put %(num)s lead into the open pool.", "Put %(num)s leads into the open pool.", done.leads)
    notes.done(told, undo=undo)
    _tell_rest(done)
    return redirect(back, 303)


def _tell_rest(done: arranging.Arranged) -> None:
    foretold = request.form.get(f"foretold_{request.form.get('how')}", "")
    if foretold.isdecimal() and int(foretold) != done.leads:
        flash(_("Foretold: %(count)s; meanwhile something has changed.", count=foretold), "warn")
    for code, count in done.refusals.items():
        flash(
            ngettext(
                "%(count)s stays as it is: %(why)s.",
                "%(count)s stay as they are: %(why)s.",
                count,
                count=count,
                why=passed_words(code, {}),
            ),
            "warn",
        )


@bp.post("/undo")
@requires(Permission.LEADS_ASSIGN)
@again_after_deadlock
def undo() -> ResponseReturnValue:
    """Take back what was just arranged, as far as no store has claimed."""
    at = freshness.read(request.form.get("at"))
    if at is None:
        raise Invalid(field="at")
    keys = current_app.extensions["koi_keys"]
    how = How.POOL if request.form.get("how") == How.POOL.value else How.NOW
    undone = arranging.undo(g.session, how=how, at=at, keys=keys, actor=g.actor, now=g.now)
    ring_after_commit(g.session, "hq.route")
    if undone.done:
        notes.done(ngettext("%(num)s lead is as before.", "%(num)s leads are as before.", undone.done))
    if left := sum(undone.refused.values()):
        flash(
            ngettext(
                "%(count)s stays as it is: a store has gone on with it, or somebody else has acted.",
                "%(count)s stay as they are: a store has gone on with them, or somebody else has acted.",
                left,
                count=left,
            ),
            "warn",
        )
    return redirect(url_for(".index", county=request.form.get("county") or None), 303)


def _refused(refusal: StoreCannot | NothingToArrange) -> str:
    if isinstance(refusal, StoreCannot):
        why = passed_words(str(refusal.params["why_not"]))
        return str(
            _("%(store)s cannot take them: %(why)s. Nothing was changed.", store=refusal.params["store"], why=why)
        )
    return say(refusal.code, refusal.params)


def _which(given: Any) -> Which:
    ids = given.getlist("lead") if hasattr(given, "getlist") else []
    return Which(
        county=_code(given.get("county", "")),
        province=_code(given.get("province", "")),
        campaign=given.get("campaign", "")[:60],
        grade=given.get("grade", "") if given.get("grade") in GRADES else "",
        ids=tuple(dict.fromkeys(map(_uuid, ids[: arranging.MOST]))),
    )


def _wish(given: Any) -> Wish:
    rules, _version = rules_in_force(g.session)
    usual = 2 * rules.max_km if rules.max_km else 300.0
    km, percent = _number(given.get("km"), usual), _number(given.get("percent"), 20)
    return Wish(
        km=min(max(km, 1.0), _MOST_KM),
        percent=int(min(max(percent, 1), _MOST_PERCENT)),
        store=str(given.get("store") or "").strip()[:40],
    )


def _kept(which: Which, wish: Wish, sort: str, *, ids: bool = True) -> dict[str, Any]:
    """What the page's address says, without what is as usual."""
    said: dict[str, Any] = {
        "province": which.province,
        "campaign": which.campaign,
        "grade": which.grade,
        "sort": sort if sort in page.SORTS[1:] else "",
        "county": which.county,
        "km": request.values.get("km") and f"{wish.km:g}",
        "percent": request.values.get("percent") and wish.percent,
        "store": wish.store,
        "lead": [str(each) for each in which.ids] if ids else [],
    }
    return {name: value for name, value in said.items() if value}


def _code(value: str) -> str:
    return value if value == NOWHERE or (value.isascii() and value.isdigit() and len(value) == 6) else ""


def _number(value: Any, usual: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return usual
    return number if math.isfinite(number) else usual


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid(field="lead") from None
