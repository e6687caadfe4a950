"""Whether routing rules leave anybody a store: the latest leads, with all room there is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hq.desk import foretelling
from hq.routing import queries
from hq.routing.policy import Room
from hq.routing.rules import RoutingRules
from shared.leads.models import Lead

LOOKED_AT = 300
_FEW = 0.1  # of those who find a store by the rules in force


@dataclass(frozen=True, slots=True)
class Reach:
    """Of the latest `leads`, how many would find a store by rules, and how many do by those in force; `why` not, as a
    code."""

    leads: int
    out: int
    before: int
    why: str

    @property
    def nobody(self) -> bool:
        """Whether nobody is left, or next to nobody where the rules in force leave more."""
        return self.out == 0 or self.out < _FEW * self.before


def of(session: Session, body: dict[str, Any], *, now: datetime) -> Reach | None:
    """Try rules on the latest leads, each as if it were the first of the day (some ten statements); None without any.

    Leads that the rules leave to a person on purpose are not counted.
    """
    rows = session.execute(queries.lead_rows().order_by(Lead.opened_at.desc(), Lead.lead_id).limit(LOOKED_AT))
    leads = [queries.as_lead(row)._replace(state="waiting", state_reason={}, hops=0, consented=True) for row in rows]
    ground, rules = foretelling.ground_of(session), RoutingRules.parse(body)
    facts = foretelling.facts_of(session, leads, rules, now=now)
    facts = type(facts)(scopes=facts.scopes)

    def tried(with_rules: RoutingRules) -> foretelling.Foretold:
        room = Room.of([None if store.active else 0 for store in ground.network.stores.values()])
        return foretelling.foretell(session, leads, facts, ground, room, now=now, rules=with_rules)

    would, was = tried(rules), tried(ground.rules)
    reasons = Counter(would.reasons.values())
    counted = len(leads) - reasons.pop("by_hand", 0)
    if not counted:
        return None
    why = reasons.most_common(1)[0][0] if reasons else ""
    return Reach(counted, would.leads, was.leads, why)
