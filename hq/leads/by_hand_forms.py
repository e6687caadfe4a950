"""The form of somebody who called or came in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, Length, Optional, Regexp

from hq.leads.by_hand import CONSENTS, Wanted
from shared.campaigns.queries import CampaignFacts
from shared.platform.clock import BEIJING
from shared.regions.resolve import resolve
from shared.signups.models import CONSENT_WAYS
from shared.signups.submission import BUDGETS, BY_HAND, HORIZONS, VEHICLES
from shared.web import vocabulary
from shared.web.forms import KoiForm, at_most, choices, required, stripped

_NOTE = 200
_NOON = time(12)


def _of(family: str, codes: Sequence[str], *, none: bool = False) -> list[SelectChoice]:
    told = dict(vocabulary.choices(family))
    first = choices(("", _l("Not asked"))) if none else []
    return [*first, *choices(*((code, told[code]) for code in codes))]


def _budgets() -> list[SelectChoice]:
    return choices(("", _l("Not asked")), *((code, _l("%(range)s yuan", range=code)) for code in BUDGETS))


def _consents() -> list[SelectChoice]:
    words = {
        "dealers": _l("Yes: a store near them may call"),
        "store": _l("Yes, but only the store named above"),
        "none": _l("No, or not asked: no store gets the number"),
    }
    return choices(*((code, words[code]) for code in CONSENTS))


class ByHandForm(KoiForm):
    """What is written down. No consent is chosen beforehand."""

    key = HiddenField(validators=[required(), Regexp(r"[A-Za-z0-9_-]{16,64}")])
    words = HiddenField()
    phone = StringField(_l("Mobile number"), filters=[stripped], validators=[Length(max=64)])
    name = StringField(_l("Name"), filters=[stripped], validators=[at_most(64)])
    touchpoint = RadioField(
        _l("How they came"),
        choices=lambda: _of("touchpoint", BY_HAND),
        default="phone_call",
        validators=[AnyOf(BY_HAND)],
    )
    campaign = SelectField(_l("Campaign"), default="", validate_choice=False)
    store = StringField(_l("Store"), filters=[stripped], validators=[at_most(60)])
    district = StringField(_l("Where they live"), filters=[stripped], validators=[at_most(80)])
    model = StringField(_l("Model"), filters=[stripped], validators=[at_most(64)])
    horizon = SelectField(
        _l("Wants to buy"), choices=lambda: _of("horizon", HORIZONS, none=True), default="", validators=[Optional()]
    )
    vehicle = SelectField(_l("Rides now"), choices=lambda: _of("vehicle", VEHICLES, none=True), default="")
    budget = SelectField(_l("Budget"), choices=_budgets, default="")
    note = TextAreaField(_l("Note"), filters=[stripped], validators=[at_most(_NOTE)])
    consent = RadioField(_l("May a store get the number?"), choices=_consents, validators=[required()])
    marketing = BooleanField(_l("Also agrees to news from the brand"))
    how = SelectField(_l("How they agreed"), choices=lambda: _of("consent_how", CONSENT_WAYS), default="spoken")
    day = DateField(_l("When"), validators=[Optional()])
    clock = TimeField(_l("At"), validators=[Optional()])

    @classmethod
    def empty(cls, now: datetime) -> ByHandForm:
        """The form as it is offered."""
        local = now.astimezone(BEIJING)
        return cls(formdata=None, key=secrets.token_urlsafe(18), day=local.date(), clock=local.time())

    def offer(self, campaigns: Sequence[CampaignFacts]) -> None:
        """Give it the campaigns to choose."""
        none = choices(("", _l("None: came or called by themselves")))
        self.campaign.choices = [*none, *choices(*((str(each.campaign_id), each.name) for each in campaigns))]

    def wanted(self) -> Wanted:
        """What the form says."""
        interest: dict[str, Any] = {
            "model": self.model.data,
            "purchase_horizon": self.horizon.data,
            "current_vehicle": self.vehicle.data,
            "budget": self.budget.data,
        }
        told = datetime.combine(self.day.data, self.clock.data or _NOON, BEIJING) if self.day.data else None
        return Wanted(
            key=self.key.data,
            campaign_id=UUID(self.campaign.data) if self.campaign.data else None,
            touchpoint=self.touchpoint.data,
            phone=self.phone.data or "",
            name=self.name.data or "",
            note=self.note.data or "",
            store=self.store.data or "",
            consent=self.consent.data or "none",
            marketing=bool(self.marketing.data),
            words=self.words.data or "",
            how=self.how.data,
            told_at=told,
            region=_region(self.district.data or ""),
            interest={name: value for name, value in interest.items() if value},
        )


def _region(text: str) -> dict[str, str]:
    """A district as people say it: `浙江省 杭州市 西湖区`, or only a part of it."""
    words = text.replace("/", " ").replace("，", " ").split()
    found = resolve(*words[:3]) if words else None
    if found is None:
        return {}
    if found.level == "county":
        return {"county_code": found.code}
    return dict(zip(("province", "city", "county"), words, strict=False))
