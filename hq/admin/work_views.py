"""The work queue: what waits, how old the oldest is, what was put aside and why, and trying it again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.words import tell
from shared.work import queries, service

bp = Blueprint("work", __name__, url_prefix="/work", template_folder="templates")

_SHOWN = 100


@bp.get("")
@requires(Permission.WORK_READ)
def index() -> ResponseReturnValue:
    """Every drain, and the rows that were put aside."""
    chosen = request.args.get("drain") or None
    standings = queries.standings(g.session, now=g.now)
    aside = queries.put_aside(g.session, drain=chosen, limit=_SHOWN)
    return render_template("admin/work.html", standings=standings, aside=aside, chosen=chosen, shown=_SHOWN)


@bp.post("/<drain>/<uuid:row_id>/again")
@requires(Permission.WORK_RETRY)
def again(drain: str, row_id: UUID) -> ResponseReturnValue:
    """Put one row back to work."""
    _tell(service.again(g.session, drain=drain, row_ids=[row_id], actor=g.actor, now=g.now))
    return redirect(url_for(".index"), 303)


@bp.post("/<drain>/again")
@requires(Permission.WORK_RETRY)
def again_all(drain: str) -> ResponseReturnValue:
    """Put everything back to work that a drain put aside."""
    _tell(service.again(g.session, drain=drain, actor=g.actor, now=g.now))
    return redirect(url_for(".index"), 303)


def _tell(rows: int) -> None:
    flash(ngettext("%(num)s row is tried again.", "%(num)s rows are tried again.", rows), "ok")


for _name, _words in {
    "hq.check_imports": _l("Count the rows of spreadsheets"),
    "hq.imports": _l("Read spreadsheets"),
    "hq.undo_imports": _l("Undo imports"),
    "hq.qualify": _l("Match, screen and score sign-ups"),
    "hq.rescore_due": _l("Begin to score everybody anew"),
    "hq.replay": _l("Try rules on the past"),
    "hq.purge_replays": _l("Delete old trials of rules"),
    "hq.rescore": _l("Score everybody anew"),
    "hq.look_at_past": _l("Look at files of past leads"),
    "hq.learn_card": _l("Learn scorecards"),
    "hq.count_lately": _l("Count the people of lately for the editor of scorecards"),
    "hq.purge_past": _l("Delete files of past leads on their date"),
    "hq.route": _l("Give leads to stores"),
    "hq.alarms": _l("Remind of deadlines, write down those that were missed, tell owners"),
    "hq.settle": _l("Follow what stores did, end offers past their deadline"),
    "hq.walk_ins": _l("Follow whom stores entered"),
    "hq.days": _l("Open the stores' days"),
    "hq.benchmarks": _l("Reckon the stores' figures"),
    "hq.figures": _l("Count the figures of the overview"),
    "hq.reopen": _l("Open stores whose pause is over"),
    "hq.pool": _l("Follow what lies in the open pool"),
    "hq.cards": _l("Seal customers' numbers for claims from the pool"),
    "hq.room": _l("Follow changes of a store's leads a day"),
    "hq.purge_imports": _l("Delete old spreadsheets"),
    "hq.purge_population": _l("Delete population tables that nobody took over"),
    "shared.forget_keys": _l("Let go of expired request keys"),
    "shared.send_sms": _l("Send text messages"),
    "shared.tell_givings": _l("Tell people of leads that were given to them"),
    "shared.spread_notices": _l("Find out whom notices go out to"),
    "shared.ask_addresses": _l("Send codes to new e-mail addresses"),
    "shared.compose": _l("Put notices into messages"),
    "shared.purge_notices": _l("Delete old notices"),
    "shared.send_mail": _l("Send e-mails"),
    "shared.purge_mail": _l("Delete old e-mails"),
    "shared.purge_sms": _l("Delete old text messages"),
    "shared.purge_codes": _l("Delete old codes"),
    "shared.purge_payloads": _l("Delete what people sent long ago"),
}.items():
    tell(f"drain.{_name}", _words)
