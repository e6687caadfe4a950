"""Approving, publishing, changing and ending; what takes content from stores can be undone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from content_library import ending, queries, reach, release
from content_library.queries import PublicationLine, VersionLine
from hq.content.blueprint import bp
from hq.content.content_list import CONTENT
from hq.content.forms import PublishForm
from shared.identity.permissions import Permission
from shared.platform.clock import BEIJING
from shared.platform.errors import Invalid, Missing
from shared.web import tables
from shared.web.access import requires
from shared.web.forms import choices
from shared.web.notes import Undo, done

_VERSION = "/<uuid:asset_id>/versions/<int(min=1, max=99999):version>"


@bp.post(f"{_VERSION}/approve")
@requires(Permission.CONTENT_APPROVE)
def approve(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Release a draft for publication."""
    release.approve(g.session, asset_id=asset_id, version=version, actor=g.actor, now=g.now)
    done(_("Version %(version)s is approved. Stores see it once it is published.", version=version))
    return redirect(url_for(".publish", asset_id=asset_id, version=version), 303)


@bp.get(f"{_VERSION}/publish")
@requires(Permission.CONTENT_APPROVE)
def publish(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Choose who gets it, and when."""
    return _page(_form(), asset_id, version)


@bp.post(f"{_VERSION}/publish")
@requires(Permission.CONTENT_APPROVE)
def put_out(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Put it on the shelves."""
    form = _form()
    if not form.validate():
        return _page(form, asset_id, version), 422
    try:
        audience = form.chosen(g.now, stores=_written(form))
        publication_id = release.publish(
            g.session, asset_id=asset_id, version=version, audience=audience, actor=g.actor, now=g.now
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, asset_id, version), refusal.status
    stores = queries.publication(g.session, publication_id).stores
    done(
        ngettext(
            "Version %(version)s is published to %(stores)s store.",
            "Version %(version)s is published to %(stores)s stores.",
            stores,
            version=version,
            stores=stores,
        )
    )
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.get("/publications/<uuid:publication_id>")
@requires(Permission.CONTENT_APPROVE)
def publication(publication_id: UUID) -> ResponseReturnValue:
    """Change who gets it, and when."""
    line = queries.publication(g.session, publication_id)
    return _page(_form(line), line.asset_id, line.version, line)


@bp.post("/publications/<uuid:publication_id>")
@requires(Permission.CONTENT_APPROVE)
def change(publication_id: UUID) -> ResponseReturnValue:
    """Give it another audience or time."""
    line = queries.publication(g.session, publication_id)
    form = _form(line)
    if not form.validate():
        return _page(form, line.asset_id, line.version, line), 422
    try:
        audience = form.chosen(g.now, stores=_written(form), started_at=line.starts_at)
        release.change(g.session, publication_id=publication_id, audience=audience, actor=g.actor, now=g.now)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, line.asset_id, line.version, line), refusal.status
    stores = queries.publication(g.session, publication_id).stores
    back = Undo(url_for(".change_back", publication_id=publication_id), {"at": g.now.isoformat()})
    done(
        ngettext(
            "Changed: %(stores)s store has it now.", "Changed: %(stores)s stores have it now.", stores, stores=stores
        ),
        undo=back,
    )
    return redirect(url_for(".show", asset_id=line.asset_id), 303)


@bp.post("/publications/<uuid:publication_id>/back")
@requires(Permission.CONTENT_APPROVE)
def change_back(publication_id: UUID) -> ResponseReturnValue:
    """Take the last change back."""
    asset_id = release.change_back(g.session, publication_id=publication_id, at=_moment(), actor=g.actor, now=g.now)
    done(_("Audience and time are as before."))
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.post("/publications/<uuid:publication_id>/end")
@requires(Permission.CONTENT_APPROVE)
def end(publication_id: UUID) -> ResponseReturnValue:
    """Take it from the stores now."""
    asset_id = ending.end(g.session, publication_id=publication_id, actor=g.actor, now=g.now)
    done(_("Ended: stores can no longer use it."), undo=_back(asset_id))
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.post(f"{_VERSION}/retire")
@requires(Permission.CONTENT_APPROVE)
def retire(asset_id: UUID, version: int) -> ResponseReturnValue:
    """Take it off every shelf."""
    ending.retire(g.session, asset_id=asset_id, version=version, actor=g.actor, now=g.now)
    done(_("Version %(version)s is off the shelves.", version=version), undo=_back(asset_id, version))
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.post("/<uuid:asset_id>/archive")
@requires(Permission.CONTENT_APPROVE)
def archive(asset_id: UUID) -> ResponseReturnValue:
    """Put it away."""
    ending.archive(g.session, asset_id=asset_id, actor=g.actor, now=g.now)
    done(_("In the archive. No store has it any more."), undo=_back(asset_id))
    return redirect(url_for(".index"), 303)


