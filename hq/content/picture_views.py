"""Pictures, videos, and a version's poster as a store would get it."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Response, g, request, send_file

from content_library import poster, posters, queries
from content_library.places import from_json
from content_library.renditions import MEDIA_TYPE, WIDTHS, rendition
from content_library.store_values import sample_stores
from hq.content.blueprint import bp, poster_facts_for, storage
from hq.content.looking import chosen_store
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web.access import requires
from shared.web.ranged import keep, send_stored

_VERSION = "/<uuid:asset_id>/versions/<int(min=1, max=99999):version>"


@bp.get(f"{_VERSION}/picture")
@requires(Permission.CONTENT_READ)
def picture(asset_id: UUID, version: int) -> Response:
    """The picture as it was uploaded."""
    key, media_type = queries.picture_of(g.session, asset_id, version)
    return keep(send_file(BytesIO(storage().get(key)), mimetype=media_type))


@bp.get(f"{_VERSION}/picture/<int:width>.webp")
@requires(Permission.CONTENT_READ)
def thumbnail(asset_id: UUID, version: int, width: int) -> Response:
    """The picture in one of the sizes that pages show; a version never changes, so browsers keep it."""
    if width not in WIDTHS:
        raise Missing(width=width)
    key, _media_type = queries.picture_of(g.session, asset_id, version)
    return keep(send_file(BytesIO(rendition(storage(), key, width)), mimetype=MEDIA_TYPE))


@bp.get(f"{_VERSION}/video.mp4")
@requires(Permission.CONTENT_READ)
def video(asset_id: UUID, version: int) -> Response:
    """The video, in parts as the player asks for them."""
    key = queries.video_of(g.session, asset_id, version)
    return keep(send_stored(storage(), key, media_type="video/mp4"))


@bp.get(f"{_VERSION}/poster")
@requires(Permission.CONTENT_READ)
def poster_preview(asset_id: UUID, version: int) -> Response:
    """The poster of the store `?store=`, drawn now and not kept."""
    code = request.args.get("store")
    store = chosen_store(sample_stores(g.session, also=code), code)
    key, _media_type = queries.picture_of(g.session, asset_id, version)
    facts = poster_facts_for(store, queries.head(g.session, asset_id).campaign_code)
    placed = from_json(queries.one_version(g.session, asset_id, version).places)
    drawn = poster.finish(posters.prepared(storage(), key), facts, placed)
    return send_file(BytesIO(drawn), mimetype="image/jpeg")
