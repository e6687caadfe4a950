"""Writing an asset, with a preview that follows the author."""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from content_library import copy, pictures, poster, queries, service
from content_library.queries import VersionLine
from content_library.service import EditedMeanwhile
from content_library.store_values import SampleStore, sample_stores
from hq.content.blueprint import bp, poster_facts_for, storage
from hq.content.forms import AssetForm
from hq.content.looking import chosen_store
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid, Missing
from shared.web.access import requires
from shared.web.forms import choices


@bp.get("/new")
@requires(Permission.CONTENT_WRITE)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(_form())


@bp.post("")
@requires(Permission.CONTENT_WRITE)
def create() -> ResponseReturnValue:
    """Save the first version, a draft."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        asset_id = service.create(g.session, storage(), draft=form.draft(), actor=g.actor, now=g.now)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    flash(_("Saved as a draft. It reaches stores once it is approved and published."), "ok")
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.get("/<uuid:asset_id>/edit")
@requires(Permission.CONTENT_WRITE)
def edit(asset_id: UUID) -> ResponseReturnValue:
    """The newest version in the form."""
    head = queries.head(g.session, asset_id)
    newest = queries.versions(g.session, asset_id)[0]
    form = _form(
        title=head.title, campaign=str(head.campaign_id or ""), copy_text=newest.copy_text, seen=str(newest.version)
    )
    return _page(form, asset_id, newest)


@bp.post("/<uuid:asset_id>/edit")
@requires(Permission.CONTENT_WRITE)
def save(asset_id: UUID) -> ResponseReturnValue:
    """Save a version; who was overtaken sees the other's words and keeps their own."""
    form = _form()
    newest = queries.versions(g.session, queries.head(g.session, asset_id).asset_id)[0]
    if not form.validate():
        return _page(form, asset_id, newest), 422
    try:
        version = service.edit(
            g.session,
            storage(),
            asset_id=asset_id,
            seen=form.version_seen,
            draft=form.draft(),
            actor=g.actor,
            now=g.now,
        )
    except EditedMeanwhile as overtaken:
        theirs = queries.versions(g.session, asset_id)[0]
        form.seen.data = str(theirs.version)
        return _page(form, asset_id, theirs, overtaken=overtaken), overtaken.status
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, asset_id, newest), refusal.status
    flash(_("Saved as version %(version)s, a draft.", version=version), "ok")
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.post("/preview/copy")
@requires(Permission.CONTENT_WRITE)
def preview_copy() -> ResponseReturnValue:
    """The text being written, as a store would send it."""
    form, stores = _form_and_stores()
    return render_template("content/_copy.html", **_copy_seen(form, chosen_store(stores, form.store.data)))


@bp.post("/preview")
@requires(Permission.CONTENT_WRITE)
def preview() -> ResponseReturnValue:
    """Text and poster being made, as a store would get them."""
    form, stores = _form_and_stores()
    store = chosen_store(stores, form.store.data)
    drawn, problem = _drawn(form, store)
    return render_template("content/_preview.html", **_copy_seen(form, store), drawn=drawn, problem=problem)


def _form(**start: str) -> AssetForm:
    return _form_and_stores(**start)[0]


def _form_and_stores(**start: str) -> tuple[AssetForm, list[SampleStore]]:
    stores = sample_stores(g.session)
    form = AssetForm(data=start)
    form.campaign.choices = choices(
        ("", _("No campaign")), *((str(each.campaign_id), each.name) for each in all_campaigns(g.session))
    )
    form.store.choices = choices(*((each.code, each.values.store) for each in stores))
    return form, stores


def _page(
    form: AssetForm,
    asset_id: UUID | None = None,
    newest: VersionLine | None = None,
    overtaken: EditedMeanwhile | None = None,
) -> str:
    return render_template(
        "content/edit.html",
        form=form,
        asset_id=asset_id,
        newest=newest,
        overtaken=overtaken,
        variables=("门店名称", "店长", "地址"),
        **_copy_seen(form, chosen_store(sample_stores(g.session), form.store.data)),
    )


def _copy_seen(form: AssetForm, store: SampleStore) -> dict[str, object]:
    text = form.copy_text.data or ""
    problem = None
    try:
        copy.check(text)
    except copy.UnknownVariable as unknown:
        problem = unknown
    return {"pieces": copy.pieces(text, store.values), "unknown": problem}


def _drawn(form: AssetForm, store: SampleStore) -> tuple[str | None, Invalid | None]:
    """The poster as a data address, or why there is none; (None, None) without a picture."""
    try:
        picture = form.picture_bytes() or _picture_before(form)
        if picture is None:
            return None, None
        pictures.examine(picture)
    except Invalid as refusal:
        return None, refusal
    facts = poster_facts_for(store, _campaign_code(form))
    return "data:image/jpeg;base64," + b64encode(poster.compose(picture, facts)).decode(), None


def _picture_before(form: AssetForm) -> bytes | None:
    asset_id = request.args.get("asset", type=UUID)
    if asset_id is None:
        return None
    try:
        key, _type = queries.picture_of(g.session, asset_id, form.version_seen)
        return storage().get(key)
    except Missing:
        return None


def _campaign_code(form: AssetForm) -> str | None:
    wanted = form.campaign.data
    return next((each.code for each in all_campaigns(g.session) if str(each.campaign_id) == wanted), None)
