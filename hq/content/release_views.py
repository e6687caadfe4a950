"""Approving, publishing and withdrawing a version."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from content_library import queries, reach, release
from content_library.queries import VersionLine
from hq.content.blueprint import bp
from hq.content.forms import PublishForm
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid, Missing
from shared.web.access import requires
from shared.web.forms import choices


@bp.post("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/approve")
@requires(Permission.CONTENT_APPROVE)
def approve(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Release a draft for publication."""
    release.approve(g.session, asset_id=asset_id, version=version, actor=g.actor, now=g.now)
    flash(_("Version %(version)s is approved. Stores see it once it is published.", version=version), "ok")
    return redirect(url_for(".publish", asset_id=asset_id, version=version), 303)


@bp.get("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/publish")
@requires(Permission.CONTENT_APPROVE)
def publish(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Choose who gets it, and when."""
    return _page(_form(), asset_id, version)


@bp.post("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/publish")
@requires(Permission.CONTENT_APPROVE)
def put_out(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Put it on the shelves."""
    form = _form()
    if not form.validate():
        return _page(form, asset_id, version), 422
    try:
        release.publish(
            g.session, asset_id=asset_id, version=version, audience=form.chosen(g.now), actor=g.actor, now=g.now
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, asset_id, version), refusal.status
    flash(_("Version %(version)s is published.", version=version), "ok")
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.post("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/retire")
@requires(Permission.CONTENT_APPROVE)
def retire(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Take it off every shelf."""
    release.retire(g.session, asset_id=asset_id, version=version, actor=g.actor, now=g.now)
    flash(_("Version %(version)s is off the shelves.", version=version), "ok")
    return redirect(url_for(".show", asset_id=asset_id), 303)


def _form() -> PublishForm:
    form = PublishForm()
    form.provinces.choices = _groups(reach.provinces(g.session))
    form.dealers.choices = _groups(reach.dealers(g.session))
    return form


def _groups(groups: list[reach.Group]) -> list[object]:
    return list(
        choices(*((each.code, _("%(name)s, %(stores)s stores", name=each.name, stores=each.stores)) for each in groups))
    )


def _page(form: PublishForm, asset_id: UUID, version: int) -> str:
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    return render_template(
        "content/publish.html",
        form=form,
        head=head,
        version=_one(versions, version),
        in_use=[
            each
            for each in queries.publications(g.session, asset_id)
            if each.version != version and each.state_at(g.now) != "ended"
        ],
    )


def _one(versions: list[VersionLine], version: int) -> VersionLine:
    for each in versions:
        if each.version == version:
            return each
    raise Missing(version=version)
