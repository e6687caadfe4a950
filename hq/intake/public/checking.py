"""The code on the sign-up form: having one sent, and what a number counts as when the form comes back."""

from __future__ import annotations

from typing import Final

from flask import current_app, request
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hq.intake.public import device
from hq.intake.public.forms import SignupForm
from hq.intake.public.queries import CampaignPage
from shared.db.links import Busy
from shared.sms import words
from shared.sms.codes import Asker, Codes
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong
from shared.web.limits import address, limiter
from shared.web.locale import language

_PURPOSE: Final = "signup"
_PROOF_S = 3600
# Numbers that were checked are not counted: hundreds of people on the Wi-Fi of a store may sign up with a code.
_UNCHECKED = "60 per 10 minutes; 200 per day"


class Unchecked(Exception):
    """The form may not pass; its fields say why."""

    def __init__(self, status: int = 422) -> None:
        super().__init__(status)
        self.status = status


def send(form: SignupForm) -> int | None:
    """Have a code sent to the form's number.

    Returns:
        None when it is on its way, else the HTTP status of a refusal; the form's fields say what it was.
    """
    if not form.phone.validate(form, [SignupForm.validate_phone]):
        return 422
    try:
        codes().ask(
            Asker(phone=form.e164, purpose=_PURPOSE, address=request.remote_addr, device=device.known()),
            language=language(),
        )
    except (CodeTooSoon, Busy) as refusal:
        form.code.errors = [*form.code.errors, words.refusal(refusal)]
        return refusal.status
    return None


def verification(page: CampaignPage, form: SignupForm) -> str:
    """`sms` for a number whose code was typed in, `none` where the campaign allows it without.

    The form is otherwise in order: a code is used up only by a sign-up that can be taken.

    Raises:
        Unchecked: a wrong code, none where one is needed, or too many without one from this address.
    """
    if _proven(form):
        return "sms"
    if form.code.data and current_app.config["KOI_SMS"]:
        _check(form)
        form.proof.data = _signer().dumps(f"{form.e164}|{form.nonce.data}")
        return "sms"
    if page.campaign.phone_check == "required":
        form.code.errors = [*form.code.errors, _("Get a code first and write it here")]
        raise Unchecked
    _count(form)
    return "none"


def codes() -> Codes:
    """The face's codes."""
    made: Codes = current_app.extensions["koi_codes"]
    return made


def _check(form: SignupForm) -> None:
    try:
        codes().check(form.e164, _PURPOSE, form.code.data, use=form.nonce.data)
    except (CodeWrong, CodeGone) as refusal:
        form.code.errors = [*form.code.errors, words.refusal(refusal)]
        raise Unchecked from None


def _proven(form: SignupForm) -> bool:
    """Whether the code was right a moment ago and something else was wrong then."""
    try:
        proven = _signer().loads(form.proof.data or "", max_age=_PROOF_S)
    except BadSignature:
        form.proof.data = ""
        return False
    return bool(proven == f"{form.e164}|{form.nonce.data}")


def _count(form: SignupForm) -> None:
    try:
        with limiter.limit(_UNCHECKED, key_func=address, scope="unchecked"):
            return
    except RateLimitExceeded:
        form.form_errors.append(
            _("Many people signed up without a code on this network. Get a code by text message and you can go on.")
            if current_app.config["KOI_SMS"]
            else _(
                "Too many sign-ups from this network. Use mobile data instead of Wi-Fi, or try again in ten minutes."
            )
        )
        raise Unchecked(429) from None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="koi:checked")
