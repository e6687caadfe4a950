"""The gallery, and one asset with its versions, publications and pulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from content_library import diff, queries, reach, who_took
from content_library.changes import changed
from content_library.queries import VersionLine
from content_library.store_values import sample_stores
from content_library.who_took import Which
from hq.content import edit_views, picture_views, preview_views, release_views  # noqa: F401  their routes
from hq.content.blueprint import bp, values_for
from hq.content.content_list import CONTENT, audience_words
from hq.content.looking import chosen_store, paragraphs, state_of, version_of
from hq.content.previewing import store_label
from shared.identity.permissions import Permission
from shared.web import tables
from shared.web.access import requires
from shared.web.arguments import one_of

__all__ = ["bp"]

_STORES: Final = 50
_PULLS: Final = 6


tables.serve(bp, CONTENT)


@bp.get("")
@requires(Permission.CONTENT_READ)
def index() -> ResponseReturnValue:
    """Every asset, or those that somebody looks for."""
    return render_template("content/index.html", table=tables.read(CONTENT))


@bp.get("/<uuid:asset_id>")
@requires(Permission.CONTENT_READ)
def show(asset_id: UUID) -> ResponseReturnValue:
    """One asset: how a store sees it, its versions, where it is published, and who took it."""
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    publications = queries.publications(g.session, asset_id)
    code = request.args.get("store")
    stores = sample_stores(g.session, also=code)
    seen, store = version_of(versions, request.args.get("version", type=int)), chosen_store(stores, code)
    return render_template(
        "content/show.html",
        head=head,
        versions=versions,
        changes=_changes(versions),
        publications=publications,
        state="asset.archived" if head.archived_at else state_of(versions[0], publications, g.now),
        numbers=who_took.numbers(g.session, asset_id),
        pulls=queries.pulls(g.session, asset_id, limit=_PULLS),
        stores=[(each.code, store_label(each)) for each in stores],
        seen=seen,
        sample=store,
        paragraphs=paragraphs(head.kind, seen.copy_text, values_for(store, head.campaign_code)),
        names=reach.names(g.session, [(each.audience, each.audience_codes) for each in publications]),
    )


def _changes(versions: Sequence[VersionLine]) -> dict[int, tuple[str, ...]]:
    older = {each.version: each for each in versions}
    return {each.version: changed(older.get(each.version - 1), each) for each in versions}


@bp.get("/<uuid:asset_id>/compare")
@requires(Permission.CONTENT_READ)
def compare(asset_id: UUID) -> ResponseReturnValue:
    """Two versions side by side, what differs marked."""
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    new = version_of(versions, request.args.get("new", type=int))
    before = new.version - 1 if new.version > 1 else versions[0].version
    old = version_of(versions, request.args.get("old", before, type=int))
    left, right = diff.compare(old.copy_text, new.copy_text)
    return render_template(
        "content/compare.html",
        head=head,
        versions=versions,
        pair=((old, left), (new, right)),
        changes=changed(old, new),
    )


@bp.get("/<uuid:asset_id>/stores")
@requires(Permission.CONTENT_READ)
def stores(asset_id: UUID) -> ResponseReturnValue:
    """Which stores took it, how often and when, and which never did."""
    which = cast("Which", one_of("which", ("used", "never")) or "all")
    page = min(max(1, request.args.get("page", 1, int)), 10_000)
    lines, more = who_took.stores(
        g.session, asset_id, which=which, text=_text(), offset=(page - 1) * _STORES, limit=_STORES
    )
    return render_template(
        "content/stores.html",
        head=queries.head(g.session, asset_id),
        numbers=who_took.numbers(g.session, asset_id),
        which=which,
        text=_text(),
        lines=lines,
        page=page,
        more=more,
    )


bp.add_app_template_global(audience_words, "audience_words")


def _text() -> str:
    return " ".join(request.args.get("text", "").replace("\0", "").split())[:60]
