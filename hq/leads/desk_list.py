"""The assignment desk's list: leads that the rules could not place, or that a later sign-up casts doubt on."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from hq.leads.lead_list import LEADS, of_states
from shared.identity.permissions import Permission
from shared.leads.models import Lead
from shared.web.tables import Column, View
from shared.web.words import say

_WHY = Column(
    "why",
    _l("Why it is here"),
    cell="why",
    text=lambda line: say(f"why.{line.lead.state_reason.get('code', 'desk')}", line.lead.state_reason),
)
_SHOWN = ("grade", "points", "name", "phone", "place", "campaign", "opened")

DESK = replace(
    LEADS,
    name="desk",
    title=_l("Assignment desk"),
    permission=Permission.LEADS_ASSIGN,
    query=lambda: LEADS.query().where(of_states(["desk"])),
    counted=lambda: select(Lead.lead_id).where(of_states(["desk"])),
    sort="opened",
    columns=(
        *(replace(LEADS.by_key[key], shown=True) for key in _SHOWN[:4]),
        _WHY,
        *(replace(LEADS.by_key[key], shown=True) for key in _SHOWN[4:]),
    ),
    filters=[each for each in LEADS.filters if each.key not in ("state", "step")],
    acts=[act for act in LEADS.acts if act.key != "recall"],
    views=(View("all", _l("All")), View("best", _l("Grade A"), "grade=A&sort=-points")),
    empty=(_l("The desk is empty"), _l("Every lead found a store, or waits for one by itself.")),
)
