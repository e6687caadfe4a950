"""The story of a lead and the reasons of a decision, told in the reader's language. Filters of HQ's templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import ngettext

import hq.words  # noqa: F401  what this module says is registered there
from hq.leads.story import Happening
from hq.qualification.models import SignupDecision
from hq.qualification.scoring.words import bin_words, score_fact
from hq.qualification.thresholds.words import fated_words
from hq.routing.undoing import ACT_OF_LINE
from shared.contacts.names import mask_name
from shared.platform.clock import BEIJING
from shared.regions import divisions
from shared.web import formats, words
from shared.web.locale import language

_ICONS: Mapping[str, str] = {
    "signup": "writing-sign",
    "decision": "shield-check",
    "opened": "chart-bar",
    "strengthened": "chart-bar",
    "rescored": "chart-bar",
    "nurtured": "minus",
    "closed_by_grade": "minus",
    "reached": "refresh",
    "merged": "link",
    "absorbed": "link",
    "parted": "users",
    "offered": "map-pin",
    "waiting": "clock",
    "desk": "route",
    "pooled": "users",
    "pool_claimed": "hand-grab",
    "expired": "clock-exclamation",
    "breached": "clock-exclamation",
    "escalated": "alert-triangle",
    "declined": "arrow-back-up",
    "taken": "minus",
    "recalled": "arrow-back-up",
    "recycled": "arrow-back-up",
    "returned": "refresh",
    "claimed": "hand-grab",
    "closed": "x",
    "lost": "x",
    "suspected": "alert-triangle",
    "screened_out": "shield-search",
    "withdrawn": "shield-search",
    "store_claim": "hand-grab",
    "store_given": "users",
    "store_decline": "arrow-back-up",
    "store_give_back": "arrow-back-up",
    "store_reveal": "eye",
    "store_call": "phone",
    "store_message": "message",
    "store_appointment": "calendar-event",
    "store_visit": "building-store",
    "store_won": "receipt",
    "store_lost": "x",
    "won": "receipt",
    "reopened": "refresh",
    "note": "message",
    "undone": "arrow-back-up",
    "kept": "check",
    "seen": "eye",
}


def register(bp: Blueprint) -> None:
    """Give the portal's templates these filters."""
    bp.add_app_template_filter(masked_name, "mask_name")
    bp.add_app_template_filter(ACT_OF_LINE.get, "act_of_line")
    for view in (
        bin_words,
        score_fact,
        place_words,
        clock_seconds,
        story_icon,
        story_title,
        story_who,
        story_lines,
        decision_lines,
        reason_words,
        passed_words,
        fated_words,
    ):
        bp.add_app_template_filter(view, view.__name__)


def masked_name(name: str | None) -> str:
    """A name as lists show it, 陈**."""
    return mask_name(name) if name else str(_("No name"))


def place_words(place: Mapping[str, Any]) -> str:
    """A place by the name of its division, else by its position."""
    code = place.get("division_code") or place.get("code")
    division = divisions.division_of(code) if code else None
    if division is None:
        return f"{place.get('lat', 0):.3f}, {place.get('lng', 0):.3f}"
    codes = dict.fromkeys(code for code in (division.province_code, division.city_code, division.code) if code)
    return " ".join(divisions.names_of(codes).values())


def clock_seconds(when: datetime) -> str:
    """The clock in Beijing with seconds, 10:12:04."""
    return f"{when.astimezone(BEIJING):%H:%M:%S}"


def story_icon(kind: str) -> str:
    """The picture of a line of the story."""
    return _ICONS.get(kind, "check")


def story_title(happening: Happening) -> str:
    """What happened, as one sentence without a full stop."""
    details = happening.details
    if happening.kind.startswith("store_"):
        kind = words.say(f"kind.{happening.kind.removeprefix('store_')}")
        return f"{happening.where}　{_person(happening)}　{kind}"
    params = {**details, "store": happening.where or details.get("store", "")}
    if happening.kind == "undone":
        params["what"] = words.say(f"act.{details['act']}")
    if happening.kind == "decision":
        params["became"] = words.say(f"became.{details['outcome']}")
    return words.say(f"story.{happening.kind}", params)


def story_who(happening: Happening) -> str:
    """Who did it, beside the sentence; empty for machines and customers, and where the sentence says it."""
    if happening.side == "machine" or happening.kind in ("signup", "seen") or happening.kind.startswith("store_"):
        return ""
    return _person(happening)


def _person(happening: Happening) -> str:
    """A name with its role, 胡强（店长）."""
    if not happening.role:
        return happening.who
    role = words.say(f"role.{happening.role}")
    return f"{happening.who}（{role}）" if language() == "zh" else f"{happening.who} ({role})"


def story_lines(happening: Happening) -> list[str]:
    """The reasons below a line of the story."""
    details = happening.details
    if happening.kind == "signup":
        return [line for line in _signup_lines(details) if line]
    if happening.kind == "decision":
        return _step_lines(details)
    if happening.kind == "store_given":
        return [_given_line(details)]
    if happening.kind.startswith("store_"):
        return [line for line in _report_lines(happening.kind, details) if line]
    return [line for line in _event_lines(details) if line]


def decision_lines(decision: SignupDecision) -> list[str]:
    """The steps of a decision, one line each."""
    return _step_lines({**decision.steps, "rules": decision.rules})


