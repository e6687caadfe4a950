"""Forms of the users' and the staff's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice

from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, Role
from shared.web.forms import KoiForm, at_most, choices, required, stripped
from shared.web.words import say


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


class StaffForm(KoiForm):
    """Somebody new at a dealer."""

    name = StringField(_l("Name"), filters=[stripped], validators=[required(), at_most(60)])
    login = StringField(_l("Mobile number"), filters=[stripped], validators=[required(), at_most(120)])
    role = SelectField(_l("Role"), choices=lambda: _roles(DEALER_ROLES), default=Role.SALESPERSON.value)
    stores = SelectMultipleField(_l("Stores"), choices=[])
