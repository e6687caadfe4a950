"""What a store may send: copy with its own values in it, posters with its name and code, videos, scripts, links."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from content_library import (
    on_shelf,
    pulls,
    words,  # noqa: F401  teaches the codes
)
from content_library.kinds import Kind
from content_library.on_shelf import Ended, ShelfLine
from content_library.pictures import BadPicture
from dealer.content import file_views
from dealer.content.blueprint import bp
from dealer.content.finding import fitting
from dealer.content.forms import PullForm
from dealer.content.places import line_of, place, poster_of, pulled, stores_of
from shared.identity.permissions import Permission
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.web.access import requires
from shared.web.arguments import one_of
from shared.web.words import say, tell

__all__ = ["bp", "file_views"]

tell("no_store", _l("You do not work for an open store"), _l("Ask the owner or headquarters to add you to your store."))


@bp.app_template_global("new_key")
def new_key() -> UUID:
    """A key for one form: pressed twice, it counts once."""
    return new_id(g.now)


@bp.app_template_filter("took_words")
def took_words(kind: str) -> str:
    """What somebody did with it."""
    return say(f"pull.{kind}")


@bp.app_template_global("in_wechat")
def in_wechat() -> bool:
    """Whether WeChat or WeCom shows the page: they save pictures by a long press and refuse downloads."""
    agent = request.user_agent.string
    return "MicroMessenger" in agent or "wxwork" in agent


@bp.get("")
@requires(Permission.CONTENT_READ)
def index() -> ResponseReturnValue:
    """What the store may send, today's first, and what was used before."""
    stores, store = stores_of()
    there = on_shelf.on_shelf(g.session, **place(store))
    kind, text = one_of("kind", set(Kind)), request.args.get("q", "").replace("\0", "").strip()[:40]
    found = fitting(there, kind=kind, text=text)
    today, others = on_shelf.for_today(found, g.now) if not text else ([], found)
    return render_template(
        "content/index.html",
        stores=stores,
        store=store,
        kinds=[each for each in Kind if any(line.kind is each for line in there)],
        many=len(there) > 4,
        kind=kind,
        text=text,
        today=today,
        others=others,
        used=_used(store.store_id, there) if not (kind or text) else [],
    )


def _used(store_id: UUID, there: list[ShelfLine]) -> list[on_shelf.UsedLine]:
    return on_shelf.used_before(
        g.session, dealer_id=g.actor.dealer_id, store_id=store_id, user_id=g.actor.user_id, lines=there
    )


@bp.get("/<uuid:publication_id>")
@requires(Permission.CONTENT_READ)
def show(publication_id: UUID) -> ResponseReturnValue:
    """One thing to send."""
    stores, store = stores_of()
    return render_template("content/show.html", stores=stores, store=store, line=line_of(publication_id, store))


@bp.post("/<uuid:publication_id>/copy")
@requires(Permission.CONTENT_PULL)
def copy(publication_id: UUID) -> ResponseReturnValue:
    """Log that the text was taken; the browser has copied it already, or the person selects it."""
    store_id, _pull_id = _pull(publication_id, pulls.COPY)
    if "HX-Request" in request.headers:
        return render_template("content/_key.html")
    flash(_("Noted. Press and hold the text to copy it."), "ok")
    return redirect(url_for(".show", publication_id=publication_id, store=store_id), 303)


@bp.post("/<uuid:publication_id>/<any(poster, picture):kind>")
@requires(Permission.CONTENT_PULL)
def take(publication_id: UUID, kind: str) -> ResponseReturnValue:
    """Take the picture; a poster is drawn here when nobody of the store took it before."""
    _store_id, pull_id = _pull(publication_id, kind)
    return redirect(url_for(".drawn", pull_id=pull_id), 303)


@bp.post("/<uuid:publication_id>/video")
@requires(Permission.CONTENT_PULL)
def take_video(publication_id: UUID) -> ResponseReturnValue:
    """Save the video."""
    store_id, _pull_id = _pull(publication_id, pulls.VIDEO)
    return redirect(url_for(".video", publication_id=publication_id, store=store_id, save=1), 303)


@bp.get("/posters/<uuid:pull_id>")
@requires(Permission.CONTENT_PULL)
def drawn(pull_id: UUID) -> ResponseReturnValue:
    """The poster or picture that was taken, to save or send."""
    pull, line = pulled(pull_id)
    problem = None
    if pull.kind == pulls.POSTER:
        try:
            poster_of(line)
        except (Missing, BadPicture) as refusal:
            problem = refusal
    return render_template("content/poster.html", pull=pull, line=line, problem=problem)


@bp.errorhandler(Ended)
def over(ended: Ended) -> ResponseReturnValue:
    """It was here once: say so, and show the way to what can be used now."""
    return render_template("content/ended.html", ended=ended), ended.status


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
