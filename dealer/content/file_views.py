"""The files behind the stores' content: pictures in the sizes of the pages, posters, videos."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import quote
from uuid import UUID

from flask import Response, request, send_file

from content_library import posters, pulls
from content_library.on_shelf import ShelfLine
from content_library.renditions import MEDIA_TYPE, WIDTHS, rendition, sendable
from dealer.content.blueprint import bp, storage
from dealer.content.file_names import file_name
from dealer.content.places import line_of, poster_of, pulled, stores_of
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.web.access import requires
from shared.web.ranged import keep, send_stored


@bp.app_template_filter("poster_stamp")
def poster_stamp(line: ShelfLine) -> str:
    """Names all that stands on a poster, for addresses that browsers may keep."""
    return line.poster.key.rpartition("/")[2][:16] if line.poster else ""


@bp.get("/posters/<uuid:pull_id>/file")
@requires(Permission.CONTENT_PULL)
def poster_file(pull_id: UUID) -> Response:
    """The file that was taken, to look at or (`?save=1`) to keep."""
    pull, line = pulled(pull_id)
    if pull.kind == pulls.POSTER:
        content, ending = poster_of(line), "jpg"
    else:
        content, ending = sendable(storage(), _picture(line)), "png" if _picture(line).endswith("png") else "jpg"
    _stores, store = stores_of()
    response = send_file(
        BytesIO(content),
        mimetype="image/png" if ending == "png" else "image/jpeg",
        as_attachment="save" in request.args,
        download_name=file_name(pull.kind, store.name, line.title, ending),
    )
    return keep(response) if _is_named(line) else response


@bp.get("/<uuid:publication_id>/poster.webp")
@requires(Permission.CONTENT_READ)
def small_poster(publication_id: UUID) -> Response:
    """The store's own poster, for a list."""
    _stores, store = stores_of()
    line = line_of(publication_id, store)
    if line.poster is None:
        raise Missing(publication=str(publication_id))
    small = posters.small(storage(), line.poster.key, lambda: poster_of(line))
    response = send_file(BytesIO(small), mimetype=MEDIA_TYPE)
    return keep(response) if _is_named(line) else response


@bp.get("/<uuid:publication_id>/picture/<int:width>.webp")
@requires(Permission.CONTENT_READ)
def thumbnail(publication_id: UUID, width: int) -> Response:
    """The picture in one of the sizes that pages show; what is published never changes, so browsers keep it."""
    _stores, store = stores_of()
    line = line_of(publication_id, store)
    if width not in WIDTHS:
        raise Missing(width=width)
    return keep(send_file(BytesIO(rendition(storage(), _picture(line), width)), mimetype=MEDIA_TYPE))


@bp.get("/<uuid:publication_id>/video.mp4")
@requires(Permission.CONTENT_READ)
def video(publication_id: UUID) -> Response:
    """The video in parts, as the player asks for them; `?save=1` to keep it."""
    _stores, store = stores_of()
    line = line_of(publication_id, store)
    if line.video_key is None:
        raise Missing(publication=str(publication_id))
    response = send_stored(storage(), line.video_key, media_type="video/mp4")
    if "save" in request.args:
        name = quote(file_name("video", store.name, line.title, "mp4"))
        response.headers["Content-Disposition"] = f"attachment; filename=video.mp4; filename*=UTF-8''{name}"
    return keep(response)


def _picture(line: ShelfLine) -> str:
    if line.picture_key is None:
        raise Missing(publication=str(line.publication_id))
    return line.picture_key


def _is_named(line: ShelfLine) -> bool:
    """Whether the address names what stands on the poster."""
    return bool(line.poster) and request.args.get("v") == poster_stamp(line)
