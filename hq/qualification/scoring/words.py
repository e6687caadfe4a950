"""Words for scores: the facts, the bins that people fall into, and why a card is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.qualification.scoring.attributes import MISSING, OTHER
from hq.qualification.scoring.catalogue import CATALOGUE, Fact, Kind
from hq.qualification.scoring.refusals import CardRefused
from shared.web import words
from shared.web.words import tell

_FACT: Mapping[str, Any] = {
    "purchase_horizon": _l("When they want to buy"),
    "current_vehicle": _l("What they ride now"),
    "budget": _l("Budget"),
    "touchpoint": _l("Where they came in"),
    "phone_verified": _l("Phone"),
    "booked_test_ride": _l("Test ride booked"),
    "visited_store": _l("Was in the store"),
    "signups": _l("Number of sign-ups"),
    "draws": _l("Number of draws"),
    "store_km": _l("Way to the nearest store"),
    "wish_age_days": _l("Days since the latest sign-up"),
    "model": _l("Model named"),
    "source": _l("How the sign-up came to us"),
    "hour": _l("Hour of the sign-up"),
    "weekday": _l("Day of the week"),
    "scanned_store": _l("Scanned a store's code"),
    "wechat_known": _l("Known by WeChat"),
    "follow_ups": _l("Number of follow-ups"),
    "calls": _l("Calls by the store"),
    "visits": _l("Visits noted by the store"),
    "days_to_contact": _l("Days until the first contact"),
    "days_held": _l("Days at the store"),
    "stage": _l("Stage at the store"),
    "last_follow_up": _l("Last follow-up"),
    "decline_reason": _l("Why the store sent it back"),
    "lost_reason": _l("Why it was lost"),
    "contacted": _l("Contacted by the store"),
    "appointment": _l("Appointment made"),
    "test_ride_done": _l("Test ride taken"),
    "won": _l("Won"),
}
_MOMENT: Mapping[str, Any] = {
    "sign_up": _l("Known at sign-up"),
    "later": _l("Known later, from the customer"),
    "contacted": _l("Known only after the dealer's first contact"),
}

_WEEKDAY: Mapping[str, Any] = {
    "1": _l("Monday"),
    "2": _l("Tuesday"),
    "3": _l("Wednesday"),
    "4": _l("Thursday"),
    "5": _l("Friday"),
    "6": _l("Saturday"),
    "7": _l("Sunday"),
}

#: Facts whose values are codes with words elsewhere.
_FAMILIES: Mapping[str, str] = {
    "purchase_horizon": "horizon",
    "current_vehicle": "vehicle",
    "touchpoint": "touchpoint",
    "phone_verified": "verified",
    "source": "source",
    "weekday": "score_weekday",
}
_NUMBER_BIN = re.compile(r"<(?P<high>[^.<+]\S*)|(?P<low>\S+?)(?:\.\.(?P<below>\S+)|\+)")
_NEAR = "0+"  # the first step of distances, as the first form of cards named it

_REFUSED: Mapping[str, tuple[Any, Any]] = {
    "not_a_card": (_l("This is no scorecard"), _l("A card is one object with points, grades and attributes.")),
    "missing_part": (_l("The card has no “%(part)s”"), _l("Add it and save again.")),
    "unknown_part": (_l("The card has something unknown: “%(part)s”"), _l("Correct the spelling or leave it out.")),
    "not_a_list": (_l("A part of the card has the wrong form: %(field)s"), _l("Look at a card that works.")),
    "not_whole": (
        _l("Points are whole numbers, and “%(value)s” is none"),
        _l("Write a whole number such as 12 or −8."),
    ),
    "not_a_number": (_l("“%(value)s” is not a number"), _l("Bounds of bins are numbers such as 10 or 2.5.")),
    "not_positive": (_l("The points that double the odds must be 1 or more"), _l("20 is usual.")),
    "odds": (
        _l("The base odds must be a number above 0"),
        _l("Sales for every person who does not buy: 0.03 means about 3 of 100."),
    ),
    "grades": (
        _l("The grades do not fall"),
        _l("Give the least points of A, B and C, each lower than the one before. D is what is below."),
    ),
    "how_many": (_l("A card looks at 1 to %(most)s attributes"), ""),
    "duplicate": (_l("“%(fact)s” is on the card twice"), _l("Leave one of them out.")),
    "no_fact": (_l("A line of the card names no fact"), _l("Choose a fact, or leave the line out.")),
    "pair": (
        _l("Two facts together need two different facts, each with its bins"),
        _l("Choose the second fact, or make it a line with one fact."),
    ),
    "bins_missing": (_l("“%(fact)s” has no bins"), _l("Add at least one bin and one for “not told”.")),
    "points_missing": (_l("“%(fact)s” has a bin without points"), _l("Give every bin its points; 0 is possible.")),
    "missing_bin": (
        _l("“%(fact)s” needs one bin for “not told”"),
        _l("Who does not answer is neither a no nor a zero: give this one bin of its own its points."),
    ),
    "mixed_bins": (
        _l("“%(fact)s” mixes numbers and words"),
        _l("The bins of one fact are all ranges of a number, or all lists of words."),
    ),
    "gap": (
        _l("The bins of “%(fact)s” leave a gap at %(number)s"),
        _l("The first bin has no lower end, the last no upper end, and each begins where the one before ends."),
    ),
    "overlap": (
        _l("The bins of “%(fact)s” overlap"),
        _l("Each bin begins exactly where the one before ends."),
    ),
    "empty_bin": (_l("“%(fact)s” has a bin that nobody can be in"), _l("Leave it out, or correct its bounds.")),
    "word_twice": (_l("“%(word)s” is in two bins of “%(fact)s”"), _l("Leave it in one.")),
    "other_twice": (_l("“%(fact)s” has two bins for all other words"), _l("Leave it with one.")),
    "too_many_bins": (_l("“%(fact)s” has too many bins"), _l("At most %(most)s.")),
    "unknown_fact": (
        _l("There is no fact “%(fact)s”"),
        _l("Choose one of the list. Columns of an old file must be given a fact first."),
    ),
    "known_too_late": (
        _l("“%(fact)s” is known only after the dealer's first contact"),
        _l("A card may look only at what is known before; otherwise its figures are too good to be true."),
    ),
    "wrong_kind": (
        _l("The bins of “%(fact)s” do not fit what it is"),
        _l("Numbers are cut into ranges, words are listed."),
    ),
    "unknown_word": (_l("“%(word)s” is no answer to “%(fact)s”"), _l("Take one of its answers.")),
    "word_left_out": (
        _l("“%(fact)s” has no bin for “%(word)s”"),
        _l("Put it in a bin, or tick a bin for all other answers."),
    ),
}

for _family, _texts in (("fact", _FACT), ("moment", _MOMENT), ("score_weekday", _WEEKDAY)):
    for _code, _text in _texts.items():
        tell(f"{_family}.{_code}", _text)
for _code, (_title, _advice) in _REFUSED.items():
    tell(f"card_refused.{_code}", _title, _advice)


def score_fact(reason: Mapping[str, Any]) -> str:
    """What a score's reason looks at: the fact, or both of a pair; a column of a foreign file by its own name."""
    return fact_words([reason["fact"], *([reason["with"]["fact"]] if reason.get("with") else [])])


