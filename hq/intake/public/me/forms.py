"""The form that opens the page of one's own."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField
from wtforms.validators import Length, Regexp, ValidationError

from hq.intake.public.forms import PHONE_WORDS, one_line
from shared.contacts.phones import Phone, parse_phone
from shared.web.forms import KoiForm, stripped


class OpenForm(KoiForm):
    """A number and the code that was sent to it."""

    phone = StringField(_l("Mobile number"), filters=[stripped], validators=[Length(max=64)])
    code = StringField(_l("Code from the message"), filters=[one_line], validators=[Length(max=32)])
    nonce = HiddenField(validators=[Regexp(r"^[A-Za-z0-9_-]{16,64}$")])

    @classmethod
    def empty(cls) -> OpenForm:
        """A new form."""
        return cls(formdata=None, nonce=secrets.token_urlsafe(18))

    def validate_phone(self, field: Field) -> None:
        """Say in words why a number cannot be used."""
        phone = parse_phone(field.data)
        if not isinstance(phone, Phone):
            raise ValidationError(str(PHONE_WORDS[phone.code]))

    @property
    def e164(self) -> str:
        """The number, once it was found usable."""
        phone = parse_phone(self.phone.data)
        return phone.e164 if isinstance(phone, Phone) else ""
