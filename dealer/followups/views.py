"""The leads of a store: the list, one lead, and everything that is done with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import flask
from flask import Blueprint, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from dealer.claims.forms import DeclineForm
from dealer.claims.views import JUST_CLAIMED
from dealer.followups.forms import EndForm, FollowUpForm
from dealer.followups.lists import SHOWS, Wish, listed
from dealer.followups.reporting import Unreadable, report
from dealer.followups.steps import LOST, WON
from dealer.keeping import keep
from dealer.keys import vault
from shared.identity.permissions import Permission
from shared.leads import queries, service
from shared.leads.cards import Card
from shared.leads.lifecycle import Stage
from shared.leads.queries import Held
from shared.leads.sellers import queries as desks
from shared.leads.words import GiveBackReason
from shared.platform.errors import Invalid
from shared.web import errors
from shared.web.access import may, requires
from shared.web.formats import moment
from shared.web.locale import language
from shared.web.words import say

bp = Blueprint("leads", __name__)
_LATELY = timedelta(days=30)


@bp.get("/leads")
@requires(Permission.ASSIGNMENTS_READ)
def index() -> ResponseReturnValue:
    """The leads that one may open, in the order in which they are due."""
    wish = Wish(show=request.args.get("show", ""), who=_whose(), text=request.args.get("q", ""))
    page = listed(g.session, actor=g.actor, wish=wish, now=g.now, vault=vault())
    name = queries.staff_name(g.session, dealer_id=g.actor.dealer_id, user_id=wish.who) if wish.who else None
    why = queries.lost_reasons(g.session, actor=g.actor, since=g.now - _LATELY) if page.show == "lost" else ()
    return keep(render_template("leads/index.html", page=page, wish=wish, name=name, shows=SHOWS, why=why))


@bp.get("/leads/<uuid:assignment_id>")
@requires(Permission.ASSIGNMENTS_READ)
def show(assignment_id: UUID) -> ResponseReturnValue:
    """One lead; an offer that nobody has claimed opens as such."""
    found = _find(assignment_id)
    if found.stage is Stage.OFFERED:
        return redirect(url_for("inbox.show", assignment_id=assignment_id), 303)
    if flask.session.pop(JUST_CLAIMED, None) == str(assignment_id) and found.held:
        card = queries.card(g.session, actor=g.actor, vault=vault(), assignment_id=assignment_id)
        return _in_clear(found, card)
    return keep(_page(found))


@bp.post("/leads/<uuid:assignment_id>/reveal")
@requires(Permission.PHONES_REVEAL)
def reveal(assignment_id: UUID) -> ResponseReturnValue:
    """The lead with its number in clear. Not a redirect: the number stands in no address and no later page."""
    card = service.reveal(g.session, assignment_id=assignment_id, actor=g.actor, vault=vault(), now=g.now)
    return _in_clear(_find(assignment_id), card)


@bp.route("/leads/<uuid:assignment_id>/follow-up", methods=["GET", "POST"])
@requires(Permission.FOLLOWUPS_WRITE)
def follow_up(assignment_id: UUID) -> ResponseReturnValue:
    """Write down what was done; a phone's queue sends the same form and asks for JSON."""
    form = FollowUpForm.at(g.now)
    if request.method == "GET":
        form.outcome.data = request.args.get("outcome")
        return keep(_form("leads/follow_up.html", assignment_id, form))
    by_queue = errors.wants_problem_json()
    if not form.validate():
        if by_queue:
            raise Unreadable(field=next(iter(form.errors)))
        return _form("leads/follow_up.html", assignment_id, form)
    try:
        next_at = report(g.session, form, assignment_id=assignment_id, actor=g.actor, now=g.now)
    except Invalid as error:
        if by_queue:
            raise
        form.refuse(error)
        return _form("leads/follow_up.html", assignment_id, form)
    if by_queue and form.waited(g.now):
        return jsonify(stored=True)
    _say_saved(form, next_at)
    if by_queue:
        return jsonify(stored=True)
    return _back_to(assignment_id)


@bp.get("/leads/follow-up")
@requires(Permission.FOLLOWUPS_WRITE)
def blank() -> ResponseReturnValue:
    """The form for any lead: a phone keeps it, to open it without network. It names nobody."""
    return keep(render_template("leads/follow_up.html", one=None, form=FollowUpForm.at(g.now)))