def fact_words(facts: Sequence[str]) -> str:
    """What a fact is called, or both of a pair."""
    return " × ".join(map(_named, facts))


def bin_words(reason: Mapping[str, Any]) -> str:
    """The bin of a score's reason in words."""
    told, other = _bin(reason["fact"], str(reason["bin"])), reason.get("with")
    if not other:
        return told
    return str(_("%(first)s and %(second)s", first=told, second=_bin(other["fact"], str(other["bin"]))))


def refusal_words(refusal: CardRefused) -> str:
    """Why a card is refused and what to do about it, its facts by their words."""
    params = dict(refusal.params)
    if "fact" in params:
        params["fact"] = fact_words(str(params["fact"]).split(" + "))
    return words.sentence(f"card_refused.{refusal.reason}", params)


def _named(fact: str) -> str:
    return words.say(f"fact.{fact}") if words.knows(f"fact.{fact}") else fact


def _bin(fact: str, name: str) -> str:
    known = CATALOGUE.get(fact)
    if name == MISSING:
        return str(_("not told"))
    if name == OTHER:
        return str(_("another answer"))
    if fact in _FAMILIES:
        return words.say(f"{_FAMILIES[fact]}.{name}")
    if name in ("yes", "no"):
        return str(_("yes") if name == "yes" else _("no"))
    if fact == "budget":
        return str(_("%(range)s yuan", range=name))
    found = _NUMBER_BIN.fullmatch(name) if known is None or known.kind is Kind.NUMBER else None
    return _range(known, name, found) if found else name


def _range(fact: Fact | None, name: str, found: re.Match[str]) -> str:
    """A range of numbers; of counts with both ends, as people say it."""
    low, high, below = found["low"], found["high"], found["below"]
    if fact and fact.unit == "km":
        return _kilometres(name, low, high, below)
    if high:
        return str(_("less than %(number)s", number=high))
    if not below:
        return str(_("%(number)s or more", number=low))
    if fact and low.isdigit() and below.isdigit():
        return low if int(below) - int(low) == 1 else str(_("%(low)s to %(high)s", low=low, high=int(below) - 1))
    return str(_("%(low)s to less than %(high)s", low=low, high=below))


def _kilometres(name: str, low: str | None, high: str | None, below: str | None) -> str:
    if name == _NEAR:
        return str(_("near"))
    if high:
        return str(_("under %(number)s km", number=high))
    return str(_("%(low)s to %(high)s km", low=low, high=below) if below else _("over %(number)s km", number=low))
