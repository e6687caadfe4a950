"""The kinds of screening rules: what each looks at, its parameters, and what it may do.

A kind says nothing about its words: pages find them under `screen.<code>` (the reason, with its evidence),
`rule.<code>` (title and explanation) and `rule_param.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hq.qualification.screening.crowds import Crowd
from hq.qualification.screening.facts import Gathering, LinkFacts, Listing, SignupFacts

OFF: Final = "off"
FLAG: Final = "flag"
QUARANTINE: Final = "quarantine"
REJECT: Final = "reject"
LOYALTY: Final = "loyalty"

Values = Mapping[str, int]
Evidence = Mapping[str, Any]
"""Figures and codes that the words of the reason need; {} when the reason needs none."""


@dataclass(frozen=True, slots=True)
class Param:
    """One number of a rule: its unit (people, minutes, km, …) and the limits within which it makes sense."""

    name: str
    unit: str
    least: int
    most: int
    default: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule.

    Attributes:
        code: of the rule and of its reasons.
        family: under which pages show it.
        effects: what it may do besides `off`; `default` is one of them, or `off`.
        params: in the order in which they are asked for.
        find: the evidence when the rule is met, else None.
    """

    code: str
    family: str
    effects: tuple[str, ...]
    default: str
    params: tuple[Param, ...]
    find: Callable[[SignupFacts, LinkFacts, Values], Evidence | None]


_WEEK = 7 * 24 * 60
_STRICT = (FLAG, QUARANTINE, REJECT)


def _crowd(crowd: Crowd | None, values: Values) -> Evidence | None:
    if crowd is None or crowd.people < values["people"]:
        return None
    return {"people": crowd.people, "minutes": crowd.minutes}


def _listed(facts: SignupFacts, *purposes: str) -> Evidence | None:
    found = [each for each in facts.listings if each.purpose in purposes]
    if not found:
        return None
    first: Listing = min(found, key=lambda each: (each.since, each.what, each.why))
    return {"what": first.what, "why": first.why, "since": first.since.date().isoformat()}


def _plain(met: bool) -> Evidence | None:
    return {} if met else None


def _phone(facts: SignupFacts, _links: LinkFacts, _values: Values) -> Evidence | None:
    return None if facts.phone_problem is None else {"problem": facts.phone_problem}


