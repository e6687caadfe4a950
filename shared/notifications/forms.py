"""Forms of where one is told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from shared.identity.forms import PhoneCodeForm
from shared.mail.addresses import LONGEST
from shared.web.forms import KoiForm, at_most, required, stripped


class PhoneForm(PhoneCodeForm):
    """A number for text messages and the code that was sent there."""


class MailForm(KoiForm):
    """An e-mail address and the code that was sent there."""

    mail = StringField(_l("E-mail address"), filters=[stripped], validators=[required(), at_most(LONGEST)])
    code = StringField(_l("Code from the e-mail"), filters=[stripped], validators=[at_most(12)])
