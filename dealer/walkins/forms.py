"""Somebody who came in or called: three things first, the rest if there is time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, Length, Optional

from shared.dealers.models import Store
from shared.platform.errors import Invalid
from shared.regions.divisions import names_of
from shared.signups.models import CONSENT_WAYS
from shared.signups.submission import BUDGETS, BY_HAND, HORIZONS, VEHICLES
from shared.walkins.service import Entry
from shared.web import vocabulary
from shared.web.forms import KoiForm, at_most, choices, required, stripped

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOTE = 200


def one_line(value: Any) -> Any:
    """A filter: text without control characters and space around it."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else value


def _of(family: str, codes: Sequence[str]) -> list[SelectChoice]:
    told = dict(vocabulary.choices(family))
    return choices(*((code, told[code]) for code in codes))


def _vehicles() -> list[SelectChoice]:
    return [*choices(("", _l("Not asked"))), *_of("vehicle", VEHICLES)]


def _budgets() -> list[SelectChoice]:
    told = ((code, _l("%(range)s yuan", range=code)) for code in BUDGETS)
    return choices(("", _l("Not asked")), *told)


class WalkInForm(KoiForm):
    """What the store writes down. The consent is never ticked beforehand (PIPL art. 14)."""

    walk_in_id = HiddenField()
    words = HiddenField()  # the consent text as this form showed it
    phone = StringField(_l("Mobile number"), filters=[stripped], validators=[Length(max=64)])
    name = StringField(_l("What to call them"), filters=[one_line], validators=[at_most(64)])
    horizon = RadioField(
        _l("When do they want to buy"), choices=lambda: _of("horizon", HORIZONS), validators=[Optional()]
    )
    touchpoint = RadioField(
        _l("How they came"), choices=lambda: _of("touchpoint", BY_HAND), default=BY_HAND[0], validators=[AnyOf(BY_HAND)]
    )
    agreed = BooleanField()
    how = RadioField(_l("How they agreed"), choices=lambda: _of("consent_how", CONSENT_WAYS), default=CONSENT_WAYS[0])
    store = SelectField(_l("Store"), validators=[required()], validate_choice=False)
    model = StringField(_l("Which vehicle"), filters=[one_line], validators=[at_most(64)])
    district = StringField(_l("Where they live"), filters=[one_line], validators=[at_most(64)])
    vehicle = SelectField(_l("Rides now"), choices=_vehicles, default="")
    budget = SelectField(_l("Budget"), choices=_budgets, default="")
    note = TextAreaField(_l("Note"), filters=[stripped], validators=[at_most(_NOTE)])

    def entry(self, stores: Sequence[Store]) -> Entry:
        """What the form says.

        Raises:
            Invalid: the form was tampered with, or the store is gone.
        """
        store = next((one for one in stores if str(one.store_id) == self.store.data), None)
        if store is None:
            raise Invalid(field="store")
        interest = {
            "model": self.model.data,
            "purchase_horizon": self.horizon.data,
            "current_vehicle": self.vehicle.data,
            "budget": self.budget.data,
        }
        return Entry(
            walk_in_id=_uuid(self.walk_in_id.data),
            store_id=store.store_id,
            touchpoint=self.touchpoint.data,
            phone=self.phone.data or "",
            name=self.name.data or "",
            note=self.note.data or "",
            words=self.words.data if self.agreed.data else None,
            how=self.how.data,
            region=_region(store, self.district.data),
            interest={name: value for name, value in interest.items() if value},
        )


def _region(store: Store, district: str | None) -> dict[str, str]:
    if not district:
        return {}
    province = next(iter(names_of({store.province_code}).values()), None) if store.province_code else None
    return {"province": province, "city": district} if province else {"city": district}


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Invalid(field="walk_in_id") from None
