"""The audit log: who did what, who saw which number, and when."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.admin import audit_words
from shared.audit.models import AuditEntry
from shared.dealers.models import Dealer
from shared.identity.permissions import Permission
from shared.web import paging
from shared.web.access import requires

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")
audit_words.register(bp)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the address asks for: the beginning of an action, of a subject, or a part of the actor's name."""

    action: str | None = None
    subject: str | None = None
    actor: str | None = None


@bp.get("")
@requires(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """The log, the latest first."""
    wanted = AuditFilter(*(request.args.get(name, "").strip() or None for name in ("action", "subject", "actor")))
    page = entries(g.session, wanted, after=paging.wanted())
    return render_template("admin/audit.html", page=page, wanted=wanted, actions=audit_words.ACTIONS)


def entries(session: Session, wanted: AuditFilter, *, after: str | None) -> paging.Page[tuple[AuditEntry, str | None]]:
    """A page of entries, each with the dealer's name; None for headquarters."""
    query = select(AuditEntry, Dealer.name).outerjoin(Dealer, Dealer.dealer_id == AuditEntry.dealer_id)
    if wanted.action:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.subject:
        query = query.where(AuditEntry.subject.contains(wanted.subject, autoescape=True))
    if wanted.actor:
        query = query.where(AuditEntry.actor.contains(wanted.actor, autoescape=True))
    if after:
        query = query.where(paging.beyond((AuditEntry.at, AuditEntry.entry_id), after))
    rows = session.execute(
        query.order_by(AuditEntry.at.desc(), AuditEntry.entry_id.desc()).limit(paging.PAGE + 1)
    ).all()
    return paging.page_of(
        [(entry, dealer) for entry, dealer in rows], lambda row: (row[0].at, row[0].entry_id), after=after
    )