def _signup_lines(details: Mapping[str, Any]) -> list[str]:
    where = [words.say(f"source.{details['source']}")]
    if details["touchpoint"]:
        where.append(words.say(f"touchpoint.{details['touchpoint']}"))
    said = details["interest"]
    wish = [said.get("model", "")]
    if said.get("purchase_horizon"):
        wish.append(words.say(f"horizon.{said['purchase_horizon']}"))
    if details["actions"].get("booked_test_ride"):
        wish.append(_("booked a test ride"))
    return ["　".join(dict.fromkeys(where)), "　".join(part for part in wish if part)]


def reason_words(reason: Mapping[str, Any]) -> str:
    """What screening saw; minutes that are many as hours or days, rounded up so that "within" stays true."""
    params = dict(reason)
    if "minutes" in reason:
        minutes = int(reason["minutes"])
        unit = 1 if minutes < 120 else 60 if minutes < 2_880 else 1_440
        params["span"] = formats.duration(timedelta(minutes=-(-minutes // unit) * unit), language())
    return words.say(f"screen.{reason['code']}", params)


def _step_lines(steps: Mapping[str, Any]) -> list[str]:
    lines = [
        reason_words(reason) + (f"：{words.say(reason['problem'])}" if reason.get("problem") else "")
        for reason in steps.get("screening", {}).get("reasons", ())
    ]
    if not lines and "screening" in steps:
        lines.append(_("Screening found nothing"))
    if "duplicate" in steps:
        lines.append(_("The same person signed up within 24 hours and added nothing"))
    if scoring := steps.get("scoring"):
        lines += _scoring_lines(scoring, steps.get("thresholds"))
    if rules := steps.get("rules"):
        lines.append(_versions(rules))
    return lines


def _scoring_lines(scoring: Mapping[str, Any], fated: Mapping[str, Any] | None) -> list[str]:
    told = {"points": scoring["points"], "grade": scoring["grade"], "chance": formats.percent(scoring["probability"])}
    if "threshold" in scoring:  # of the time when a scorecard said itself how many points a store takes
        told["threshold"] = scoring["threshold"]
        return [
            ngettext(
                "%(points)s point, grade %(grade)s, chance %(chance)s; the threshold is %(threshold)s",
                "%(points)s points, grade %(grade)s, chance %(chance)s; the threshold is %(threshold)s",
                scoring["points"],
                **told,
            )
        ]
    lines = [
        ngettext(
            "%(points)s point, grade %(grade)s, chance %(chance)s",
            "%(points)s points, grade %(grade)s, chance %(chance)s",
            scoring["points"],
            **told,
        )
    ]
    return [*lines, fated_words(fated, scoring["grade"])] if fated else lines


def _versions(rules: Mapping[str, Any]) -> str:
    told = {name: f"v{rules.get(name, '?')}" for name in ("screening", "scorecard", "thresholds")}
    if "thresholds" not in rules:
        return str(_("Rules: screening %(screening)s, scorecard %(scorecard)s", **told))
    return str(_("Rules: screening %(screening)s, scorecard %(scorecard)s, thresholds %(thresholds)s", **told))


def _report_lines(kind: str, details: Mapping[str, Any]) -> list[str]:
    family = {"store_decline": "decline", "store_lost": "lost"}.get(kind, "outcome")
    result = words.say(f"{family}.{details['result']}") if details["result"] else ""
    note = f"「{details['note']}」" if details["note"] and language() == "zh" else details["note"]
    following = ""
    if details["next_at"]:
        following = _("Next step %(when)s", when=f"{details['next_at'].astimezone(BEIJING):%m-%d %H:%M}")
    return [result, note, following]


def _given_line(details: Mapping[str, Any]) -> str:
    how = words.say(f"given_how.{details['how']}")
    if details["to"] is None:
        return str(_("To everybody at the store, %(how)s", how=how))
    return str(_("To %(name)s, %(how)s", name=details["to"], how=how))


def _event_lines(details: Mapping[str, Any]) -> list[str]:
    lines = [details["note"]] if details.get("note") else []
    if details.get("code"):
        lines.append(words.say(f"why.{details['code']}", details))
    if details.get("fate") and details.get("grade"):
        lines.append(fated_words(details, details["grade"]))
    if details.get("due") and details.get("kind"):
        due = formats.exact(datetime.fromisoformat(details["due"]))
        lines.append(words.say(f"due_at.{details['kind']}", {"when": due}))
    if details.get("km") is not None:
        lines.append(_("%(far)s away", far=formats.kilometres(details["km"], language())))
    lines += [_candidate(each) for each in details.get("considered", ()) if each.get("why_not")]
    lines += [reason_words(reason) for reason in details.get("reasons", ()) if "code" in reason]
    return lines


def passed_words(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Why one store was passed over, from its code."""
    family = "passed" if words.knows(f"passed.{code}") else "why"
    weighs = (params or {}).get("weighs") or {}
    told = [words.say(f"weighs.{name}", {"km": formats.number(km)}) for name, km in weighs.items()]
    return words.say(f"{family}.{code}", {**(params or {}), "weighs": told})


def _candidate(each: Mapping[str, Any]) -> str:
    name = each.get("name") or each.get("code", "")
    far = f"　{formats.kilometres(each['km'], language())}" if each.get("km") is not None else ""
    why = passed_words(each["why_not"], each)
    return str(_("Not %(store)s%(far)s: %(why)s", store=name, far=far, why=why))
