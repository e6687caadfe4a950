"""Pictures, their thumbnails, and a version's poster as a store would get it."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import g, request, send_file
from flask.typing import ResponseReturnValue

from content_library import poster, queries
from content_library.pictures import thumbnail_key
from content_library.store_values import sample_stores
from hq.content.blueprint import bp, poster_facts_for, storage
from hq.content.looking import chosen_store
from shared.identity.permissions import Permission
from shared.web.access import requires


@bp.get("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/picture")
@requires(Permission.CONTENT_READ)
def picture(asset_id: UUID, version: int) -> ResponseReturnValue:
    """The picture as it was uploaded."""
    key, media_type = queries.picture_of(g.session, asset_id, version)
    return send_file(BytesIO(storage().get(key)), mimetype=media_type)


@bp.get("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/thumbnail")
@requires(Permission.CONTENT_READ)
def thumbnail(asset_id: UUID, version: int) -> ResponseReturnValue:
    """A small JPEG of the picture."""
    key, _media_type = queries.picture_of(g.session, asset_id, version)
    return send_file(BytesIO(storage().get(thumbnail_key(key))), mimetype="image/jpeg")


@bp.get("/<uuid:asset_id>/versions/<int(min=1, max=99999):version>/poster")
@requires(Permission.CONTENT_READ)
def poster_preview(asset_id: UUID, version: int) -> ResponseReturnValue:
    """The poster of the store `?store=`, drawn now and not kept."""
    code = request.args.get("store")
    store = chosen_store(sample_stores(g.session, also=code), code)
    key, _media_type = queries.picture_of(g.session, asset_id, version)
    facts = poster_facts_for(store, queries.head(g.session, asset_id).campaign_code)
    return send_file(BytesIO(poster.compose(storage().get(key), facts)), mimetype="image/jpeg")