@bp.get("/leads/token")
@requires(Permission.FOLLOWUPS_WRITE)
def token() -> ResponseReturnValue:
    """For a phone's queue before it sends: who is signed in, and the token of forms."""
    return jsonify(person=str(g.actor.user_id), token=generate_csrf())


@bp.route("/leads/<uuid:assignment_id>/won", methods=["GET", "POST"])
@requires(Permission.FOLLOWUPS_WRITE)
def won(assignment_id: UUID) -> ResponseReturnValue:
    """The customer has bought."""
    form = EndForm()
    if request.method == "POST" and form.validate():
        service.win(g.session, assignment_id=assignment_id, actor=g.actor, note=form.note.data or "", now=g.now)
        flash(_("Won. Well done!"), "ok")
        return _back_to(assignment_id)
    return _form("leads/won.html", assignment_id, form)


@bp.route("/leads/<uuid:assignment_id>/lost", methods=["GET", "POST"])
@requires(Permission.FOLLOWUPS_WRITE)
def lost(assignment_id: UUID) -> ResponseReturnValue:
    """There will be no sale."""
    form = EndForm.lost()
    if request.method == "POST" and form.validate():
        try:
            reason, note = form.reason.data or "", form.note.data or ""
            service.lose(g.session, assignment_id=assignment_id, actor=g.actor, reason=reason, note=note, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("Noted as lost."), "ok")
            return redirect(url_for(".index"), 303)
    return _form("leads/lost.html", assignment_id, form)


@bp.route("/leads/<uuid:assignment_id>/give-back", methods=["GET", "POST"])
@requires(Permission.ASSIGNMENTS_DECLINE)
def give_back(assignment_id: UUID) -> ResponseReturnValue:
    """Send a claimed lead back."""
    form = DeclineForm.of(GiveBackReason)
    if request.method == "POST" and form.validate():
        try:
            reason, note = form.reason.data or "", form.note.data or ""
            service.decline(g.session, assignment_id=assignment_id, actor=g.actor, reason=reason, note=note, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(_("Sent back. It goes on to another store."), "ok")
            return redirect(url_for(".index"), 303)
    return _form("leads/give_back.html", assignment_id, form)


def _whose() -> UUID | None:
    """Whose leads are asked for, out of the address; a salesperson sees their own anyway."""
    asked = request.args.get("who", "")
    if asked == "me":
        return UUID(str(g.actor.user_id))
    try:
        return UUID(asked) if asked and may(Permission.TEAM_READ) else None
    except ValueError:
        return None


def _say_saved(form: FollowUpForm, next_at: datetime | None) -> None:
    if form.outcome.data == WON:
        flash(_("Won. Well done!"), "ok")
    elif form.outcome.data == LOST:
        flash(_("Noted as lost."), "ok")
    elif next_at is not None:
        flash(_("Saved. Next: %(when)s", when=moment(next_at, g.now, language())), "ok")
    else:
        flash(_("Saved"), "ok")


def _in_clear(found: Held, card: Card) -> ResponseReturnValue:
    answer = make_response(_page(found, card))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _find(assignment_id: UUID) -> Held:
    return queries.lead(g.session, actor=g.actor, vault=vault(), assignment_id=assignment_id)


def _page(found: Held, card: Card | None = None) -> str:
    return render_template(
        "leads/show.html",
        one=found,
        card=card,
        story=_story(found.assignment_id),
    )


def _story(assignment_id: UUID) -> list[queries.Told]:
    """What people did with a lead and who it was given to, newest first."""
    did = queries.story(g.session, actor=g.actor, assignment_id=assignment_id)
    given = desks.givings(g.session, dealer_id=g.actor.dealer_id, assignment_id=assignment_id)
    both = [*map(_given, given), *did]  # a claim comes before what was given by it
    return sorted(both, key=lambda line: line.at, reverse=True)


def _given(line: desks.GivenLine) -> queries.Told:
    return queries.Told(
        kind="given",
        result=line.how,
        note=line.to or say("give.nobody"),
        next_at=None,
        by=line.by or "",
        own=line.by_id == g.actor.user_id,
        at=line.at,
        written_at=None,
    )


def _form(template: str, assignment_id: UUID, form: object) -> ResponseReturnValue:
    return render_template(template, one=_find(assignment_id), form=form), 422 if request.method == "POST" else 200


def _back_to(assignment_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show", assignment_id=assignment_id), 303)
