"""The kinds of rules: how the body of each is read, and what Koi comes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hq.qualification.scoring import catalogue
from hq.qualification.screening.rules import ScreeningRules
from hq.routing.rules import RoutingRules
from hq.rules.models import RULE_KINDS
from shared.platform.errors import Missing

Body = Mapping[str, Any]

_PARSERS: Mapping[str, Callable[[Body], object]] = {
    "screening": ScreeningRules.parse,
    "scorecard": catalogue.usable,
    "routing": RoutingRules.parse,
}


def check(kind: str, body: Body) -> None:
    """See that rules can be used.

    Raises:
        Invalid: they cannot; `field` says where.
    """
    _PARSERS[kind](body)


def known(kind: str) -> str:
    """The kind, if there is one of that name.

    Raises:
        Missing: there is none.
    """
    if kind not in RULE_KINDS:
        raise Missing(kind=kind)
    return kind
