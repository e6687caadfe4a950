"""Words for replays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.leads.telling import reason_words
from hq.qualification.thresholds.words import fated_words
from hq.replay.models import Replay
from hq.replay.people.deciding import FATED
from hq.replay.people.tally import BECAME, IN_LEAD, STOPPED, moved
from hq.replay.routed.demand import Asked, Demand
from hq.replay.routed.outcome import Outcome
from shared.regions.divisions import provinces
from shared.web import formats, words
from shared.web.counted import Counted
from shared.web.words import tell

for _code, _text in {
    "won": _l("Sold"),
    "visited": _l("Came to the store"),
    "contacted": _l("Spoke with the store"),
    "lost": _l("Lost after a talk"),
    "invalid": _l("Sent back by a store as not real"),
    "claimed": _l("Claimed, never reached"),
    "unreached": _l("Never claimed by a store"),
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
for _code, _text in {
    "running": _l("Under way"),
    "stopped": _l("Stopped"),
    "done": _l("Done"),
}.items():
    tell(f"replay_state.{_code}", _text)
tell(
    "replay_empty",
    _l("Nobody was decided about on these days whom these rules could touch"),
    _l("Choose a period in which people signed up."),
)
tell("replay_period", _l("These days cannot be used"), _l("The first comes before the last, at most %(most)s days."))
tell("replay_no_leads", _l("No lead was opened on these days"), _l("Choose a period in which leads came."))
tell(
    "replay_no_places",
    _l("Of no active store is it known where it stands"),
    _l("Give the stores their places first, or try it on other leads."),
)
tell("replay_too_few", _l("So few are none at all"), _l("Say more times as many, or choose more days."))
tell(
    "replay_factor",
    _l("Not a number that can be used"),
    _l("Say between %(least)s and %(most)s times as many."),
)
tell(
    "replay_too_large",
    _l("%(leads)s leads are too many at once"),
    _l("At most %(most)s can be tried: choose fewer days or fewer times as many."),
)
tell(
    "replay_no_population",
    _l("The population of districts is not known"),
    _l("Bring a table of population along first, at Territories."),
)
tell("replay_same", _l("This version is in force: there is nothing to compare it with"))
tell(
    "replay_unreadable",
    _l("v%(version)s cannot be used as it is"),
    _l("It was written for another form of these rules. Open the draft, correct it and save it."),
)
tell(
    "replay_moved",
    _l("This comparison has moved on"),
    _l("It is over, or somebody stopped it. Look at the page again."),
)

for _demand, _text in {
    Demand.PAST: _l("Those that came on these days"),
    Demand.SCALED: _l("Generated: from each district so many times as many"),
    Demand.STORES: _l("Generated: from the districts where stores stand"),
    Demand.PEOPLE: _l("Generated: from all districts by population"),
}.items():
    tell(f"demand.{_demand}", _text)
for _demand, _text in {
    Demand.PAST: _l("as they came"),
    Demand.SCALED: Counted("as many from each district", "%(factor)s times as many from each district", "factor"),
    Demand.STORES: Counted(
        "as many, from where stores stand", "%(factor)s times as many, from where stores stand", "factor"
    ),
    Demand.PEOPLE: Counted("as many, by population", "%(factor)s times as many, by population", "factor"),
}.items():
    tell(f"on_demand.{_demand}", _text)

_LEAST_SALES = 0.05  # fewer look like none
_PROVINCES = {province.code[:2]: province.name for province in provinces()}


def way_words(way: str, word: str) -> str:
    """The name of a channel, a campaign, a province or a store; of nobody knows which, a dash."""
    if way == "touchpoint" and word:
        return words.say(f"touchpoint.{word}")
    if way == "store" and not word:
        return str(_("No store"))
    return _PROVINCES.get(word, "–") if way == "province" else word or "–"


def fate_reason(reason: Mapping[str, Any]) -> str:
    """Why somebody has a fate: what screening saw, or what the thresholds said."""
    return fated_words(reason, reason["grade"]) if reason["code"] == FATED else reason_words(reason)


def became_words(counts: Mapping[str, int]) -> str:
    """What became of people, the farthest first: 3 sold, 5 came to the store."""
    return words.listing(
        f"{words.say(f'past_became.{name}')} {formats.number(counts[name])}" for name in BECAME if counts.get(name)
    )


def moved_words(tally: Mapping[str, Any]) -> Sequence[tuple[str, str, int]]:
    """Fates before and after with how many people, most first."""
    found = [
        (before, after, number) for before, counts in tally["moves"].items() for after, (number,) in counts.items()
    ]
    return sorted(found, key=lambda move: (-move[2], move[0], move[1]))


def demand_words(replay: Replay) -> str:
    """On what demand routing rules are tried."""
    asked = Asked.parse(replay.asked)
    return words.say(f"on_demand.{asked.demand}", {"factor": f"{asked.factor:g}"})


def tried_words(replay: Replay) -> str:
    """What a replay came to, in one sentence."""
    if replay.kind == "routing":
        return words.listing(_routed(replay.tally)) or str(_("Not a day was routed"))
    parts = list(_parts(replay.tally))
    return words.listing(parts) if parts else str(_("Nothing changes for anybody"))


def _routed(tally: Mapping[str, Any]) -> Iterator[str]:
    if not tally:
        return
    was, would = (Outcome.of(tally[side]) for side in ("before", "after"))
    if was.mean_km is not None and would.mean_km is not None:
        far = {"before": f"{was.mean_km:.1f}", "after": f"{would.mean_km:.1f}"}
        yield str(_("%(before)s km on average before, %(after)s after", **far))
    step, said = would.same_day - was.same_day, _shown(abs(would.same_day - was.same_day))
    if step > 0:
        yield ngettext("%(count)s more goes out on its day", "%(count)s more go out on their day", step, count=said)
    if step < 0:
        yield ngettext("%(count)s fewer goes out on its day", "%(count)s fewer go out on their day", -step, count=said)
    gain = would.expected - was.expected
    if abs(gain) >= _LEAST_SALES:
        much = f"{gain:+.1f}".replace("-", "−")
        yield str(_("%(much)s sales to be expected", much=much))


def _parts(tally: Mapping[str, Any]) -> Iterator[str]:
    enter, leave, _other = moved(tally)
    stopped = sum(
        number
        for before, counts in tally.get("moves", {}).items()
        for after, (number,) in counts.items()
        if after in STOPPED and before not in STOPPED and before != IN_LEAD
    )
    if enter:
        yield ngettext("%(count)s more goes to a store", "%(count)s more go to a store", enter, count=_shown(enter))
    if leave:
        yield ngettext(
            "%(count)s no longer goes to a store", "%(count)s no longer go to a store", leave, count=_shown(leave)
        )
    if stopped:
        yield ngettext(
            "%(count)s more is stopped who would not have gone to a store",
            "%(count)s more are stopped who would not have gone to a store",
            stopped,
            count=_shown(stopped),
        )


def _shown(number: int) -> str:
    return formats.number(number)
