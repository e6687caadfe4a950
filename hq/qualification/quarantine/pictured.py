"""A case as its page draws it: who shares what, and when they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from hq.qualification.quarantine.case import Case, Suspect
from hq.qualification.quarantine.picture import Person, Picture, draw
from hq.qualification.quarantine.rings import Shared
from hq.qualification.quarantine.words import masked_ip
from shared.contacts.names import mask_name


class Moment(NamedTuple):
    """A sign-up on the line of time: `x` percent of its length; `kind` as in the picture."""

    x: float
    kind: str


def picture(case: Case) -> Picture:
    """Who shares what."""
    people = [_person(each) for each in (*case.people, *case.near)]
    return draw(people, case.ties, {shared: _words(shared) for shared in case.ties})


def moments(case: Case) -> Sequence[Moment]:
    """When everybody signed up, from the first to the last of the ring."""
    began, span = case.ring.began, (case.ring.ended - case.ring.began).total_seconds()
    return [
        Moment(100 * (at - began).total_seconds() / span if span else 50.0, _kind(each))
        for each in case.people
        for at in each.times
        if case.ring.began <= at <= case.ring.ended
    ]


def _person(each: Suspect) -> Person:
    name = mask_name(each.name) if each.name else str(_("No name"))
    return Person(
        each.person,
        _kind(each),
        f"{name} {each.phone or ''}".strip(),
        url_for("signups.show", signup_id=each.signup_id),
    )


def _kind(each: Suspect) -> str:
    if each.near:
        return "bystander"
    return "lead" if each.lead_id else "stopped"


def _words(shared: Shared) -> str:
    return masked_ip(str(shared.value[0])) if shared.kind == "address" else ""
