"""The gallery, and one asset with its versions, publications and pulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from content_library import diff, gallery, queries, reach, who_took
from content_library.changes import changed
from content_library.gallery import SHOWS, AssetLine, Wish
from content_library.kinds import Kind
from content_library.queries import VersionLine
from content_library.store_values import sample_stores
from content_library.who_took import Which
from hq.content import edit_views, picture_views, preview_views, release_views  # noqa: F401  their routes
from hq.content.blueprint import bp, values_for
from hq.content.looking import chosen_store, paragraphs, state_of, version_of
from hq.content.previewing import store_label
from shared.campaigns.queries import all_campaigns
from shared.identity.permissions import Permission
from shared.web.access import requires
from shared.web.arguments import one_of, uuid_of

__all__ = ["bp"]

_PAGE: Final = 48
_STORES: Final = 50
_PULLS: Final = 6
_NAMED: Final = 3


@bp.get("")
@requires(Permission.CONTENT_READ)
def index() -> ResponseReturnValue:
    """Every asset, or those that somebody looks for."""
    kind, show, text = one_of("kind", set(Kind)), one_of("show", SHOWS), _text()
    wish = Wish(kind=Kind(kind) if kind else None, campaign_id=uuid_of("campaign"), text=text)
    fitting = gallery.lines(g.session, wish=wish, now=g.now)
    found = [line for line in fitting if _belongs(line, show)]
    sort = one_of("sort", ("pulls",))
    if sort:
        found = gallery.most_taken(g.session, found, now=g.now)
    page = max(1, request.args.get("page", 1, int))
    shown = gallery.with_numbers(g.session, found[(page - 1) * _PAGE : page * _PAGE], now=g.now)
    return render_template(
        "content/index.html",
        lines=shown,
        total=len(found),
        page=page,
        pages=-(-len(found) // _PAGE),
        counts={name: sum(_belongs(line, name) for line in fitting) for name in (None, *SHOWS)},
        show=show,
        sort=sort,
        wish=wish,
        kinds=tuple(Kind),
        campaigns=all_campaigns(g.session),
        names=reach.names(g.session, [(line.audience, line.codes) for line in shown if line.audience]),
    )


def _text() -> str:
    return " ".join(request.args.get("text", "").replace("\0", "").split())[:60]


def _belongs(line: AssetLine, show: str | None) -> bool:
    return show in line.states if show else "archived" not in line.states


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


@bp.app_template_global("audience_words")
def audience_words(kind: str, codes: Sequence[str], names: Mapping[str, str]) -> str:
    """Whom a publication is for: names while they are few, else a count. A code without a name stands for itself."""
    if kind == "all":
        return str(_("All stores"))
    if len(codes) <= _NAMED:
        return "、".join(names.get(code, code) for code in codes)
    return str(_MANY[kind]) % {"first": names.get(codes[0], codes[0]), "num": len(codes)}


_MANY: Final = {
    "province": _l("%(first)s and others, %(num)s provinces"),
    "city": _l("%(first)s and others, %(num)s cities"),
    "dealer": _l("%(first)s and others, %(num)s dealers"),
    "store": _l("%(first)s and others, %(num)s stores"),
    "campaign": _l("%(first)s and others, %(num)s campaigns"),
}
