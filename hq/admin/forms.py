"""Forms of the users' and the staff's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice

from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, Role
from shared.web.forms import KoiForm, at_most, choices, required, stripped
from shared.web.words import say

_MOST_TEXT = 100_000


def _roles(roles: tuple[Role, ...]) -> list[SelectChoice]:
    return choices(*((role.value, say(f"role.{role}")) for role in roles))


class HqUserForm(KoiForm):
    """Somebody new at headquarters."""

    name = StringField(_l("Name"), filters=[stripped], validators=[required(), at_most(60)])
    login = StringField(_l("Account"), filters=[stripped], validators=[required(), at_most(120)])
    role = SelectField(_l("Role"), choices=lambda: _roles(HQ_ROLES), default=Role.OPERATOR.value)


class RoleForm(KoiForm):
    """Another role."""

    role = SelectField(_l("Role"), choices=lambda: _roles(HQ_ROLES))


class StaffRoleForm(KoiForm):
    """Another role at a dealer."""

    role = SelectField(_l("Role"), choices=lambda: _roles(DEALER_ROLES))


class LoginForm(KoiForm):
    """Another number or name to sign in with."""

    login = StringField(_l("New account"), filters=[stripped], validators=[required(), at_most(120)])


class NameForm(KoiForm):
    """A name written differently."""

    name = StringField(_l("Name"), filters=[stripped], validators=[required(), at_most(60)])


class MoveForm(KoiForm):
    """The stores that somebody works at."""

    stores = SelectMultipleField(_l("Stores"), choices=[])


class StaffForm(KoiForm):
    """Somebody new at a dealer."""

    name = StringField(_l("Name"), filters=[stripped], validators=[required(), at_most(60)])
    login = StringField(_l("Mobile number"), filters=[stripped], validators=[required(), at_most(120)])
    role = SelectField(_l("Role"), choices=lambda: _roles(DEALER_ROLES), default=Role.SALESPERSON.value)
    stores = SelectMultipleField(_l("Stores"), choices=[])


class BulkForm(KoiForm):
    """Many people: lines, or a spreadsheet that becomes lines."""

    lines = TextAreaField(_l("People, a line each"), validators=[at_most(_MOST_TEXT)])
    file = FileField(_l("Or a spreadsheet"))
