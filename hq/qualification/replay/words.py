"""Words for replays."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.regions.divisions import provinces
from shared.web import words
from shared.web.words import tell

for _code, _text in {
    "won": _l("Sold"),
    "visited": _l("Came to the store"),
    "contacted": _l("Spoke with the store"),
    "lost": _l("Lost after a talk"),
    "unreached": _l("Never reached by a store"),
    "none": _l("Never a lead"),
}.items():
    tell(f"past_became.{_code}", _text)
for _code, _text in {
    "stores": _l("Go to a store"),
    "won": _l("of these sold"),
    "visited": _l("of these came to the store"),
    "reached": _l("of these spoke with the store"),
}.items():
    tell(f"replay_figure.{_code}", _text)
tell(
    "replay_empty",
    _l("Nobody became a lead or was turned away on these days"),
    _l("Choose a period in which people signed up."),
)
tell("replay_period", _l("These days cannot be used"), _l("The first comes before the last, at most %(most)s days."))
tell("replay_same", _l("This version is in force: there is nothing to compare it with"))

_PROVINCES = {province.code[:2]: province.name for province in provinces()}


def way_words(way: str, word: str) -> str:
    """The name of a channel, a province or a store; of nobody knows which, a dash."""
    if way == "touchpoint" and word:
        return words.say(f"touchpoint.{word}")
    if way == "store" and not word:
        return str(_("No store"))
    return _PROVINCES.get(word, "–") if way == "province" else word or "–"
