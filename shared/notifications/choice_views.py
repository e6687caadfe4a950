"""How one wants to be told, and where; the same pages in both portals."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.contacts.phones import Phone, mask, parse_phone
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, Role
from shared.notifications import choosing, people
from shared.notifications.brand import Channel, Choices, Pace, Quiet
from shared.notifications.choosing import BadChoice
from shared.notifications.forms import MailForm, PhoneForm
from shared.notifications.kinds import Audience, kinds_of
from shared.notifications.recipients import brand_of
from shared.platform.errors import DomainError
from shared.platform.keys import SmsKeys
from shared.sms import words as sms_words
from shared.sms.codes import Asker, Codes
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong, NoMessages
from shared.web import limits, notes
from shared.web.access import requires
from shared.web.locale import language
from shared.web.words import tell

bp = Blueprint("choices", __name__, url_prefix="/account/notices")
_PER_ADDRESS = "60 per 15 minutes"
_PER_PERSON = "12 per hour"  # each may send a message that somebody pays for


def _own_key() -> str:
    return f"notices:{g.actor.user_id}"


@bp.get("")
@requires(Permission.NOTIFICATIONS_READ)
def index() -> ResponseReturnValue:
    """What is wanted by which way, when not, and where to."""
    return _page()


@bp.post("")
@requires(Permission.NOTIFICATIONS_READ)
def save() -> ResponseReturnValue:
    """Keep it."""
    row = people.look_up(g.session, g.actor)
    before = Choices.of(row.choices if row else {})
    try:
        wanted = choosing.read_choices(request.form, kinds_for(g.actor), before, brand_of(g.session))
    except BadChoice as refusal:
        return _page(refused=refusal), 422
    people.choose(g.session, wanted, actor=g.actor, now=g.now)
    notes.done(_("Saved."))
    return redirect(url_for(".index"), 303)


@bp.get("/phone")
@requires(Permission.NOTIFICATIONS_READ)
def phone() -> ResponseReturnValue:
    """The page to name a number for text messages."""
    return _address_page("phone", PhoneForm(formdata=None, use=secrets.token_urlsafe(12)))


@bp.post("/phone")
@requires(Permission.NOTIFICATIONS_READ)
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
@limits.limiter.limit(_PER_PERSON, key_func=_own_key)
def set_phone() -> ResponseReturnValue:
    """Send a code to the number, or take it over with the code."""
    form = PhoneForm()
    found = parse_phone(form.phone.data or "")
    if not isinstance(found, Phone):
        form.phone.errors = [_("Write a mobile number of 11 digits")]
        return _address_page("phone", form), 422
    try:
        return _phone_sent(form, found) if _sends() else _phone_used(form, found)
    except (CodeWrong, CodeGone, CodeTooSoon, NoMessages) as refusal:
        form.code.errors = [sms_words.refusal(refusal)]
        return _address_page("phone", form), refusal.status


@bp.get("/mail")
@requires(Permission.NOTIFICATIONS_READ)
def mail() -> ResponseReturnValue:
    """The page to name an e-mail address."""
    return _address_page("mail", MailForm(formdata=None))


@bp.post("/mail")
@requires(Permission.NOTIFICATIONS_READ)
@limits.limiter.limit(_PER_ADDRESS, key_func=limits.address)
@limits.limiter.limit(_PER_PERSON, key_func=_own_key)
def set_mail() -> ResponseReturnValue:
    """Send a code to the address, or take it over with the code."""
    form = MailForm()
    if not form.validate():
        return _address_page("mail", form), 422
    try:
        if _sends():
            if not current_app.config["KOI_MAIL"]:
                raise NoMessages
            people.ask_mail(g.session, form.mail.data or "", keys=_keys(), actor=g.actor, now=g.now)
            return _address_page("mail", form, sent_to=form.mail.data)
        left = people.prove_mail(g.session, form.code.data or "", keys=_keys(), actor=g.actor, now=g.now)
    except (CodeGone, CodeTooSoon, NoMessages) as refusal:
        form.code.errors = [sms_words.refusal(refusal)]
        return _address_page("mail", form, sent_to=form.mail.data), refusal.status
    except DomainError as refusal:
        form.refuse(refusal)
        return _address_page("mail", form), 422
    if left is not None:
        form.code.errors = [sms_words.refusal(CodeWrong(field="code", left=left))]
        return _address_page("mail", form, sent_to=form.mail.data)  # not an error: the try must be counted
    notes.done(_("E-mails go to this address from now on."))
    return redirect(url_for(".index"), 303)


@bp.post("/<any(sms, mail):way>/forget")
@requires(Permission.NOTIFICATIONS_READ)
def forget(way: str) -> ResponseReturnValue:
    """Send nothing by this way any more."""
    people.forget(g.session, Channel(way), actor=g.actor, now=g.now)
    notes.done(_("Nothing is sent there any more."))
    return redirect(url_for(".index"), 303)


def kinds_for(actor: Actor) -> tuple[str, ...]:
    """What somebody may be told of."""
    audiences: tuple[Audience, ...] = ("hq",)
    if actor.dealer_id is not None:
        audiences = ("store", "owner") if actor.role is Role.DEALER_OWNER else ("store",)
    return kinds_of(*audiences)


def _phone_sent(form: PhoneForm, found: Phone) -> ResponseReturnValue:
    if not current_app.config["KOI_SMS"]:
        raise NoMessages
    _codes().ask(Asker(phone=found.e164, purpose="notices", address=request.remote_addr), language=language())
    return _address_page("phone", form, sent_to=mask(found.e164))


def _phone_used(form: PhoneForm, found: Phone) -> ResponseReturnValue:
    _codes().check(found.e164, "notices", form.code.data or "", use=form.use.data or "")
    people.set_phone(g.session, found.e164, mask(found.e164), keys=_keys(), actor=g.actor, now=g.now)
    notes.done(_("Text messages go to %(phone)s from now on.", phone=mask(found.e164)))
    return redirect(url_for(".index"), 303)


def _page(refused: BadChoice | None = None) -> str:
    row, brand = people.look_up(g.session, g.actor), brand_of(g.session)
    choices = Choices.of(row.choices if row else {})
    return _rendered(
        "choices",
        rows=choosing.rows(kinds_for(g.actor), choices, brand),
        ways=choosing.WAYS,
        choices=choices,
        brand=brand,
        quiets=[each for each in Quiet if each is not Quiet.STORE or g.actor.dealer_id is not None],
        paces=list(Pace),
        phone=row.phone_masked if row else None,
        mail=row.mail_masked if row else None,
        refused=refused,
        clock=choosing.clock_text,
    )


def _address_page(name: str, form: PhoneForm | MailForm, *, sent_to: str | None = None) -> str:
    return _rendered(name, form=form, sent_to=sent_to)


def _rendered(name: str, **shown: Any) -> str:
    return render_template(f"notifications/{current_app.config['KOI_FACE']}/{name}.html", **shown)


def _sends() -> bool:
    return request.form.get("do") == "send"


def _codes() -> Codes:
    made: Codes = current_app.extensions["koi_codes"]
    return made


def _keys() -> SmsKeys:
    keys: SmsKeys = current_app.extensions["koi_keys"].sms
    return keys


tell("way.portal", _l("Portal"))
tell("way.sms", _l("SMS"))
tell("way.mail", _l("E-mail"))
tell("quiet.brand", _l("As headquarters decided"))
tell("quiet.store", _l("While my store is shut"))
tell("quiet.own", _l("My own hours"))
tell("quiet.never", _l("None: send at any time"))
tell("pace.at_once", _l("At once"))
tell("pace.hourly", _l("One an hour"))
tell("pace.daily", _l("One a day"))
tell("mail_address_unreadable", _l("This is not an e-mail address"))
tell("notices_choice_unreadable", _l("A time or a choice could not be read. Nothing was changed."))
