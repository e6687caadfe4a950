"""`/c/{code}`: a campaign's page, for a person on a phone. It works without scripts."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from io import BytesIO

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.intake.public import checking, device, queries
from hq.intake.public.checking import Unchecked
from hq.intake.public.forms import SignupForm, one_line
from hq.intake.public.queries import CampaignPage
from shared.contacts.phones import mask
from shared.db.links import Busy
from shared.platform.errors import Missing
from shared.platform.storage import FolderStorage
from shared.signups.acceptance import Accepted, Refused
from shared.signups.reception import Envelope, Reception
from shared.web.access import public
from shared.web.words import tell


class NoSuchCampaign(Missing):
    """The link names no campaign, or one that is not published."""

    code = "campaign_page_missing"


tell(
    "campaign_page_missing",
    _l("We do not know this campaign"),
    _l("The link may be incomplete. Scan the code again, or ask where you got it."),
)
bp = Blueprint("campaign", __name__, url_prefix="/c", template_folder="templates")
_STATUS = {"open": 200, "not_started": 200, "closed": 410}
_UNSEEN = frozenset({"nonce", "s", "t", "proof", "share_version", "marketing_version"})
_AGAIN_S = 60  # see the shortest of the limits for a number
_PICTURE_CACHE = "public, max-age=31536000, immutable"


@bp.get("/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    """The form; `s` (or `store`) is the code of a scanned store, `t` the touchpoint of the link."""
    scanned = request.args.get("s") or request.args.get("store")
    page = _page(code, scanned)
    came = {"s": scanned, "t": request.args.get("t")}
    form = SignupForm(formdata=None, nonce=secrets.token_urlsafe(18), **came)
    return device.remember(make_response(_answer(page, form), _STATUS[page.state]))


@bp.post("/<code>")
@public
def sign_up(code: str) -> ResponseReturnValue:
    """Take a sign-up. The form's nonce is its key: a double click or the back button makes one."""
    form = SignupForm()
    page = _page(code, form.s.data)
    if page.state != "open":
        return _answer(page, form), 409
    if not form.validate():
        if set(form.errors) <= _UNSEEN:
            form.form_errors.append(_("Something unseen in this page is no longer good. Load it again, please."))
        return _answer(page, form), 422
    try:
        result = _take(code, form, checking.verification(page, form))
    except Unchecked as refusal:
        return _answer(page, form), refusal.status
    except Busy as refusal:
        form.form_errors.append(_("Too many people at the moment. What you wrote is still here: send it once more."))
        return _answer(page, form), refusal.status
    if isinstance(result, Accepted):
        shared = int(form.version("share") is not None)
        return redirect(url_for(".done", code=code, shared=shared, s=form.s.data or None), 303)
    return _refused(result, page, form)


@bp.post("/<code>/code")
@public
def send_code(code: str) -> ResponseReturnValue:
    """Have a code sent, and show the form with all that was written; to the page's script, what it is to say."""
    form = SignupForm()
    page = _page(code, form.s.data)
    if page.state != "open":
        return _answer(page, form), 409
    status = checking.send(form)
    sent_to = mask(form.e164) if status is None else None
    if request.accept_mimetypes.best == "application/json":
        return _told(form, sent_to), status or 200
    return _answer(page, form, sent_to=sent_to), status or 200


@bp.get("/<code>/done")
@public
def done(code: str) -> ResponseReturnValue:
    """What happens next."""
    page = _page(code, request.args.get("s"))
    return render_template("campaign/done.html", page=page, shared=request.args.get("shared") == "1", again=False)


@bp.get("/<code>/rules")
@public
def rules(code: str) -> ResponseReturnValue:
    """Everything that the organiser publishes about the campaign."""
    return render_template("campaign/rules.html", page=_page(code, None))


@bp.get("/<code>/number")
@public
def number(code: str) -> ResponseReturnValue:
    """What becomes of a number."""
    return render_template("campaign/number.html", page=_page(code, None))


@bp.get("/<code>/consent/<any(marketing, share):kind>")
@public
def consent(code: str, kind: str) -> ResponseReturnValue:
    """The whole text, where it is too long for the form."""
    page = _page(code, None)
    text = page.texts.share if kind == "share" else page.texts.marketing
    return render_template("campaign/consent.html", page=page, text=text or abort(404), kind=kind)


@bp.get("/<code>/picture/<int(min=1, max=99999):version>")
@public
def picture(code: str, version: int) -> ResponseReturnValue:
    """The picture of the version in force; its address changes with the version."""
    shown = _page(code, None).shown
    if shown.version != version or not shown.face.picture:
        raise Missing
    files = FolderStorage(current_app.extensions["koi_settings"].var / "files")
    answer = send_file(BytesIO(files.get(shown.face.picture)), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = _PICTURE_CACHE
    return answer


def _page(code: str, store_code: str | None) -> CampaignPage:
    known = code.isprintable()  # a code with a NUL would reach the door, which knows no form
    found = queries.page(g.session, code, store_code=one_line(store_code), now=g.now) if known else None
    if found is None:
        raise NoSuchCampaign
    return found


def _take(code: str, form: SignupForm, verified: str) -> Accepted | Refused:
    """Store it with the one statement that the API uses too, on a connection of its own."""
    reception: Reception = current_app.extensions["koi_reception"]
    envelope = Envelope(
        token_hash=None,
        campaign_code=code,
        key=form.nonce.data,
        body=form.as_sent(),
        marketing_version=form.version("marketing"),
        share_version=form.version("share"),
    )
    said = form.submission(verified=verified, ip=request.remote_addr, user_agent=request.user_agent.string)
    return reception.take(said, envelope, now=datetime.now(UTC))


def _answer(page: CampaignPage, form: SignupForm, *, sent_to: str | None = None) -> str:
    if page.state != "open":
        return render_template("campaign/closed.html", page=page)
    sms = bool(current_app.config["KOI_SMS"])
    return render_template("campaign/form.html", page=page, form=form, sent_to=sent_to, sms=sms, wait_s=_AGAIN_S)


def _told(form: SignupForm, sent_to: str | None) -> Response:
    if sent_to is not None:
        return jsonify(said=_("Sent to %(phone)s", phone=sent_to), wait=_AGAIN_S)
    field = form.phone if form.phone.errors else form.code
    return jsonify(problem=str(field.errors[0]), field=field.name)


def _refused(refused: Refused, page: CampaignPage, form: SignupForm) -> ResponseReturnValue:
    """What a person is told: the first sign-up counts, the texts are new, or the campaign has just ended."""
    if refused.code == "key_reused":
        return render_template("campaign/done.html", page=page, shared=False, again=True), 409
    if refused.code == "consent_version_unknown":
        form.form_errors.append(_("The texts below have changed. Please read them again."))
        return _answer(page, form), 422
    return render_template("campaign/closed.html", page=page), 409
