"""Writing an asset: a new one, and the next version of one; two people may do so at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from content_library import diff, queries, service, staging
from content_library.changes import changed
from content_library.kinds import Kind
from content_library.queries import VersionLine
from content_library.service import Draft, EditedMeanwhile
from hq.content.blueprint import bp, storage
from hq.content.forms import AssetForm
from hq.content.previewing import asset_form, seen_as
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid
from shared.web.access import requires
from shared.web.arguments import one_of
from shared.web.notes import done


@bp.get("/new")
@requires(Permission.CONTENT_WRITE)
def new() -> ResponseReturnValue:
    """An empty form; a code that leads to the campaign of these days is what most posters need."""
    kind = one_of("kind", set(Kind)) or Kind.POSTER.value
    running = next((each for each in all_campaigns(g.session) if each.state_at(g.now) == "open"), None)
    return _page(asset_form(g.session, {"kind": kind, "campaign": str(running.campaign_id) if running else ""}))


@bp.post("")
@requires(Permission.CONTENT_WRITE)
def create() -> ResponseReturnValue:
    """Save the first version, a draft."""
    form = asset_form(g.session)
    if not form.validate():
        return _page(form), 422
    try:
        asset_id = service.create(g.session, storage(), draft=_draft(form), actor=g.actor, now=g.now)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    _taken(form)
    done(_("Saved as a draft. It reaches stores once it is approved and published."))
    return redirect(url_for(".show", asset_id=asset_id), 303)


@bp.get("/<uuid:asset_id>/edit")
@requires(Permission.CONTENT_WRITE)
def edit(asset_id: UUID) -> ResponseReturnValue:
    """The newest version in the form."""
    head = queries.head(g.session, asset_id)
    newest = queries.versions(g.session, asset_id)[0]
    start = {
        "kind": head.kind.value,
        "title": newest.title,
        "campaign": str(head.campaign_id or ""),
        "copy_text": newest.copy_text,
        "link": newest.link or "",
        "seen": str(newest.version),
    }
    form = asset_form(g.session, start, places=newest.places)
    return _page(form, asset_id, newest)


@bp.post("/<uuid:asset_id>/edit")
@requires(Permission.CONTENT_WRITE)
def save(asset_id: UUID) -> ResponseReturnValue:
    """Save a version; who was overtaken sees the other's words and keeps their own."""
    form = asset_form(g.session)
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    form.kind.data = head.kind.value
    if "take" in request.form:
        return _taking(form, asset_id, versions)
    if not form.validate():
        return _page(form, asset_id, versions[0]), 422
    try:
        version = service.edit(
            g.session,
            storage(),
            asset_id=asset_id,
            seen=form.version_seen,
            draft=_draft(form),
            actor=g.actor,
            now=g.now,
        )
    except EditedMeanwhile as overtaken:
        return _overtaken(form, asset_id, overtaken)
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, asset_id, versions[0]), refusal.status
    _taken(form)
    if version == form.version_seen:
        done(_("Nothing was changed, so there is no new version."))
    else:
        done(_("Saved as version %(version)s, a draft.", version=version))
    return redirect(url_for(".show", asset_id=asset_id), 303)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two people wrote at once: what the other changed, and both changes in one where they do not meet."""

    overtaken: EditedMeanwhile
    theirs: VersionLine
    before: tuple[diff.Stretch, ...]
    after: tuple[diff.Stretch, ...]
    changed: tuple[str, ...]
    merged: str | None


def _overtaken(form: AssetForm, asset_id: UUID, overtaken: EditedMeanwhile) -> ResponseReturnValue:
    versions = queries.versions(g.session, asset_id)
    base, theirs = _one(versions, form.version_seen), versions[0]
    before, after = diff.compare(base.copy_text, theirs.copy_text)
    merged = diff.merge(base.copy_text, form.copy_text.data or "", theirs.copy_text)
    if merged in {form.copy_text.data, theirs.copy_text}:
        merged = None
    clash = Clash(overtaken, theirs, before, after, changed(base, theirs), merged)
    form.base.data, form.seen.data = str(base.version), str(theirs.version)
    return _page(form, asset_id, theirs, clash), overtaken.status


def _taking(form: AssetForm, asset_id: UUID, versions: list[VersionLine]) -> ResponseReturnValue:
    """Put the other's text, or both changes in one, into the form; nothing is saved yet."""
    base, theirs = _one(versions, form.version_base), _one(versions, form.version_seen)
    mine = form.copy_text.data or ""
    if request.form["take"] == "theirs":
        form.copy_text.data = theirs.copy_text
    else:
        form.copy_text.data = diff.merge(base.copy_text, mine, theirs.copy_text) or mine
    return _page(form, asset_id, versions[0])


def _one(versions: list[VersionLine], version: int) -> VersionLine:
    return next((each for each in versions if each.version == version), versions[-1])


def _draft(form: AssetForm) -> Draft:
    """What the author hands in; files that were uploaded before count when none comes with the form.

    Raises:
        BadPlace: on the picture, but without a place for the code.
    """
    kind = form.chosen_kind
    upload = form.video.data
    return Draft(
        kind=kind,
        title=form.title.data or "",
        copy_text=form.copy_text.data or "",
        link=form.link.data or None,
        picture=form.picture_bytes(),
        picture_file=staging.staged(g.session, form.picture_id, use="picture", actor=g.actor),
        video=upload.stream if upload else None,
        video_file=staging.staged(g.session, form.video_id, use="video", actor=g.actor),
        campaign_id=form.campaign_id(),
        places=form.places() if kind is Kind.POSTER else None,
    )


def _taken(form: AssetForm) -> None:
    staging.take(g.session, [each for each in (form.picture_id, form.video_id) if each is not None])


def _page(
    form: AssetForm, asset_id: UUID | None = None, newest: VersionLine | None = None, clash: Clash | None = None
) -> str:
    return render_template(
        "content/edit.html",
        form=form,
        asset_id=asset_id,
        newest=newest,
        clash=clash,
        **seen_as(form, asset_id, newest),
    )
