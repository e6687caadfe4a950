"""What codes refuse, as values."""

from __future__ import annotations

from shared.platform.errors import DomainError, Invalid


class CodeTooSoon(DomainError):
    """Too many codes for this number, device or address; `params["seconds"]` says how long to wait.

    `params["reason"]` is phone, device or address.
    """

    code = "sms_too_soon"
    status = 429


class CodeWrong(Invalid):
    """Not the code that was sent; `params["left"]` more tries."""

    code = "sms_code_wrong"


class CodeGone(Invalid):
    """There is no code to try: too old, used, tried too often, or never asked for. Ask for a new one."""

    code = "sms_code_gone"


class NoMessages(DomainError):
    """No gateway is set, so no code can be sent."""

    code = "sms_not_set_up"
    status = 503
