"""What the rules of screening are called, and what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

_RULES: Mapping[str, tuple[Any, Any]] = {
    "phone_unusable": (
        _l("Unusable phone number"),
        _l("Missing, too short, too long, a landline, or no number that exists."),
    ),
    "virtual_operator": (
        _l("Virtual operator's number"),
        _l("Prefixes 162, 165, 167, 170 and 171. Many honest people have one, so alone it is only a sign."),
    ),
    "staff_phone": (
        _l("Staff's own number"),
        _l("The number of somebody who signs in to Koi, or who stands on the list of staff."),
    ),
    "existing_owner": (
        _l("Owner already"),
        _l("Bought at a store within these months, or stands on the list of owners: for customer care, not for sales."),
    ),
    "repeat_winner": (_l("Won before"), _l("Stands on the list of winners.")),
    "too_far": (_l("Too far from any store"), _l("The nearest store is farther away than this.")),
    "blocked": (
        _l("On a blocklist"),
        _l("The number, WeChat account, device or address is blocked. The lists say who added it and why."),
    ),
    "returned_invalid": (
        _l("Sent back as not real"),
        _l("Stores that had the number said: wrong number, never signed up, or only wanted the prize."),
    ),
    "wechat_risk": (
        _l("WeChat's risk rank"),
        _l("From 0 to 4, where the mini-program sends it. Without it the rule says nothing."),
    ),
    "device_many_people": (
        _l("Many people on one device"),
        _l("Families share a phone: below four people most are honest. A store's own tablet is not counted."),
    ),
    "address_many_people": (
        _l("Many people at one address"),
        _l("The same network address and the same browser: whole towns share an address, but not the browser as well."),
    ),
    "bare_address_many_people": (
        _l("Many people at one address, browser unknown"),
        _l("For lists that do not name the browser: whole towns share an address, so people must draw a lot as well."),
    ),
    "openid_many_phones": (
        _l("Many numbers with one WeChat account"),
        _l("Such an account names nobody: the people behind the numbers are kept apart."),
    ),
    "many_a_minute": (
        _l("Many sign-ups a minute"),
        _l("From one network address with one browser, whoever they are."),
    ),
    "acted_at_once": (
        _l("Took part at once"),
        _l("Seconds from signing up to the first draw, where the mini-program sends them. People read first."),
    ),
    "script_agent": (
        _l("Sent by a program"),
        _l("The browser says of itself that it is a program or driven by one."),
    ),
    "many_draws": (_l("Many draws"), _l("Chances taken, as the sign-up tells. Alone it is only a sign.")),
    "invited_themselves": (_l("Invited themselves"), _l("The one who invited is the one who was invited.")),
    "invite_circle": (
        _l("Invited each other"),
        _l("People who invited each other in a circle, however long: nobody came first."),
    ),
    "invite_crowd": (
        _l("Many invited by one who all draw a lot"),
        _l("Honest people invite friends too, but their friends do not draw again and again."),
    ),
    "several_flags": (
        _l("Several signs at once"),
        _l("How many signs, each too weak alone, are enough together."),
    ),
}
_FAMILIES: Mapping[str, Any] = {
    "person": _l("The person"),
    "sharing": _l("What people share"),
    "speed": _l("Speed and zeal"),
    "invitation": _l("Invitations"),
    "together": _l("Signs together"),
}
_EFFECTS: Mapping[str, Any] = {
    "off": _l("Off"),
    "flag": _l("Only a sign"),
    "quarantine": _l("To quarantine"),
    "reject": _l("Turn away"),
    "loyalty": _l("To customer care"),
}
_PARAMS: Mapping[str, tuple[Any, Any]] = {
    "people": (_l("From this many people"), _l("people")),
    "minutes": (_l("Within"), _l("minutes")),
    "months": (_l("Bought within"), _l("months")),
    "km": (_l("Farther than"), _l("km")),
    "stores": (_l("From this many stores"), _l("stores")),
    "rank": (_l("From rank"), ""),
    "phones": (_l("From this many numbers"), _l("numbers")),
    "signups": (_l("From this many sign-ups"), _l("sign-ups")),
    "seconds": (_l("Within"), _l("seconds")),
    "draws": (_l("From this many draws"), _l("draws")),
    "flags": (_l("From this many signs"), _l("signs")),
}

for _code, (_title, _help) in _RULES.items():
    tell(f"rule.{_code}", _title, _help)
for _code, _text in _FAMILIES.items():
    tell(f"rule_family.{_code}", _text)
for _code, _text in _EFFECTS.items():
    tell(f"effect.{_code}", _text)
for _code, (_title, _unit) in _PARAMS.items():
    tell(f"rule_param.{_code}", _title, _unit)