@bp.post("/archive")
@requires(Permission.CONTENT_APPROVE)
def archive_many() -> ResponseReturnValue:
    """Put the ticked ones away."""
    picked = tables.picked(CONTENT)
    gone = ending.archive_many(g.session, asset_ids=picked.ids, actor=g.actor, now=g.now)
    text = ngettext(
        "%(num)s piece of content is in the archive. No store has it any more.",
        "%(num)s pieces of content are in the archive. No store has them any more.",
        len(gone),
    )
    done(text, undo=Undo(url_for(".unarchive_many"), {"at": g.now.isoformat()}) if gone else None)
    return redirect(picked.back, 303)


@bp.post("/unarchive")
@requires(Permission.CONTENT_APPROVE)
def unarchive_many() -> ResponseReturnValue:
    """Take those that were put away together out of the archive."""
    at = _moment()
    back = ending.archived_at(g.session, at)
    for asset_id in back:
        ending.undo(g.session, asset_id=asset_id, at=at, version=None, actor=g.actor, now=g.now)
    done(ngettext("%(num)s piece of content is as before.", "%(num)s pieces of content are as before.", len(back)))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:asset_id>/undo")
@requires(Permission.CONTENT_APPROVE)
def undo(asset_id: UUID) -> ResponseReturnValue:
    """Take back what ended it, or take it out of the archive."""
    version = request.form.get("version", type=int)
    ending.undo(g.session, asset_id=asset_id, at=_moment(), version=version, actor=g.actor, now=g.now)
    done(_("It is as before."))
    return redirect(url_for(".show", asset_id=asset_id), 303)


def _back(asset_id: UUID, version: int | None = None) -> Undo:
    fields = {"at": g.now.isoformat(), **({"version": str(version)} if version else {})}
    return Undo(url_for(".undo", asset_id=asset_id), fields)


def _moment() -> datetime:
    """When the act to be undone was done; a moment at which nothing was done where the form says none."""
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=BEIJING, year=2000)
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)


def _form(line: PublicationLine | None = None) -> PublishForm:
    form = PublishForm(data=_as_it_is(line) if line else None)
    for kind, groups in (
        ("province", reach.provinces),
        ("city", reach.cities),
        ("dealer", reach.dealers),
        ("campaign", reach.campaigns),
    ):
        form.lists[kind].choices = choices(
            *(
                (
                    each.code,
                    ngettext(
                        "%(name)s, %(stores)s store",
                        "%(name)s, %(stores)s stores",
                        each.stores,
                        name=each.name,
                        stores=each.stores,
                    ),
                )
                for each in groups(g.session)
            )
        )
    return form


def _written(form: PublishForm) -> list[str]:
    """Codes of the stores that were written down.

    Raises:
        Invalid: something written names no open store.
    """
    if form.audience.data != "store":
        return []
    codes, unknown = reach.stores(g.session, form.store_lines)
    if unknown:
        raise Invalid(field="stores", reason="unknown_stores", names=unknown[:5], count=len(unknown))
    return codes


def _as_it_is(line: PublicationLine) -> dict[str, object]:
    lists = {"province": "provinces", "city": "cities", "dealer": "dealers", "campaign": "campaigns"}
    chosen: dict[str, object] = {}
    if line.audience in lists:
        chosen = {lists[line.audience]: list(line.audience_codes)}
    elif line.audience == "store":
        names = reach.names(g.session, [("store", line.audience_codes)])
        chosen = {"stores": "\n".join(names.get(code, code) for code in line.audience_codes)}
    return {
        "audience": line.audience,
        "starts_at": line.starts_at.astimezone(BEIJING).replace(tzinfo=None),
        "ends_at": line.ends_at.astimezone(BEIJING).replace(tzinfo=None) if line.ends_at else None,
        **chosen,
    }


def _page(form: PublishForm, asset_id: UUID, version: int, line: PublicationLine | None = None) -> str:
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    return render_template(
        "content/publish.html",
        form=form,
        head=head,
        version=_one(versions, version),
        line=line,
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
