"""What Koi comes with, by kind of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.screening.rules import default_body
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS
from hq.routing.rules import RoutingRules


def defaults() -> Mapping[str, Mapping[str, Any]]:
    """The body of version 1 of every kind."""
    return {
        "screening": default_body(),
        "scorecard": DEFAULT_CARD,
        "thresholds": DEFAULT_THRESHOLDS,
        "routing": RoutingRules().as_body(),
    }
