"""What is being written, as a store would get it: the words, the poster, files that were uploaded before saving."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Response, abort, g, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from content_library import places, poster, posters, queries, staging
from content_library.pictures import MAX_BYTES
from content_library.places import Box, Places
from content_library.renditions import rendition
from content_library.staging import File
from content_library.store_values import sample_stores
from hq.content.blueprint import bp, poster_facts_for, storage
from hq.content.looking import chosen_store
from hq.content.previewing import asset_form, seen_as
from shared.campaigns import queries as campaigns
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web.access import requires
from shared.web.arguments import uuid_of
from shared.web.ranged import keep, send_stored


@bp.post("/preview/copy")
@requires(Permission.CONTENT_WRITE)
def preview_copy() -> ResponseReturnValue:
    """The text being written, as a store would send it."""
    return render_template("content/_copy.html", **seen_as(asset_form(g.session), None, None))


@bp.post("/preview")
@requires(Permission.CONTENT_WRITE)
def preview() -> ResponseReturnValue:
    """All that is being made, as a store would get it."""
    form = asset_form(g.session)
    asset_id, newest = uuid_of("asset"), None
    if asset_id is not None:
        form.kind.data = queries.head(g.session, asset_id).kind.value
        newest = queries.versions(g.session, asset_id)[0]
    return render_template("content/_preview.html", form=form, **seen_as(form, asset_id, newest))


@bp.get("/preview/poster.jpg")
@requires(Permission.CONTENT_WRITE)
def preview_poster() -> ResponseReturnValue:
    """A poster that nobody saved yet, drawn now and not kept."""
    code = request.args.get("store")
    store = chosen_store(sample_stores(g.session, also=code), code)
    campaign = campaigns.by_id(g.session, wanted) if (wanted := uuid_of("campaign")) else None
    facts = poster_facts_for(store, campaign.code if campaign else None)
    top = posters.prepared(storage(), _picture_key())
    return send_file(BytesIO(poster.finish(top, facts, _places(top.height))), mimetype="image/jpeg")


def _picture_key() -> str:
    file = staging.staged(g.session, uuid_of("file"), use="picture", actor=g.actor)
    if file is not None:
        return file.key
    asset_id = uuid_of("asset")
    if asset_id is None:
        raise Missing
    return queries.picture_of(g.session, asset_id, request.args.get("version", 0, int))[0]


def _places(height: int) -> Places | None:
    """The places in the address; None where they cannot be used: the form says why when it is saved."""
    code = _box("code")
    if request.args.get("layout") != "on" or code is None:
        return None
    wished = Places(code, _box("name") if "with_name" in request.args else None)
    try:
        places.check(wished, width=poster.WIDTH, height=height)
    except places.BadPlace as bad:
        if bad.params["reason"] not in {"over", "name_small", "name_outside"}:
            return None
    return wished


def _box(name: str) -> Box | None:
    numbers = [request.args.get(f"{name}_{side}", type=float) for side in ("left", "top", "width")]
    if any(number is None or not 0 <= number <= 100 for number in numbers):
        return None
    left, top, width = numbers
    return Box(left or 0, top or 0, max(width or 0, 5))


@bp.post("/files")
@requires(Permission.CONTENT_WRITE)
def upload() -> ResponseReturnValue:
    """Keep a picture or a video until the form around it is saved; the answer is for the page's script."""
    use = "video" if request.args.get("use") == "video" else "picture"
    sent = request.files.get("file")
    if sent is None:
        abort(400)
    for key in staging.sweep(g.session, now=g.now):
        storage().delete(key)
    file = _kept(use, sent.stream)  # type: ignore[arg-type]  # a file that can be read and wound back
    file_id = staging.stage(g.session, file, use=use, actor=g.actor, now=g.now)
    return jsonify(id=str(file_id), width=file.width, height=file.height, seconds=file.seconds, size=file.size)


def _kept(use: str, stream: BytesIO) -> File:
    if use == "video":
        return staging.keep_video(storage(), stream, now=g.now)
    return staging.keep_picture(storage(), stream.read(MAX_BYTES + 1), now=g.now)


@bp.get("/files/<uuid:file_id>")
@requires(Permission.CONTENT_WRITE)
def staged_file(file_id: UUID) -> Response:
    """A file that this person uploaded and has not saved."""
    picture = staging.staged(g.session, file_id, use="picture", actor=g.actor)
    if picture is not None:
        return keep(send_file(BytesIO(rendition(storage(), picture.key, 480)), mimetype="image/webp"))
    video = staging.staged(g.session, file_id, use="video", actor=g.actor)
    if video is None:
        raise Missing(file=str(file_id))
    return send_stored(storage(), video.key, media_type=video.media_type)
