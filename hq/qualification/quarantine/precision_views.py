"""The page that says how precise the rules are, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.qualification.quarantine import asked
from hq.qualification.quarantine.precision import ENOUGH, Precision, precisions
from hq.qualification.quarantine.views import bp
from hq.qualification.quarantine.words import stop_words
from shared.audit import service as audit
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.platform.clock import BEIJING
from shared.web.access import requires
from shared.web.tables import sheets

_PERIODS: Mapping[str, tuple[int | None, Any]] = {
    "7d": (7, _l("last 7 days")),
    "30d": (30, _l("last 30 days")),
    "90d": (90, _l("last 90 days")),
    "all": (None, _l("since the beginning")),
}


@bp.get("/precision")
@requires(Permission.SCREENING_DECIDE)
def precision() -> ResponseReturnValue:
    """Each reason with how often it was right."""
    period = _period(request.args)
    campaign = asked.uuid(request.args.get("campaign", ""))
    return render_template(
        "quarantine/precision.html",
        found=precisions(g.session, since=_since(period, g.now), campaign=campaign),
        since=period,
        campaign=campaign,
        periods=[(key, words) for key, (_days, words) in _PERIODS.items()],
        campaigns=all_campaigns(g.session),
        enough=ENOUGH,
    )


@bp.post("/precision/file")
@requires(Permission.SCREENING_DECIDE, Permission.EXPORTS_TAKE)
def precision_file() -> ResponseReturnValue:
    """The same as a file."""
    campaign = asked.uuid(request.form.get("campaign", ""))
    found = precisions(g.session, since=_since(_period(request.form), g.now), campaign=campaign)
    audit.record(g.session, g.actor, "export:take", "export:precision", at=g.now, rows=len(found), format="csv")
    heads = [_("Reason"), _("Judged"), _("Prize hunters"), _("Genuine"), _("Precision"), _("from"), _("to")]
    name = f"koi-precision-{g.now.astimezone(BEIJING):%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    body = b"".join(sheets.as_csv([str(head) for head in heads], map(_row, found)))
    return Response(body, mimetype="text/csv; charset=utf-8", headers=headers)


def _row(each: Precision) -> list[object]:
    reason = stop_words(each.code) if each.code else str(_("Not stopped by anything"))
    shares = (round(share, 4) for share in (each.share, each.low, each.high))
    return [reason, each.judged, each.fraud, each.genuine, *shares]


def _period(given: Mapping[str, str]) -> str:
    period = given.get("since", "")
    return period if period in _PERIODS else "90d"


def _since(period: str, now: datetime) -> datetime | None:
    days = _PERIODS[period][0]
    return now - timedelta(days=days) if days is not None else None