def _draws(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    return None if facts.draws is None or facts.draws < values["draws"] else {"draws": facts.draws}


def _rate(_facts: SignupFacts, links: LinkFacts, values: Values) -> Evidence | None:
    return None if links.rate is None or links.rate < values["signups"] else {"signups": links.rate}


def _quick(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    told = facts.seconds_to_act
    return None if told is None or told > values["seconds"] else {"seconds": told}


def gathered(found: Gathering | None, values: Values) -> Evidence | None:
    """People together who all draw a lot; where nobody tells of draws, they count as none. 0: their number decides."""
    draws = 0.0 if found is None or found.draws is None else found.draws
    if found is None or draws < values["draws"]:
        return None
    evidence = _crowd(found.crowd, values)
    return None if evidence is None else {**evidence, "draws": round(draws, 1)}


def _far(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    return None if facts.store_km is None or facts.store_km <= values["km"] else {"km": round(facts.store_km)}


def _owner(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    since = facts.months_since_sale
    if since is not None and since < values["months"]:
        return {"months": since}
    return _listed(facts, "owner")


def _risk(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    return None if facts.risk_rank is None or facts.risk_rank < values["rank"] else {"rank": facts.risk_rank}


def _returned(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    return None if facts.returns < values["stores"] else {"stores": facts.returns}


def _openid(facts: SignupFacts, _links: LinkFacts, values: Values) -> Evidence | None:
    phones = facts.openid_phones
    return None if phones is None or phones < values["phones"] else {"phones": phones}


KINDS: Final[tuple[Kind, ...]] = (
    Kind("phone_unusable", "person", (QUARANTINE, REJECT), REJECT, (), _phone),
    Kind(
        "virtual_operator",
        "person",
        _STRICT,
        FLAG,
        (),
        lambda facts, _links, _values: _plain(facts.virtual_operator),
    ),
    Kind("staff_phone", "person", _STRICT, QUARANTINE, (), lambda facts, _l, _v: _listed(facts, "account", "staff")),
    Kind("existing_owner", "person", (FLAG, LOYALTY), LOYALTY, (Param("months", "months", 1, 240, 12),), _owner),
    Kind("repeat_winner", "person", _STRICT, FLAG, (), lambda facts, _l, _v: _listed(facts, "winner")),
    Kind("too_far", "person", _STRICT, FLAG, (Param("km", "km", 1, 5_000, 300),), _far),
    Kind("blocked", "person", (QUARANTINE, REJECT), REJECT, (), lambda facts, _l, _v: _listed(facts, "blocked")),
    Kind("returned_invalid", "person", _STRICT, QUARANTINE, (Param("stores", "stores", 1, 20, 1),), _returned),
    Kind("wechat_risk", "person", _STRICT, QUARANTINE, (Param("rank", "rank", 1, 4, 3),), _risk),
    Kind(
        "device_many_people",
        "sharing",
        _STRICT,
        QUARANTINE,
        (Param("people", "people", 2, 400, 4), Param("minutes", "minutes", 1, _WEEK, 72 * 60)),
        lambda _facts, links, values: _crowd(links.device, values),
    ),
    Kind(
        "address_many_people",
        "sharing",
        _STRICT,
        QUARANTINE,
        (Param("people", "people", 2, 400, 4), Param("minutes", "minutes", 1, _WEEK, 3 * 60)),
        lambda _facts, links, values: _crowd(links.address, values),
    ),
    Kind(
        "bare_address_many_people",
        "sharing",
        _STRICT,
        QUARANTINE,
        (
            Param("people", "people", 2, 400, 6),
            Param("minutes", "minutes", 1, _WEEK, 60),
            Param("draws", "draws", 0, 1_000, 4),
        ),
        lambda _facts, links, values: gathered(links.bare_address, values),
    ),
    Kind("openid_many_phones", "sharing", _STRICT, QUARANTINE, (Param("phones", "phones", 5, 100, 5),), _openid),
    Kind("many_a_minute", "speed", _STRICT, QUARANTINE, (Param("signups", "signups", 2, 400, 10),), _rate),
    Kind("acted_at_once", "speed", _STRICT, QUARANTINE, (Param("seconds", "seconds", 1, 600, 5),), _quick),
    Kind(
        "script_agent",
        "speed",
        _STRICT,
        QUARANTINE,
        (),
        lambda facts, _links, _values: _plain(facts.script),
    ),
    Kind("many_draws", "speed", _STRICT, FLAG, (Param("draws", "draws", 1, 1_000, 5),), _draws),
    Kind(
        "invited_themselves",
        "invitation",
        _STRICT,
        QUARANTINE,
        (),
        lambda facts, _links, _values: _plain(facts.self_invited),
    ),
    Kind(
        "invite_circle",
        "invitation",
        _STRICT,
        QUARANTINE,
        (),
        lambda _facts, links, _values: None if links.circle is None else {"people": links.circle},
    ),
    Kind(
        "invite_crowd",
        "invitation",
        _STRICT,
        QUARANTINE,
        (
            Param("people", "people", 2, 400, 5),
            Param("minutes", "minutes", 1, _WEEK, 24 * 60),
            Param("draws", "draws", 0, 1_000, 4),
        ),
        lambda _facts, links, values: gathered(links.invited, values),
    ),
)
SEVERAL: Final = Kind(
    "several_flags",
    "together",
    (QUARANTINE, REJECT),
    QUARANTINE,
    (Param("flags", "flags", 2, 10, 2),),
    lambda _facts, _links, _values: None,
)
"""Judged after all the others, by the flags that they raised."""

ALL: Final[Mapping[str, Kind]] = {kind.code: kind for kind in (*KINDS, SEVERAL)}
FAMILIES: Final = ("person", "sharing", "speed", "invitation", "together")
