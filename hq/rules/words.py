"""Words for rules: the kinds, their states and settings, what is different, and what the life of rules refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.admin.audit_words import actor_words
from hq.qualification.scoring.words import bin_words, fact_words
from hq.qualification.screening import words as _screening  # noqa: F401  teaches what its rules are called
from hq.rules import difference, kinds, settings, threshold_words
from hq.rules.difference import Change
from shared.web import formats, words
from shared.web.counted import Counted
from shared.web.words import tell

_KIND: Mapping[str, tuple[Any, Any]] = {
    "screening": (_l("Screening"), _l("Whether a sign-up looks like a person: reject, quarantine, flag or let pass.")),
    "scorecard": (
        _l("Scorecard"),
        _l("How likely somebody buys: points and grades."),
    ),
    "thresholds": (_l("Thresholds"), _l("What becomes of a scored sign-up: to a store, into nurture, or closed.")),
    "routing": (_l("Routing"), _l("Which store gets a lead, how long it has, and when the next one gets it.")),
}
_STATE: Mapping[str, Any] = {
    "draft": _l("Draft"),
    "active": _l("In force"),
    "retired": _l("Was in force"),
    "discarded": _l("Discarded"),
}
_SETTING: Mapping[str, Any] = {
    "scorecard.base_points": _l("Points that everybody begins with"),
    "scorecard.base_odds": _l("Sales for every person who does not buy, at these points"),
    "scorecard.double_odds": _l("Points that double the odds"),
    "scorecard.grades.A": _l("Least points of grade A"),
    "scorecard.grades.B": _l("Least points of grade B"),
    "scorecard.grades.C": _l("Least points of grade C"),
    "thresholds.fates.A": _l("Grade A"),
    "thresholds.fates.B": _l("Grade B"),
    "thresholds.fates.C": _l("Grade C"),
    "thresholds.fates.D": _l("Grade D"),
    "thresholds.bar.by": _l("Bar"),
    "thresholds.bar.least": _l("Least chance of buying"),
    "thresholds.bar.fill": _l("Part of what stores can take that is filled"),
    "thresholds.bar.step": _l("Most change of the odds at the bar from night to night"),
    "routing.strategy": _l("How leads are given out"),
    "routing.several_stores": _l("Stores that get a lead at once, where several do"),
    "routing.counts": _l("What counts against a store's leads of the day"),
    "routing.max_km": _l("Farthest store, in a straight line"),
    "routing.max_hops": _l("Stores that may let a lead go before headquarters looks"),
    "routing.sla_minutes": _l("Time to claim a lead (opening hours)"),
    "routing.sla_by_grade.A": _l("Time to claim a lead of grade A (opening hours)"),
    "routing.sla_by_grade.B": _l("Time to claim a lead of grade B (opening hours)"),
    "routing.sla_by_grade.C": _l("Time to claim a lead of grade C (opening hours)"),
    "routing.first_contact_minutes": _l("Time from the claim to the first follow-up (opening hours)"),
    "routing.first_contact_by_grade.A": _l("Time to the first follow-up, grade A (opening hours)"),
    "routing.first_contact_by_grade.B": _l("Time to the first follow-up, grade B (opening hours)"),
    "routing.first_contact_by_grade.C": _l("Time to the first follow-up, grade C (opening hours)"),
    "routing.idle_minutes": _l("Time from one follow-up to the next (opening hours)"),
    "routing.idle_by_grade.A": _l("Time from one follow-up to the next, grade A (opening hours)"),
    "routing.idle_by_grade.B": _l("Time from one follow-up to the next, grade B (opening hours)"),
    "routing.idle_by_grade.C": _l("Time from one follow-up to the next, grade C (opening hours)"),
    "routing.plan_days": _l("A planned call puts the next follow-up off by at most"),
    "routing.visit_days": _l("A booked visit puts the next follow-up off by at most"),
    "routing.remind_percent": _l("A store is reminded when this share of its time is over"),
    "routing.remind_minutes": _l("Instead: so long before a deadline (opening hours)"),
    "routing.owner_minutes": _l("After a missed follow-up, the dealer's owner is told in (opening hours)"),
    "routing.hq_minutes": _l("After that, headquarters is told in (opening hours)"),
    "routing.recycle_minutes": _l("After a missed follow-up, the lead is taken back in (opening hours)"),
    "routing.campaign.strategy": _l("Campaign %(code)s: how leads are given out"),
    "routing.campaign.several_stores": _l("Campaign %(code)s: stores that get a lead at once"),
    "routing.campaign.pool_km": _l("Campaign %(code)s: how far the open pool reaches"),
    "routing.campaign.pool_days": _l("Campaign %(code)s: days in the open pool before headquarters looks"),
    "routing.campaign.sla_minutes": _l("Campaign %(code)s: time to claim a lead (opening hours)"),
    "routing.campaign.first_contact_minutes": _l("Campaign %(code)s: time to the first follow-up (opening hours)"),
    "routing.campaign.idle_minutes": _l("Campaign %(code)s: time from one follow-up to the next (opening hours)"),
    "routing.after_hops": _l("Where a lead goes once as many stores have let it go"),
    "routing.pool_km": _l("Stores claim from the open pool within"),
    "routing.pool_days": _l("Time in the open pool before headquarters looks"),
    "routing.pool_cool_minutes": _l("A lead can be claimed from the open pool after"),
    "routing.pool_claims_per_day": _l("Leads that a store may claim from the open pool on a day"),
    "routing.pool_views_per_day": _l("Leads of the open pool that a store may look at on a day"),
    "routing.pool_former_days": _l("A store that let a lead go may not claim it from the open pool for"),
    "routing.pool_protect_hours": _l("After a claim from the open pool, the clock takes no lead back for"),
    "routing.price_percent": _l("How much of what its room is worth to others counts against a store"),
    "routing.km_per_hour": _l("Kilometres that an hour until a store opens is worth"),
    "routing.km_for_record": _l("Kilometres between a store that claims in time and sells, and one that never does"),
    "routing.km_when_full": _l("Kilometres between a store with all its room of the day, and one with hardly any"),
    "routing.equal_km": _l("Stores take turns that differ by no more than"),
    "routing.open_within_hours": _l("A store must open within"),
    "routing.protect_days": _l("People go back to the dealer they were with for"),
    "routing.own_dealer_stores": _l("Further stores of a dealer that had the lead, before headquarters looks"),
}
_UNIT: Mapping[str, Any] = {
    "km": _l("%(number)s km"),
    "stores": Counted("%(number)s store", "%(number)s stores", "number"),
    "minutes": _l("%(number)s min"),
    "hours": _l("%(number)s h"),
    "days": Counted("%(number)s day", "%(number)s days", "number"),
    "percent": _l("%(number)s%%"),
    "leads": Counted("%(number)s lead", "%(number)s leads", "number"),
}
_EMPTY: Mapping[str, Any] = {
    "no_limit": _l("no limit"),
    "as_others": _l("as the others"),
    "off": _l("off"),
    "as_grade": _l("as for other campaigns"),
    "never": _l("nobody is told"),
    "at_once": _l("at once"),
    "by_share": _l("by the share above"),
}
_CHOICE: Mapping[str, Any] = {
    "one": _l("To one store after the other"),
    "several": _l("To several stores at once; the first to claim has it"),
    "desk": _l("By hand, from headquarters' desk"),
    "pool": _l("By nobody: stores near the customer claim it from the open pool"),
    "to_desk": _l("To headquarters' desk"),
    "to_pool": _l("Into the open pool, then to headquarters' desk"),
    "offers": _l("What it claimed, what waits for it, and what it let go"),
    "claims": _l("What it claimed and what waits for it"),
}
_CHANGE: Mapping[str, Any] = {
    "setting": _l("%(what)s: %(old)s → %(new)s"),
    "added": _l("“%(fact)s” counts now: %(least)s to %(most)s points"),
    "gone": _l("“%(fact)s” no longer counts (it gave %(least)s to %(most)s points)"),
    "points": _l("%(fact)s, points for “%(bins)s”: %(old)s → %(new)s"),
    "points_many": _l("%(fact)s: other points in %(count)s of %(all)s combinations, by %(least)s to %(most)s"),
    "neutral": _l("%(fact)s, points that people have on average: %(old)s → %(new)s"),
    "recut": _l("%(fact)s: the bins are cut in another way, everybody gets the same points"),
    "order": _l("Only the order of the lines is different"),
}

for _code, _both in _KIND.items():
    tell(f"rules.{_code}", *_both)
for _family, _texts in (
    ("rules_state", _STATE),
    ("rule", _SETTING),
    ("rule_unit", _UNIT),
    ("rule_empty", _EMPTY),
    ("rule_choice", _CHOICE),
    ("rule_change", _CHANGE),
):
    for _code, _text in _texts.items():
        tell(f"{_family}.{_code}", _text)
tell(
    "rules_draft_moved",
    _l("%(who)s saved this draft meanwhile (%(at)s)"),
    _l("Nothing was changed. Open the draft in another window, look at what is different, and then decide."),
)
tell(
    "rules_active_moved",
    _l("Another version is in force meanwhile: %(active)s, by %(who)s (%(at)s)"),
    _l("Nothing was changed. The comparison is with that version now: look at it, and then send it again."),
)
tell(
    "rules_not_a_draft",
    _l("Version %(version)s is no draft any more"),
    _l("Somebody put it in force or discarded it. Nothing was changed; begin a new draft from it to change something."),
)
tell(
    "rules_not_to_go_back",
    _l("One cannot go back to version %(version)s"),
    _l("Only a version that was in force before, and is not now, can be taken up again. Nothing was changed."),
)
tell("rules_note", _l("Say why, in 1 to %(most)s characters"))

#: Versions that nobody at headquarters wrote.
_KOI = "system"
_NOBODY: Mapping[str, str] = {}


def who(name: str | None) -> str:
    """Who did something to rules, by name."""
    return str(_("Koi")) if name == _KOI else actor_words(name or "–")[0]


def note_words(note: str, author: str) -> str:
    """Why rules are in force; those that Koi comes with, or made itself, say so in the reader's language."""
    if author != _KOI:
        return note
    card = note.split(":")
    if card[0] == "scorecard":
        return str(_("From scorecard v%(version)s, with %(points)s as its threshold", version=card[1], points=card[2]))
    return str(_("What Koi comes with"))


