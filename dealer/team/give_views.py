"""Handing leads over to a colleague: one, or all that somebody works on; with a reason and a way back."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from dealer.keys import vault
from dealer.team import queries
from dealer.team.blueprint import bp
from dealer.team.forms import NOBODY, GiveForm
from shared.identity.permissions import Permission
from shared.leads import giving
from shared.leads import queries as leads
from shared.leads.queries import Held
from shared.leads.sellers.models import How
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid, Missing
from shared.web.access import requires
from shared.web.notes import Undo, done


@bp.route("/leads/<uuid:assignment_id>/give", methods=["GET", "POST"])
@requires(Permission.ASSIGNMENTS_GIVE)
def give_one(assignment_id: UUID) -> ResponseReturnValue:
    """Hand one lead over."""
    found = leads.lead(g.session, actor=g.actor, vault=vault(), assignment_id=assignment_id)
    form = _form(found.store_id, found.assignee, whole=found.assignee is not None)
    back = url_for("leads.show", assignment_id=assignment_id)
    return _give(form, [found], [assignment_id], who=found.assignee, back=back)


@bp.route("/store/<uuid:store_id>/give", methods=["GET", "POST"])
@requires(Permission.ASSIGNMENTS_GIVE)
def give(store_id: UUID) -> ResponseReturnValue:
    """Hand over what somebody (or nobody in particular) works on."""
    queries.place(g.session, actor=g.actor, store_id=store_id, day=beijing_day(g.now))
    who = _person(request.values.get("who"))
    found = leads.leads(g.session, actor=g.actor, vault=vault())
    theirs = [lead for lead in found if lead.assignee == who and lead.store_id == store_id][: giving.MOST]
    form = _form(store_id, who, whole=who is not None)
    chosen = _ids(request.form.getlist("lead")) if request.method == "POST" else []
    return _give(form, theirs, chosen, who=who, back=url_for("store.index", store=store_id))


@bp.post("/store/give/undo")
@requires(Permission.ASSIGNMENTS_GIVE)
def undo_give() -> ResponseReturnValue:
    """Give back what was just handed over; what has changed hands since stays where it is."""
    given, to, back = (request.form.get(name, "") for name in ("leads", "to", "back"))
    changed = giving.give(
        g.session,
        assignment_ids=_unpacked(given),
        to=_person(back),
        only_from=_person(to),
        reason=giving.GiveReason.OTHER,
        how=How.BACK,
        actor=g.actor,
        now=g.now,
    )
    done(_taken_back(len(changed)))
    return redirect(url_for("store.index"), 303)


def _give(
    form: GiveForm, theirs: Sequence[Held], chosen: Sequence[UUID], *, who: UUID | None, back: str
) -> ResponseReturnValue:
    if request.method == "POST" and form.validate():
        try:
            to = form.receiver()
            if not chosen:
                raise Invalid(field="to", reason="no_lead")
            given = giving.give(
                g.session, assignment_ids=chosen, to=to, reason=form.why(), actor=g.actor, now=g.now, only_from=who
            )
        except Invalid as error:
            form.refuse(error)
        else:
            fields = {"leads": _packed(given), "to": str(to or NOBODY), "back": str(who or NOBODY)}
            name = dict(form.to.choices)[str(to or NOBODY)]
            done(_given(len(given), name), undo=Undo(url_for("store.undo_give"), fields))
            return redirect(back, 303)
    page = render_template("store/give.html", form=form, leads=theirs, chosen=set(chosen), who=who, back=back)
    return page, 422 if request.method == "POST" else 200


def _form(store_id: UUID, who: UUID | None, *, whole: bool) -> GiveForm:
    people = leads.colleagues(g.session, dealer_id=g.actor.dealer_id, store_id=store_id)
    return GiveForm.among([pair for pair in people if pair[0] != who], whole=whole)


def _given(count: int, name: str) -> str:
    return str(ngettext("%(num)s lead now with %(name)s", "%(num)s leads now with %(name)s", count, name=name))


def _taken_back(count: int) -> str:
    if count == 0:
        return str(_("Nothing to take back"))
    return str(ngettext("%(num)s lead is back", "%(num)s leads are back", count))


def _person(text: str | None) -> UUID | None:
    if not text or text == NOBODY:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Missing(what="staff") from None


def _ids(texts: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Invalid(field="to", reason="no_lead") from None


def _packed(ids: Iterable[UUID]) -> str:
    """Ids in few characters: they travel in a cookie."""
    return urlsafe_b64encode(b"".join(each.bytes for each in sorted(ids))).decode()


def _unpacked(text: str) -> list[UUID]:
    try:
        packed = urlsafe_b64decode(text.encode())
        return [UUID(bytes=packed[start : start + 16]) for start in range(0, len(packed), 16)]
    except ValueError:
        raise Missing(what="assignment") from None
