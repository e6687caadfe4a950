"""The forms of signing in and of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo

from shared.identity.passwords import LONGEST
from shared.web.forms import KoiForm, at_most, choices, required, stripped


class SignInForm(KoiForm):
    """Login and password; `next` is where to go then."""

    login = StringField(_l("Account"), filters=[stripped], validators=[required(), at_most(120)])
    password = PasswordField(_l("Password"), validators=[required(), at_most(LONGEST)])
    next = HiddenField()


class NewPasswordForm(KoiForm):
    """A first password."""

    password = PasswordField(_l("New password"), validators=[required()])
    again = PasswordField(
        _l("New password again"), validators=[required(), EqualTo("password", _l("The two passwords differ"))]
    )


class ChangePasswordForm(KoiForm):
    """Another password, with the present one."""

    old = PasswordField(_l("Present password"), validators=[required()])
    password = PasswordField(_l("New password"), validators=[required()])
    again = PasswordField(
        _l("New password again"), validators=[required(), EqualTo("password", _l("The two passwords differ"))]
    )


class LanguageForm(KoiForm):
    """The language of one's pages."""

    locale = SelectField(_l("Language"), choices=choices(("zh", "中文"), ("en", "English")))


class PhoneCodeForm(KoiForm):
    """A phone and the code that was sent to it. `use` makes the same form sent twice one use of the code."""

    phone = StringField(_l("Mobile number"), filters=[stripped], validators=[required(), at_most(40)])
    code = StringField(_l("Code from the message"), filters=[stripped], validators=[at_most(12)])
    use = HiddenField()
    next = HiddenField()


class ForgottenForm(PhoneCodeForm):
    """A new password, with a code."""

    password = PasswordField(_l("New password"))
    again = PasswordField(_l("New password again"), validators=[EqualTo("password", _l("The two passwords differ"))])


class NewPhoneForm(PhoneCodeForm):
    """Another number to sign in with, with the code sent there and the present password."""

    old = PasswordField(_l("Present password"))
