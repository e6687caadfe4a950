"""The kinds of rules: how the body of each is read, and what Koi comes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hq.qualification.scoring import catalogue
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.screening.kinds import ALL, OFF
from hq.qualification.screening.rules import ScreeningRules, default_body
from hq.qualification.thresholds.rules import Thresholds
from hq.routing.rules import RoutingRules
from hq.rules import difference
from hq.rules.difference import Change
from hq.rules.models import RULE_KINDS
from shared.platform.errors import Invalid, Missing

Body = Mapping[str, Any]

_PARSERS: Mapping[str, Callable[[Body], object]] = {
    "screening": ScreeningRules.parse,
    "scorecard": catalogue.usable,
    "thresholds": Thresholds.parse,
    "routing": RoutingRules.parse,
}


def differences(kind: str, old: Body, new: Body) -> list[Change]:
    """What is different between two bodies of a kind."""
    if kind == "scorecard":
        return difference.of_cards(Scorecard.parse(old), Scorecard.parse(new))
    changes = difference.of_settings(present(kind, old), present(kind, new))
    if kind == "thresholds":
        return [each for each in changes if each.params["new"] is not None or each.params["path"][0] == "campaigns"]
    return changes if kind == "routing" else [each for each in changes if _says_something(each)]


def present(kind: str, body: Body) -> Body:
    """A body of settings with what it leaves out; as it is where nobody can read it any more.

    Of screening every rule with its effect; one that is off has no numbers. Of thresholds the fates in a campaign as
    one word each, by grade.
    """
    try:
        return _PRESENT[kind](body)
    except Invalid:
        return body


def editable(kind: str, body: Body) -> Body:
    """A body with a value for everything that its form asks for: rules that are off have numbers as well."""
    if kind == "routing":
        return present(kind, body)
    off = {code: {**said, "effect": OFF} for code, said in default_body().items()}
    return {code: {**said, **body.get(code, {})} for code, said in off.items()}


def _screening(body: Body) -> Body:
    rules = ScreeningRules.parse(body)
    on = {code: rules.get(code) for code in ALL}
    return {code: {"effect": rule.effect, **rule.values} if rule else {"effect": OFF} for code, rule in on.items()}


def _thresholds(body: Body) -> Body:
    read = Thresholds.parse(body).as_body()
    return {**read, "campaigns": {key: " ".join(fates.values()) for key, fates in read["campaigns"].items()}}


_PRESENT: Mapping[str, Callable[[Body], Body]] = {
    "routing": lambda body: RoutingRules.parse(body).as_body(),
    "screening": _screening,
    "thresholds": _thresholds,
}


def _says_something(change: Change) -> bool:
    """The numbers of a rule that is off on one side say nothing beside its effect."""
    return change.params["path"][-1] == "effect" or None not in (change.params["old"], change.params["new"])


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
