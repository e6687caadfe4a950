"""Thresholds as pages show them: fates by grade, campaigns with fates of their own, and the bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.qualification.thresholds.rules import GRADES, Bar, By, Fate, Fates, Thresholds
from hq.qualification.thresholds.words import chance_words
from shared.web import words
from shared.web.words import tell

for _code, _text in {
    "stores": _l("To stores"),
    "nurture": _l("Nurture"),
    "close": _l("Close"),
}.items():
    tell(f"fate.{_code}", _text)
for _code, _both in {
    "none": (_l("The grade alone decides"), ""),
    "chance": (
        _l("Only from a least chance of buying"),
        _l("Whose grade goes to stores, but whose chance is smaller, is nurtured."),
    ),
    "capacity": (
        _l("As many as stores can take"),
        _l(
            "Every night at 2:30 the least chance is found at which as many people pass as stores can take in the next"
            " seven days, by their limits and opening days and by who signed up lately."
        ),
    ),
}.items():
    tell(f"bar_by.{_code}", *_both)


@dataclass(frozen=True, slots=True)
class Row:
    """Fates by grade: everywhere (`campaign` is empty), or of one campaign."""

    campaign: str
    fates: Fates


@dataclass(frozen=True, slots=True)
class Told:
    """Thresholds in words."""

    rows: Sequence[Row]
    bar: str


def told(thresholds: Thresholds, names: Mapping[str, str]) -> Told:
    """Thresholds in words.

    Args:
        names: of campaigns, by key as text.
    """
    others = [Row(names.get(str(key), str(key)), fates) for key, fates in thresholds.campaigns.items()]
    return Told([Row("", thresholds.fates), *sorted(others, key=lambda row: row.campaign)], bar_words(thresholds.bar))


def bar_words(bar: Bar) -> str:
    """The bar as a sentence."""
    if bar.by is By.CHANCE and bar.least is not None:
        return str(_("Whose chance of buying is below %(least)s is nurtured.", least=chance_words(bar.least)))
    if bar.by is By.CAPACITY:
        return str(
            _(
                "As many go to stores as fill %(fill)s of what they can take; from night to night the odds at the bar"
                " change by %(step)s at most.",
                fill=f"{bar.fill}%",
                step=f"{bar.step}%",
            )
        )
    return str(_("There is no bar: the grade alone decides."))


def fates_words(fates: Fates) -> str:
    """Fates by grade in one line."""
    groups = {fate: [grade for grade in GRADES if fates[grade] is fate] for fate in Fate}
    parts = [f"{'/'.join(grades)} {words.say(f'fate.{fate}')}" for fate, grades in groups.items() if grades]
    return str(_(", ")).join(parts)


def value_words(path: Sequence[str], value: object) -> str:
    """The value of one setting (see `kinds.present`)."""
    if value is None:
        return str(_("as everywhere")) if path[0] == "campaigns" else "–"
    if path[0] == "fates":
        return words.say(f"fate.{value}")
    if path[0] == "campaigns":
        return fates_words({grade: Fate(word) for grade, word in zip(GRADES, str(value).split(), strict=True)})
    if path == ("bar", "by"):
        return words.say(f"bar_by.{value}")
    return chance_words(value) if isinstance(value, float) else f"{value}%"


def setting_words(path: Sequence[str], names: Mapping[str, str]) -> str:
    """What a setting is called."""
    if path[0] == "campaigns":
        return str(_("In “%(campaign)s”", campaign=names.get(path[1], path[1])))
    return words.say(f"rule.thresholds.{'.'.join(path)}")
