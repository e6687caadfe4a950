"""The page about one lead, put together; also as the answer to an act that came too late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import g, render_template, request

from hq.leads import around, beside, candidates, pool_list, queries, story
from hq.leads.queries import LeadPage
from hq.leads.reasons import CLOSE_REASONS, RECALL_REASONS
from hq.leads.story import Happening
from hq.routing import service
from hq.routing.network import ATLAS
from hq.routing.undoing import ACT_OF_LINE, UNDO_WITHIN
from shared.identity.permissions import Permission
from shared.web.access import may

SIDES = ("machine", "people")
_LONGEST = 60
_DOUBTED = ("suspected", "screened_out", "screening", "quarantined")


def render(lead_id: UUID, *, since: datetime | None = None, chosen: Collection[UUID] = ()) -> str:
    """The page.

    Args:
        since: somebody acted on what they had seen until then, and something has happened since: say what.
        chosen: stores that are ticked.
    """
    page = queries.one(g.session, lead_id)
    happenings = story.of_lead(g.session, page)
    side = request.args.get("story") if request.args.get("story") in SIDES else None
    deciding = may(Permission.LEADS_ASSIGN)
    return render_template(
        "leads/show.html",
        page=page,
        seen=page.changed_at.isoformat(),
        missed=[each for each in happenings if since is not None and each.at > since],
        stale=since is not None,
        note=request.form.get("note", ""),
        story=story.by_day(story.only(happenings, side)),
        first_at=happenings[0].at if happenings else page.lead.opened_at,
        side=side,
        scored=_scored(happenings),
        around=around.of_lead(g.session, page, happenings, ATLAS.network(g.session)),
        looks=story.looks(happenings),
        beside=beside.of_lead(lead_id),
        doubted=_doubted(page),
        undoable=_undoable(happenings, g.now) if deciding else None,
        may_reopen=deciding and service.may_reopen(page.lead),
        pooled=pool_list.one(g.session, page.lead) if page.lead.state == "pooled" else None,
        recall_reasons=RECALL_REASONS,
        close_reasons=CLOSE_REASONS,
        **choice(page, chosen=chosen),
    )


def choice(page: LeadPage, *, chosen: Collection[UUID] = ()) -> dict[str, Any]:
    """The stores to choose from: the nearest, or those searched for; ticked ones always among them."""
    words = request.args.get("stores", "").strip()[:_LONGEST]
    if not may(Permission.LEADS_ASSIGN) or page.lead.state not in ("desk", "waiting"):
        return {"candidates": [], "chosen": (), "searched": ""}
    usable = words if words.isprintable() else ""
    found = candidates.to_choose(g.session, page, words=usable, chosen=chosen, now=g.now)
    return {"candidates": found, "chosen": frozenset(chosen), "searched": usable}


def _doubted(page: LeadPage) -> UUID | None:
    """The sign-up whose ring is why the lead is doubted, for who may judge it."""
    if page.lead.state_reason.get("code") not in _DOUBTED or not may(Permission.SCREENING_DECIDE):
        return None
    return queries.in_quarantine(g.session, page.lead.contact_id)


def _scored(happenings: list[Happening]) -> Mapping[str, Any] | None:
    """What last scored the lead: a decision, or everybody's scoring anew."""
    scored = [
        each
        for each in happenings
        if each.kind == "rescored" or (each.kind == "decision" and each.details.get("scoring"))
    ]
    if not scored:
        return None
    last, told = scored[-1], scored[-1].details
    if last.kind == "decision":
        return {"at": last.at, **told}
    return {"at": last.at, "rules": {"scorecard": told["version"]}, "scoring": told}


def _undoable(happenings: list[Happening], now: datetime) -> Happening | None:
    """What somebody did last, as long as it may be taken back."""
    done = [each for each in happenings if each.kind in ACT_OF_LINE and "before" in each.details]
    last = done[-1] if done else None
    if last is None or now - last.at > UNDO_WITHIN:
        return None
    went_on = (each for each in happenings if each.at > last.at)
    return None if any(each.kind == "undone" or each.kind.startswith("store_") for each in went_on) else last


def undo_minutes() -> int:
    """How long an act can be taken back."""
    return UNDO_WITHIN // timedelta(minutes=1)
