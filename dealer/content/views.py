"""What a store may send: copy with its own values in it, and posters with its name and code."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from content_library import (
    on_shelf,
    pulls,
    words,  # noqa: F401  teaches the codes
)
from content_library.files import files
from content_library.on_shelf import Ended, ShelfLine
from content_library.pictures import thumbnail_key
from content_library.pulls import PullState
from dealer.content.file_names import poster_name
from dealer.content.forms import PullForm
from dealer.content.stores import StoreChoice, choose, own_stores
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.platform.storage import Storage
from shared.web.access import requires
from shared.web.arguments import uuid_of
from shared.web.words import tell

bp = Blueprint("content", __name__, url_prefix="/content")


@bp.app_template_global("new_key")
def new_key() -> UUID:
    """A key for one form: pressed twice, it counts once."""
    return new_id(g.now)


tell("no_store", _l("You do not work for an open store"), _l("Ask the owner or headquarters to add you to your store."))


@bp.get("")
@requires(Permission.CONTENT_READ)
def index() -> ResponseReturnValue:
    """What the store may send, today's first, and what it used before."""
    stores, store = _stores()
    place = {"dealer_id": g.actor.dealer_id, "store_id": store.store_id, "now": g.now}
    lines = on_shelf.on_shelf(g.session, **place)
    today, others = on_shelf.for_today(lines, g.now)
    return render_template(
        "content/index.html",
        stores=stores,
        store=store,
        today=today,
        others=others,
        used=on_shelf.used_before(g.session, **place),
    )


@bp.get("/<uuid:publication_id>")
@requires(Permission.CONTENT_READ)
def show(publication_id: UUID) -> ResponseReturnValue:
    """One thing to send."""
    stores, store = _stores()
    line = _line(publication_id, store)
    return render_template("content/show.html", stores=stores, store=store, line=line)


@bp.post("/<uuid:publication_id>/copy")
@requires(Permission.CONTENT_PULL)
def copy(publication_id: UUID) -> ResponseReturnValue:
    """Log that the text was taken; the browser has copied it already, or the person selects it."""
    store_id, _pull_id = _pull(publication_id, pulls.COPY)
    if "HX-Request" in request.headers:
        return "", 204
    flash(_("Noted. Press and hold the text to copy it."), "ok")
    return redirect(url_for(".show", publication_id=publication_id, store=store_id), 303)


@bp.post("/<uuid:publication_id>/poster")
@requires(Permission.CONTENT_PULL)
def poster(publication_id: UUID) -> ResponseReturnValue:
    """Have the store's poster drawn."""
    _store_id, pull_id = _pull(publication_id, pulls.POSTER)
    return redirect(url_for(".drawn", pull_id=pull_id), 303)


@bp.get("/posters/<uuid:pull_id>")
@requires(Permission.CONTENT_PULL)
def drawn(pull_id: UUID) -> ResponseReturnValue:
    """The poster; while it is being drawn, a page that looks again by itself."""
    pull = _pulled(pull_id)
    template = "content/_poster.html" if "HX-Request" in request.headers else "content/poster.html"
    return render_template(template, pull=pull)


@bp.get("/posters/<uuid:pull_id>/file")
@requires(Permission.CONTENT_PULL)
def poster_file(pull_id: UUID) -> ResponseReturnValue:
    """The poster's file, to look at or (`?save=1`) to keep."""
    _pulled(pull_id)
    key = pulls.poster_key(g.session, pull_id=pull_id, actor=g.actor)
    title, store = pulls.names_of(g.session, pull_id=pull_id, actor=g.actor)
    return send_file(
        BytesIO(_storage().get(key)),
        mimetype="image/jpeg",
        as_attachment="save" in request.args,
        download_name=poster_name(store, title),
    )


@bp.get("/<uuid:publication_id>/thumbnail")
@requires(Permission.CONTENT_READ)
def thumbnail(publication_id: UUID) -> ResponseReturnValue:
    """The picture, small."""
    _all, store = _stores()
    line = _line(publication_id, store)
    if line.picture_key is None:
        raise Missing(publication=str(publication_id))
    return send_file(BytesIO(_storage().get(thumbnail_key(line.picture_key))), mimetype="image/jpeg")


@bp.errorhandler(Ended)
def over(ended: Ended) -> ResponseReturnValue:
    """It was here once: say so, and show the way to what can be used now."""
    return render_template("content/ended.html", ended=ended), ended.status


@bp.after_request
def show_the_reason(response: Response) -> Response:
    """A waiting page that asks for its poster in vain (it was withdrawn, the sign-in ended) loads itself anew."""
    if request.endpoint == "content.drawn" and "HX-Request" in request.headers and response.status_code >= 400:
        response.headers["HX-Refresh"] = "true"
    return response


def _stores() -> tuple[list[StoreChoice], StoreChoice]:
    stores = own_stores(g.session, actor=g.actor)
    return stores, choose(stores, uuid_of("store"))


def _line(publication_id: UUID, store: StoreChoice) -> ShelfLine:
    return _on_shelf(publication_id, store.store_id)


def _pulled(pull_id: UUID) -> PullState:
    """A pull of something that may still be used: a poster that was withdrawn is shown no more."""
    pull = pulls.state(g.session, pull_id=pull_id, actor=g.actor)
    _on_shelf(pull.publication_id, pull.store_id)
    return pull


def _on_shelf(publication_id: UUID, store_id: UUID) -> ShelfLine:
    dealer_id = g.actor.dealer_id
    return on_shelf.shelf_item(
        g.session, dealer_id=dealer_id, store_id=store_id, publication_id=publication_id, now=g.now
    )


def _pull(publication_id: UUID, kind: str) -> tuple[UUID, UUID]:
    on_shelf.has_been_given(g.session, actor=g.actor, publication_id=publication_id)
    store_id, request_key = PullForm().checked()
    pull_id = pulls.pull(
        g.session,
        store_id=store_id,
        publication_id=publication_id,
        kind=kind,
        request_key=request_key,
        actor=g.actor,
        now=g.now,
    )
    return store_id, pull_id


def _storage() -> Storage:
    return files(current_app.extensions["koi_settings"].var)