def changes_words(kind: str, changes: Sequence[Change], names: Mapping[str, str] = _NOBODY) -> list[str]:
    """The differences of two versions as sentences; `names`: of campaigns, by key as text."""
    return [change_words(kind, change, names) for change in changes]


def change_words(kind: str, change: Change, names: Mapping[str, str] = _NOBODY) -> str:
    """One difference as a sentence."""
    params = dict(change.params)
    if change.code == "setting":
        path = params["path"]
        params = {
            "what": setting_words(kind, path, names),
            **{side: value_words(kind, path, params[side]) for side in _SIDES},
        }
    elif "facts" in params:
        params["fact"] = fact_words(params["facts"])
        params |= {name: _points(params[name]) for name in ("old", "new", "least", "most") if name in params}
        params["bins"] = _separator().join(_bins(change.params["facts"], params.get("bins", ())))
    return words.say(f"rule_change.{change.code}", params)


def setting_words(kind: str, path: Sequence[str], names: Mapping[str, str] = _NOBODY) -> str:
    """What a setting is called."""
    if kind == "thresholds":
        return threshold_words.setting_words(path, names)
    if kind == "screening":
        rule, name = rule_words(path[0]), path[-1]
        return rule if name in ("effect", path[0]) else f"{rule}{_separator()}{param_words(name)}"
    if path[0] == "by_campaign" and len(path) == 3:
        return words.say(f"rule.routing.campaign.{path[2]}", {"code": path[1]})
    name = ".".join(path)
    return words.say(f"rule.{kind}.{name}") if words.knows(f"rule.{kind}.{name}") else name


