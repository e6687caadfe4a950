"""What a campaign shows: its form, and the picture."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import current_app, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.campaigns import queries
from hq.campaigns.face_forms import FaceForm
from hq.campaigns.pictures import lightened
from hq.campaigns.views import bp
from shared.campaigns import queries as campaigns
from shared.campaigns import service
from shared.campaigns.errors import FaceFixed
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Missing
from shared.platform.ids import new_id
from shared.platform.storage import FolderStorage
from shared.web import words
from shared.web.access import requires
from shared.web.notes import done
from shared.web.words import tell

tell(
    "campaign_face_moved",
    _l("Somebody else changed this in the meantime"),
    _l("What you wrote is still here. Open the page again beside it and compare before you save."),
)
tell(
    "campaign_face_fixed",
    _l("The campaign has begun: what it promised may only get better"),
    _l("Nothing was changed. Look at the marked fields."),
)
tell("face_fixed", _l("Published before the start, so it stays as it is"))
tell("face_rules_only_longer", _l("What stands there stays; you may add something at the end"))
tell("face_prizes_only_more", _l("Prizes may become more or worthier, and new ones may follow; none may change or go"))
tell("face_check_only_looser", _l("People sign up already; it may only become easier"))


@bp.get("/<uuid:campaign_id>/face")
@requires(Permission.CAMPAIGNS_WRITE)
def edit_face(campaign_id: UUID) -> ResponseReturnValue:
    """The form."""
    sheet = queries.round_sheet(g.session, campaign_id, now=g.now)
    shown = sheet.shown
    form = FaceForm.of(shown.face, phone_check=sheet.campaign.phone_check, version=shown.version)
    return _form(sheet, form)


@bp.post("/<uuid:campaign_id>/face")
@requires(Permission.CAMPAIGNS_WRITE)
def change_face(campaign_id: UUID) -> ResponseReturnValue:
    """Put a new version in force."""
    sheet = queries.round_sheet(g.session, campaign_id, now=g.now)
    form = FaceForm()
    if not form.validate():
        return _form(sheet, form), 422
    try:
        version = _show(sheet, form)
    except DomainError as refusal:
        _mark(form, refusal)
        return _form(sheet, form), refusal.status
    done(_("Version %(version)s of the page is in force.", version=version))
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.get("/<uuid:campaign_id>/face/<int(min=1, max=99999):version>/picture")
@requires(Permission.CAMPAIGNS_READ)
def face_picture(campaign_id: UUID, version: int) -> ResponseReturnValue:
    """The picture of a version."""
    key = next(
        (each.face.picture for each in campaigns.faces_of(g.session, campaign_id) if each.version == version), ""
    )
    if not key:
        raise Missing
    return send_file(BytesIO(_storage().get(key)), mimetype="image/jpeg")


def _show(sheet: queries.CampaignSheet, form: FaceForm) -> int:
    return service.show(
        g.session,
        campaign_id=sheet.campaign.campaign_id,
        face=form.face(_picture(sheet, form)),
        phone_check=form.phone_check.data,
        seen_version=int(form.seen_version.data),
        actor=g.actor,
        now=g.now,
    )


def _picture(sheet: queries.CampaignSheet, form: FaceForm) -> str:
    """The storage key of the picture: of the one just sent, which is stored, or of the one before."""
    sent = form.picture.data
    if sent is not None:
        key = f"campaigns/{new_id(g.now)}.jpg"
        _storage().put(key, lightened(sent.read()))
        return key
    return "" if form.no_picture.data else sheet.shown.face.picture


def _mark(form: FaceForm, refusal: DomainError) -> None:
    form.refuse(refusal)
    fields = refusal.params.get("fields") if isinstance(refusal, FaceFixed) else None
    for name, code in fields.items() if isinstance(fields, dict) else ():
        form[name].errors = [*form[name].errors, words.say(code)]


def _storage() -> FolderStorage:
    return FolderStorage(current_app.extensions["koi_settings"].var / "files")


def _form(sheet: queries.CampaignSheet, form: FaceForm) -> str:
    began = sheet.state != "draft" and (sheet.campaign.starts_at is None or sheet.campaign.starts_at <= g.now)
    return render_template(
        "campaigns/face.html", sheet=sheet, form=form, began=began, sms=current_app.config["KOI_SMS"], sent=request.form
    )


__all__ = ["bp"]
