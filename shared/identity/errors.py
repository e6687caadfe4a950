"""What identity refuses."""

from __future__ import annotations

from shared.platform.errors import Conflict, DomainError, Invalid


class WrongCredentials(DomainError):
    """The login or the password is wrong, or the account may not sign in: one answer for all."""

    code = "wrong_credentials"
    status = 401


class BadLogin(Invalid):
    """Not a phone, an address or a name that can be a login."""

    code = "login_unusable"


class WeakPassword(Invalid):
    """The password is easy to guess; `params["reason"]`: short, long, common, login."""

    code = "password_weak"


class WrongPassword(Invalid):
    """The present password, asked for again, is wrong."""

    code = "password_wrong"


class InviteUnusable(DomainError):
    """The link was used, replaced or is too old: one answer for all."""

    code = "invite_unusable"
    status = 410


class LoginTaken(Conflict):
    """Somebody has this login already."""

    code = "login_taken"


class LastAdministrator(Conflict):
    """Nobody would be left who can manage users."""

    code = "last_administrator"


class NotYourself(Conflict):
    """People cannot disable themselves or change their own role."""

    code = "not_yourself"


class RoleAbove(Conflict):
    """Nobody gives a role that may do more than their own."""

    code = "role_above"
