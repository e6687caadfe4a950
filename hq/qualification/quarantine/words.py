"""How the quarantine desk says things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.qualification.quarantine.forecast import Effect
from hq.qualification.quarantine.rings import Ring
from shared.regions import divisions
from shared.web import words
from shared.web.words import tell

for _code, _text in {
    "device": _l("same device"),
    "address": _l("same address"),
    "inviter": _l("same inviter"),
    "openid": _l("same WeChat account"),
    "alone": _l("one person alone"),
}.items():
    tell(f"shared.{_code}", _text)
for _code, _text in {
    "device": _l("Device %(number)s"),
    "address": _l("Address %(number)s"),
    "inviter": _l("Inviter %(number)s"),
    "openid": _l("WeChat %(number)s"),
}.items():
    tell(f"hub.{_code}", _text)
for _code, _text in {
    "size": _l("Largest first"),
    "newest": _l("Newest first"),
    "oldest": _l("Oldest first"),
}.items():
    tell(f"ring_sort.{_code}", _text)
tell("ruling.genuine", _l("genuine"))
tell("ruling.fraud", _l("prize hunter"))
tell("ruling.undone", _l("taken back"))
tell("stop.person_in_quarantine", _l("Another sign-up is in quarantine"))
tell("stop.headquarters_verdict", _l("Judged by headquarters"))
tell("stop.cleared_by_headquarters", _l("Cleared by headquarters"))
tell("verdict_too_many", _l("Too many people at once"), _l("Judge at most %(most)s people at once."))

# What changes → what it is, and what becomes of it.
_EFFECTS: Mapping[str, tuple[Any, Any]] = {
    "signups_stay": (_l("sign-ups"), _l("stay as they are")),
    "leads_opened": (_l("new leads"), _l("go to stores by the rules (%(grades)s)")),
    "leads_offered": (_l("offered leads"), _l("offers end: %(stores)s")),
    "leads_claimed": (_l("claimed leads"), _l("recalled, the room comes back, the store is told: %(stores)s")),
    "leads_closed": (_l("leads without a store"), _l("closed")),
    "leads_asked": (_l("leads that a store works on"), _l("stay with the store and come to the assignment desk")),
    "leads_kept": (_l("doubted leads at stores"), _l("stay with the store, nobody doubts them any more")),
    "chances": (_l("chances in draws"), _l("taken by these people so far")),
}
_SIGNUPS: Mapping[str, Any] = {
    "in_lead": _l("pass and are in a lead"),
    "rejected": _l("rejected"),
    "nurture": _l("pass, and are nurtured"),
    "below_threshold": _l("pass, but are closed by their grade"),
    "duplicate": _l("pass, but repeat an earlier one"),
    "quarantined": _l("go back into quarantine"),
}
_THINGS: Mapping[str, Callable[[int], str]] = {
    "device": lambda count: ngettext("%(num)s device", "%(num)s devices", count),
    "address": lambda count: ngettext("%(num)s address", "%(num)s addresses", count),
    "inviter": lambda count: ngettext("%(num)s inviter", "%(num)s inviters", count),
    "openid": lambda count: ngettext("%(num)s WeChat account", "%(num)s WeChat accounts", count),
}


def ring_title(ring: Ring) -> str:
    """Who shares what, 23 人，共用 3 台设备、2 个地址."""
    if not ring.ties:
        return str(_("One person, nothing shared"))
    things = words.listing(_THINGS[kind](count) for kind, count in ring.kinds.items())
    return str(
        ngettext(
            "%(people)s person, sharing %(things)s",
            "%(people)s people, sharing %(things)s",
            ring.people,
            people=ring.people,
            things=things,
        )
    )


def ring_place(ring: Ring) -> str:
    """Where its people say they are."""
    names = [province_name(code) for code in ring.provinces]
    if not names:
        return str(_("Place unknown"))
    return names[0] if len(names) == 1 else str(_("%(place)s and elsewhere", place=names[0]))


def province_name(code: str) -> str:
    """A province by its two digits."""
    found = divisions.by_code(f"{code}0000")
    return found.name if found else code


def shared_words(ring: Ring) -> str:
    """What kinds of things are shared."""
    return words.listing(words.say(f"shared.{kind}") for kind in (ring.kinds or ("alone",)))


def stop_words(code: str) -> str:
    """A reason by its title, without figures; the code itself where there are no words."""
    family = next((family for family in ("rule", "stop") if words.knows(f"{family}.{code}")), None)
    return words.say(f"{family}.{code}") if family else code


def effect_what(effect: Effect) -> str:
    """What changes."""
    return str(_("sign-ups")) if effect.code == "signups" else str(_EFFECTS[effect.code][0])


def effect_becomes(effect: Effect) -> str:
    """What becomes of it."""
    if effect.code == "signups":
        outcome = effect.params["outcome"]
        return str(_SIGNUPS[outcome]) if outcome in _SIGNUPS else words.say(f"became.{outcome}")
    params = {name: words.listing(said) if isinstance(said, list) else said for name, said in effect.params.items()}
    told = str(_EFFECTS[effect.code][1]) % params if params else str(_EFFECTS[effect.code][1])
    more = effect.params.get("more", 0)
    return told + (_(" and %(count)s more", count=more) if more else "")


def masked_ip(ip: str) -> str:
    """An address without its third part, 223.104.*.17; of IPv6 the first two groups."""
    parts = ip.split(".")
    if len(parts) == 4:
        return f"{parts[0]}.{parts[1]}.*.{parts[3]}"
    return ":".join(ip.split(":")[:2]) + ":*"


FILTERS = (ring_title, ring_place, province_name, shared_words, stop_words, effect_what, effect_becomes)