def rule_words(code: str) -> str:
    """What a rule of screening is called."""
    return words.say(f"rule.{code}") if words.knows(f"rule.{code}") else code


def param_words(name: str) -> str:
    """What a number of a rule of screening is called."""
    return words.say(f"rule_param.{name}")


def value_words(kind: str, path: Sequence[str], value: Any) -> str:
    """The value of a setting with its unit; nothing is what an empty field means there."""
    if kind == "thresholds":
        return threshold_words.value_words(path, value)
    if kind == "screening":
        return words.say(f"effect.{value}") if path[-1] == "effect" else measured(value, path[-1])
    asked = (*settings.ROUTING, *settings.of_campaign(path[1] if len(path) == 3 else ""))
    found = next((each for each in asked if kind == "routing" and each.path == tuple(path)), None)
    if value is None:
        return empty_words(found.empty if found else "")
    if found and found.choices:
        return words.say(f"rule_choice.{value}")
    return measured(value, found.unit if found else "")


def settings_words(kind: str, body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a body says, setting by setting (of screening: rule by rule), with what it leaves to the defaults."""
    shown = kinds.present(kind, body)
    if kind == "screening":
        return [(rule_words(code), _rule_words(said)) for code, said in shown.items()]
    return [
        (setting_words(kind, path), value_words(kind, path, value)) for path, value in difference.flat(shown).items()
    ]


def _rule_words(said: Any) -> str:
    """What a rule of screening does, and from where on."""
    if not isinstance(said, Mapping):  # the form before rules had effects
        return str(said)
    numbers = [f"{param_words(name)} {measured(value, name)}" for name, value in said.items() if name != "effect"]
    return "　".join([words.say(f"effect.{said.get('effect')}"), *numbers])


def measured(value: Any, unit: str) -> str:
    """A number with its unit; full hours as hours."""
    if not isinstance(value, int | float):
        return str(value)
    if unit == "minutes" and value % 60 == 0:
        value, unit = value // 60, "hours"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,g}"
    if words.knows(f"rule_unit.{unit}"):
        return words.say(f"rule_unit.{unit}", {"number": text})
    named = words.advise(f"rule_param.{unit}")
    return f"{text} {named}" if named else text


def empty_words(empty: str) -> str:
    """What an empty field means."""
    return words.say(f"rule_empty.{empty or 'off'}")


def unit_words(unit: str) -> str:
    """A unit by itself, as it stands behind a field."""
    if words.knows(f"rule_unit.{unit}"):
        return words.say(f"rule_unit.{unit}", {"number": ""}).strip()
    return words.advise(f"rule_param.{unit}")


def signed(points: float) -> str:
    """Points with their sign."""
    return _points(points) if points <= 0 else f"+{_points(points)}"


_SIDES = ("old", "new")


def _points(value: Any) -> str:
    return formats.number(value)


def _bins(facts: Sequence[str], bins: Sequence[Sequence[str]]) -> Iterator[str]:
    for each in bins:
        first, *second = [{"fact": fact, "bin": name} for fact, name in zip(facts, each, strict=True)]
        yield bin_words({**first, "with": second[0]} if second else first)


def _separator() -> str:
    return str(_(", "))
