"""Campaigns, their consent texts, and the tokens of those who post sign-ups."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.campaigns import queries
from hq.campaigns.forms import CampaignForm, TextForm, TokenForm
from shared.campaigns import opening, service
from shared.campaigns import queries as campaigns
from shared.identity.permissions import Permission
from shared.platform.errors import Conflict, Invalid
from shared.signups import clients
from shared.web.access import requires
from shared.web.words import tell

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns", template_folder="templates")

tell("campaign_taken", _l("Another campaign has this code or this name"))
tell("campaign_code_unusable", _l("2 to 32 letters, digits, - or _, beginning with a letter or a digit"))
tell("campaign_period_unusable", _l("It must end after it begins"))
tell("campaign_missing", _l("There is no such campaign"), _l("Start again from the list."))
tell(
    "campaign_stands",
    _l("This campaign stands all the time"),
    _l("People belong to it who come to a store or call by themselves. It cannot be opened, ended or given a page."),
)
tell("dealers_unknown", _l("No dealer has the code %(codes)s"))
tell("consent_names_nobody", _l("The text must name at least one dealer"), _l("Import stores first."))
tell("token_taken", _l("Another token has this name"))


@bp.get("")
@requires(Permission.CAMPAIGNS_READ)
def index() -> ResponseReturnValue:
    """Every campaign and every token."""
    return _list(CampaignForm(formdata=None), TokenForm(formdata=None))


@bp.post("")
@requires(Permission.CAMPAIGNS_WRITE)
def add() -> ResponseReturnValue:
    """Make a live campaign with the usual texts."""
    form = CampaignForm()
    if not form.validate():
        return _list(form, TokenForm(formdata=None)), 422
    try:
        opened = _open(form)
    except (Conflict, Invalid) as refusal:
        form.refuse(refusal)
        return _list(form, TokenForm(formdata=None)), refusal.status
    return redirect(url_for(".show", campaign_id=opened.campaign_id), 303)


@bp.get("/<uuid:campaign_id>")
@requires(Permission.CAMPAIGNS_READ)
def show(campaign_id: UUID) -> ResponseReturnValue:
    """One campaign with its consent texts."""
    return _sheet(campaign_id, TextForm(formdata=None))


@bp.post("/<uuid:campaign_id>/texts")
@requires(Permission.CAMPAIGNS_WRITE)
def add_text(campaign_id: UUID) -> ResponseReturnValue:
    """Put a new version of a text in force."""
    queries.round_sheet(g.session, campaign_id, now=g.now)
    form = TextForm()
    if not form.validate():
        return _sheet(campaign_id, form), 422
    try:
        version = _new_text(campaign_id, form)
    except Invalid as refusal:
        form.refuse(refusal)
        return _sheet(campaign_id, form), refusal.status
    flash(_("Version %(version)s is in force.", version=version), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/<uuid:campaign_id>/close")
@requires(Permission.CAMPAIGNS_WRITE)
def close(campaign_id: UUID) -> ResponseReturnValue:
    """Take no more sign-ups."""
    service.close_campaign(g.session, campaign_id=campaign_id, actor=g.actor, now=g.now)
    flash(_("The campaign takes no more sign-ups."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/<uuid:campaign_id>/open")
@requires(Permission.CAMPAIGNS_WRITE)
def reopen(campaign_id: UUID) -> ResponseReturnValue:
    """Take sign-ups again."""
    service.open_campaign(g.session, campaign_id=campaign_id, actor=g.actor, now=g.now)
    flash(_("The campaign takes sign-ups again."), "ok")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/tokens")
@requires(Permission.TOKENS_WRITE)
def add_token() -> ResponseReturnValue:
    """Make a token and show it, once."""
    form = _with_choices(TokenForm())
    if not form.validate():
        return _list(CampaignForm(formdata=None), form), 422
    token = clients.new_token()
    only = UUID(form.campaign.data) if form.campaign.data else None
    try:
        clients.add(g.session, name=form.used_by.data, token=token, campaign_id=only, actor=g.actor, now=g.now)
    except Conflict as refusal:
        form.refuse(refusal)
        return _list(CampaignForm(formdata=None), form), refusal.status
    return render_template("campaigns/token.html", name=form.used_by.data, token=token)


@bp.post("/tokens/<uuid:client_id>/revoke")
@requires(Permission.TOKENS_WRITE)
def revoke_token(client_id: UUID) -> ResponseReturnValue:
    """Refuse a token from now on."""
    clients.revoke(g.session, client_id=client_id, actor=g.actor, now=g.now)
    flash(_("The token is refused from now on."), "ok")
    return redirect(url_for(".index"), 303)


def _open(form: CampaignForm) -> opening.Opened:
    return opening.open_with_texts(
        g.session,
        code=form.code.data,
        name=form.name.data,
        dealers=form.named(),
        brand=form.brand.data or opening.BRAND,
        starts_at=form.begin(),
        ends_at=form.end(),
        actor=g.actor,
        now=g.now,
    )


def _new_text(campaign_id: UUID, form: TextForm) -> int:
    return opening.new_text(
        g.session,
        campaign_id=campaign_id,
        kind="share" if form.kind.data == "share" else "marketing",
        dealers=form.named(),
        brand=form.brand.data or opening.BRAND,
        own=form.own(),
        actor=g.actor,
        now=g.now,
    )


def _list(form: CampaignForm, token_form: TokenForm) -> str:
    return render_template(
        "campaigns/list.html",
        lines=queries.lines(g.session, now=g.now),
        clients=clients.all_clients(g.session),
        form=form,
        token_form=_with_choices(token_form),
    )


def _with_choices(form: TokenForm) -> TokenForm:
    found = [(str(one.campaign_id), one.name) for one in campaigns.all_campaigns(g.session)]
    form.campaign.choices = [("", _("All campaigns")), *found]
    return form


def _sheet(campaign_id: UUID, form: TextForm) -> str:
    sheet = queries.sheet(g.session, campaign_id, now=g.now)
    address = f"{current_app.config['KOI_BASE_URL']}/c/{sheet.campaign.code}"
    return render_template("campaigns/show.html", sheet=sheet, address=address, form=form)
