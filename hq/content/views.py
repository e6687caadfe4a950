"""The gallery, and one asset with its versions, publications and pulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from content_library import queries, reach
from content_library.lifecycle import VersionState
from content_library.queries import AssetLine
from content_library.store_values import sample_stores
from hq.content import edit_views, picture_views, release_views  # noqa: F401  their routes
from hq.content.blueprint import bp
from hq.content.looking import look, state_of
from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.arguments import one_of

__all__ = ["bp"]

_SHOWS: Mapping[str, Callable[[AssetLine], bool]] = {
    "live": lambda line: line.live_version is not None,
    "draft": lambda line: line.status == VersionState.DRAFT,
    "approved": lambda line: line.status == VersionState.APPROVED,
    "off": lambda line: line.live_version is None and line.status in {VersionState.PUBLISHED, VersionState.RETIRED},
}
_PULLS = 50


@bp.get("")
@requires(Permission.CONTENT_READ)
def index() -> ResponseReturnValue:
    """Every asset, or those of one state."""
    everything = queries.gallery(g.session, now=g.now)
    show = one_of("show", _SHOWS)
    return render_template(
        "content/index.html",
        lines=[line for line in everything if show is None or _SHOWS[show](line)],
        counts=_counts(everything),
        show=show,
    )


@bp.get("/<uuid:asset_id>")
@requires(Permission.CONTENT_READ)
def show(asset_id: UUID) -> ResponseReturnValue:
    """One asset: how a store sees it, its versions, where it is published, and who took it."""
    head = queries.head(g.session, asset_id)
    versions = queries.versions(g.session, asset_id)
    publications = queries.publications(g.session, asset_id)
    stores = sample_stores(g.session, also=request.args.get("store"))
    return render_template(
        "content/show.html",
        head=head,
        versions=versions,
        publications=publications,
        state=state_of(versions[0], publications, g.now),
        totals=queries.pull_totals(g.session, asset_id),
        pulls=queries.pulls(g.session, asset_id, limit=_PULLS),
        stores=stores,
        seen=look(versions, stores, version=request.args.get("version", type=int), store=request.args.get("store")),
        names={group.code: group.name for group in (*reach.provinces(g.session), *reach.dealers(g.session))},
    )


@bp.app_template_filter("audience_name")
def audience_name(code: str, names: Mapping[str, str]) -> str:
    """What the province or dealer of a publication is called; its code when it has no stores any more."""
    return names.get(code, code)


def _counts(lines: list[AssetLine]) -> dict[str, int]:
    return {name: sum(1 for line in lines if of(line)) for name, of in _SHOWS.items()}
