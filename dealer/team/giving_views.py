"""Who of a store gets its new leads: the way, who is on duty, and sharing out many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from dealer.keys import vault
from dealer.team import queries
from dealer.team.blueprint import bp
from dealer.team.giving_forms import ON, DutyForm, WayForm
from shared.identity.permissions import Permission
from shared.leads import giving
from shared.leads import queries as leads
from shared.leads.queries import Held
from shared.leads.sellers import queries as desks
from shared.leads.sellers import service
from shared.leads.sellers.errors import NobodyOnDuty, SharesChanged
from shared.leads.sellers.turns import Member
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid, Missing
from shared.web.access import requires
from shared.web.formats import day as day_words
from shared.web.locale import language
from shared.web.notes import Undo, done
from shared.web.words import say


@bp.route("/store/<uuid:store_id>/giving", methods=["GET", "POST"])
@requires(Permission.TEAM_WRITE)
def way(store_id: UUID) -> ResponseReturnValue:
    """Decide who gets a new lead."""
    place = queries.place(g.session, actor=g.actor, store_id=store_id, day=beijing_day(g.now))
    at = desks.desk(g.session, actor=g.actor, store_id=store_id, now=g.now)
    form = WayForm.of(at.way)
    if request.method == "POST" and form.validate():
        try:
            chosen = form.chosen()
            before = service.set_way(g.session, store_id=store_id, way=chosen, actor=g.actor, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            undo = Undo(url_for(".way", store_id=store_id), {"way": before.value}) if before is not chosen else None
            done(say(f"way_set.{chosen.value}"), undo=undo)
            return _back(store_id)
    page = render_template("store/giving.html", place=place, form=form, at=at)
    return page, 422 if request.method == "POST" else 200


@bp.route("/store/duty/<uuid:user_id>", methods=["GET", "POST"])
@requires(Permission.DASHBOARD_READ)
def duty(user_id: UUID) -> ResponseReturnValue:
    """Say until when somebody is off duty, or that they are back."""
    store_id, who = _seller(user_id)
    form = DutyForm.at(g.now)
    if request.method == "POST" and form.validate():
        try:
            back_on = form.back_on()
            service.set_duty(g.session, user_id=user_id, off=form.off(), back_on=back_on, actor=g.actor, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            until = None if back_on is None else day_words(back_on, g.now, language())
            if not form.off():
                done(_("%(name)s is on duty", name=who.name))
            else:
                undo = Undo(url_for(".duty", user_id=user_id), {"until": ON})
                again = _("on duty again %(day)s", day=until) if until else _("until switched on again")
                done(_("%(name)s is off duty, %(again)s", name=who.name, again=again), undo=undo)
            return _back(store_id)
    page = render_template("store/duty.html", form=form, who=who, store_id=store_id)
    return page, 422 if request.method == "POST" else 200


@bp.route("/store/<uuid:store_id>/share", methods=["GET", "POST"])
@requires(Permission.ASSIGNMENTS_GIVE)
def share(store_id: UUID) -> ResponseReturnValue:
    """Share leads out evenly among those on duty: first shown who gets what, then done."""
    place = queries.place(g.session, actor=g.actor, store_id=store_id, day=beijing_day(g.now))
    who = _person(request.values.get("who"))
    refused = ""
    if request.method == "POST":
        pairs = _pairs(request.form.getlist("pair"))
        try:
            if not pairs:
                raise SharesChanged
            batch_id = service.share(g.session, store_id=store_id, pairs=pairs, who=who, actor=g.actor, now=g.now)
        except (SharesChanged, NobodyOnDuty) as error:
            refused = error.code
        else:
            said = ngettext("%(num)s lead shared out", "%(num)s leads shared out", len(pairs))
            done(said, undo=Undo(url_for(".undo_share"), {"batch": str(batch_id), "store": str(store_id)}))
            return _back(store_id)
    found = leads.leads(g.session, actor=g.actor, vault=vault())
    theirs = [lead for lead in found if lead.assignee == who and lead.store_id == store_id][: giving.MOST]
    at = desks.desk(g.session, actor=g.actor, store_id=store_id, now=g.now)
    order = service.planned(at, len(theirs), besides=who, now=g.now)
    planned = list(zip(theirs, order, strict=False))
    page = render_template(
        "store/share.html", place=place, who=who, at=at, planned=planned, counts=_counts(planned), refused=refused
    )
    return page, 409 if refused else 200


@bp.post("/store/share/undo")
@requires(Permission.ASSIGNMENTS_GIVE)
def undo_share() -> ResponseReturnValue:
    """Take back what was just shared out; what has changed hands since stays where it is."""
    batch_id = _person(request.form.get("batch"))
    count = service.unshare(g.session, batch_id=batch_id, actor=g.actor, now=g.now) if batch_id else 0
    done(ngettext("%(num)s lead is back", "%(num)s leads are back", count) if count else _("Nothing to take back"))
    return redirect(url_for("store.index", store=request.form.get("store")), 303)


def _seller(user_id: UUID) -> tuple[UUID, Member]:
    """Somebody whose duty the actor may set, and a store of both.

    Raises:
        Missing: there is no such seller at the actor's stores, or it is a colleague whom the actor does not lead.
    """
    own = user_id == g.actor.user_id or g.actor.may(Permission.TEAM_WRITE)
    for place in queries.places(g.session, actor=g.actor, day=beijing_day(g.now)) if own else ():
        at = desks.desk(g.session, actor=g.actor, store_id=place.store_id, now=g.now)
        for member in at.sellers:
            if member.user_id == user_id:
                return place.store_id, member
    raise Missing(what="staff")


def _counts(planned: Sequence[tuple[Held, Member]]) -> list[tuple[str, int]]:
    return list(Counter(member.name for _lead, member in planned).items())


def _pairs(texts: Sequence[str]) -> list[tuple[UUID, UUID]]:
    try:
        return [(UUID(lead), UUID(to)) for lead, _colon, to in (text.partition(":") for text in texts[: giving.MOST])]
    except ValueError:
        raise Missing(what="assignment") from None


def _person(text: str | None) -> UUID | None:
    if not text or text == "nobody":
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Missing(what="staff") from None


def _back(store_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("store.index", store=store_id), 303)
