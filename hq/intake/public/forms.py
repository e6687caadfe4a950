"""The form on a campaign's page."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, Regexp, ValidationError

from shared.contacts.phones import Phone, parse_phone
from shared.regions.divisions import provinces
from shared.signups.submission import HORIZONS, TOUCHPOINTS, Submission
from shared.web import vocabulary
from shared.web.forms import KoiForm, at_most, choices, required, stripped

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AGENT_LENGTH = 1024
_NOT_SAID = frozenset({"csrf_token", "nonce", "code", "proof"})
PHONE_WORDS = {
    "phone_missing": _l("Write your mobile number"),
    "phone_length": _l("A mobile number has 11 digits. Please look at it again"),
    "phone_prefix": _l("Mobile numbers begin with 13 to 19. Please look at it again"),
    "phone_landline": _l("This is a landline number. Please give a mobile number"),
    "phone_rounded": _l("A mobile number has 11 digits. Please look at it again"),
}


def one_line(value: Any) -> Any:
    """A filter: text without control characters and space around it."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else value


def _provinces() -> list[SelectChoice]:
    return choices(("", _l("Choose a province")), *((one.name, one.name) for one in provinces()))


def _horizons() -> list[SelectChoice]:
    told = dict(vocabulary.choices("horizon")) | {"now": _l("At once")}
    return choices(*((code, told[code]) for code in HORIZONS))


class SignupForm(KoiForm):
    """What a person says. Consents are never ticked beforehand (PIPL art. 14)."""

    name = StringField(_l("What shall we call you"), filters=[one_line], validators=[at_most(64)])
    phone = StringField(_l("Mobile number"), filters=[stripped], validators=[Length(max=64)])
    code = StringField(_l("Code from the message"), filters=[one_line], validators=[Length(max=32)])
    proof = HiddenField(validators=[Length(max=400)])
    # Left out where a store was scanned, so it needs a value of its own.
    province = SelectField(_l("Province"), choices=_provinces, default="", validate_choice=True)
    city = StringField(_l("City or district"), filters=[one_line], validators=[at_most(32)])
    model = StringField(_l("Which vehicle would you like"), filters=[one_line], validators=[at_most(64)])
    horizon = RadioField(
        _l("When do you plan to buy"), choices=_horizons, validators=[Optional()], validate_choice=True
    )
    share = BooleanField()
    marketing = BooleanField()
    share_version = HiddenField(validators=[Optional(), Regexp(r"^[0-9]{1,9}$")])
    marketing_version = HiddenField(validators=[Optional(), Regexp(r"^[0-9]{1,9}$")])
    nonce = HiddenField(validators=[required(), Regexp(_NONCE)])
    s = HiddenField(filters=[one_line], validators=[Length(max=32)])
    t = HiddenField()

    def validate_phone(self, field: Field) -> None:
        """Say in words why a number cannot be used: here is somebody who can put it right."""
        phone = parse_phone(field.data)
        if not isinstance(phone, Phone):
            raise ValidationError(str(PHONE_WORDS[phone.code]))

    @property
    def e164(self) -> str:
        """The number, once it was found usable."""
        phone = parse_phone(self.phone.data)
        return phone.e164 if isinstance(phone, Phone) else ""

    def version(self, kind: str) -> int | None:
        """The version of the text that was shown, when the person agreed to it."""
        agreed, shown = self[kind].data, self[f"{kind}_version"].data
        return int(shown) if agreed and shown else None

    def submission(self, *, verified: str, ip: str | None, user_agent: str) -> Submission:
        """The form as what a person said; `verified`: see `Submission.phone_verified`."""
        region = {"province": self.province.data, "city": self.city.data}
        interest = {"model": self.model.data, "purchase_horizon": self.horizon.data}
        return Submission(
            touchpoint=self.touchpoint(),
            store_code=self.s.data or None,
            name=self.name.data or None,
            phone=self.phone.data,
            phone_verified=verified,
            ip=ip,
            user_agent=_CONTROL.sub("", user_agent)[:_AGENT_LENGTH] or None,
            region={name: value for name, value in region.items() if value},
            interest={name: value for name, value in interest.items() if value},
        )

    def touchpoint(self) -> str | None:
        """Where the person came in: what the link says, else a store's code."""
        if self.t.data in TOUCHPOINTS:
            return str(self.t.data)
        return "store_qr" if self.s.data else None

    def as_sent(self) -> bytes:
        """What a second sending with the same nonce must repeat."""
        said = (field.data for field in self if field.name not in _NOT_SAID)
        return "\0".join(str(value) for value in said).encode()
