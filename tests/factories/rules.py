"""Rules in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from hq.routing.rules import RoutingRules
from hq.rules.models import RuleSet
from shared.platform.ids import new_id
from tests.factories.counting import NOW, add


def routing_rules(session: Session, **values: Any) -> RuleSet:
    """The first version of the routing rules, in force."""
    body = RoutingRules.parse(values).as_body()
    said = {"status": "active", "note": "", "author": "o", "created_at": NOW, "activated_at": NOW}
    said |= {"activated_by": "o", "revision": 1, "changed_by": "o", "changed_at": NOW}
    return add(session, RuleSet(rule_set_id=new_id(NOW), kind="routing", version=1, body=body, **said))
