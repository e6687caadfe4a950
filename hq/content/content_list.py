"""The list of content: a gallery that can be read as rows too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, true
from sqlalchemy.orm import Session

from content_library import reach
from content_library.gallery import SHOWS, AssetLine, Gallery, fits
from content_library.kinds import Kind
from content_library.models import Asset, AssetVersion
from shared.identity.permissions import Permission
from shared.web.tables import Act, Choice, Column, Dates, InCampaign, Search, Table, View
from shared.web.tables.filters import Values
from shared.web.words import later, listing, say

_GALLERY: Final = Gallery(func.now())
_NAMED: Final = 3
_MANY: Final = {
    "province": _l("%(first)s and others, %(num)s provinces"),
    "city": _l("%(first)s and others, %(num)s cities"),
    "dealer": _l("%(first)s and others, %(num)s dealers"),
    "store": _l("%(first)s and others, %(num)s stores"),
    "campaign": _l("%(first)s and others, %(num)s campaigns"),
}
_PLACES: Final = {
    "live": _l("In use"),
    "planned": _l("Planned"),
    "draft": _l("Waiting for approval"),
    "approved": _l("Approved"),
    "off": _l("Off the shelf"),
    "archived": _l("Archive"),
}


@dataclass(frozen=True, slots=True)
class ContentLine:
    """An asset in the list, and in words for whom it is."""

    asset: AssetLine
    audience: str

    @property
    def state(self) -> str:
        """In words: what its newest version waits for, else whether stores have it."""
        asset = self.asset
        if asset.archived_at is not None:
            return str(_PLACES["archived"])
        if asset.status in ("draft", "approved"):
            return say(f"version.{asset.status}")
        if asset.live_version is not None:
            return str(_PLACES["live"])
        return str(_PLACES["planned"]) if asset.starts_at else str(_PLACES["off"])


def audience_words(kind: str, codes: Sequence[str], names: Mapping[str, str]) -> str:
    """Whom a publication is for: names while they are few, else a count. A code without a name stands for itself."""
    if kind == "all":
        return str(_("All stores"))
    if len(codes) <= _NAMED:
        return listing(names.get(code, code) for code in codes)
    return str(_MANY[kind]) % {"first": names.get(codes[0], codes[0]), "num": len(codes)}


def _lines(session: Session, rows: Sequence[Any]) -> list[ContentLine]:
    assets = _GALLERY.lines(session, rows)
    names = reach.names(session, [(each.audience, each.codes) for each in assets if each.audience])
    return [
        ContentLine(each, audience_words(each.audience, each.codes, names) if each.audience else "") for each in assets
    ]


def _put_away(values: Mapping[str, Values]) -> ColumnElement[bool]:
    """What is in the archive shows only where somebody asks for it."""
    return true() if "show" in values else Asset.archived_at.is_(None)


CONTENT = Table(
    name="content",
    title=_l("Content"),
    unit=lambda number, shown: ngettext(
        "%(count)s piece of content", "%(count)s pieces of content", number, count=shown
    ),
    permission=Permission.CONTENT_READ,
    query=_GALLERY.query,
    always=_put_away,
    key=Asset.asset_id,
    sort="-changed",
    size=48,
    cells="content/cells.html",
    cards="card",
    address=lambda line: url_for("content.show", asset_id=line.asset.asset_id),
    lines=_lines,
    columns=(
        Column("title", _l("Title"), sort=Asset.title, head=True, text=lambda line: line.asset.title),
        Column("kind", _l("Kind"), sort=Asset.kind, text=lambda line: say(f"kind.{line.asset.kind}")),
        Column("state", _l("State"), cell="state", text=lambda line: line.state),
        Column("version", _l("Version"), number=True, text=lambda line: line.asset.version),
        Column("live", _l("Version in use"), number=True, shown=False, text=lambda line: line.asset.live_version),
        Column("audience", _l("For whom"), text=lambda line: line.audience),
        Column("until", _l("Ends"), when=True, text=lambda line: line.asset.live_until),
        Column("starts", _l("Starts"), when=True, shown=False, text=lambda line: line.asset.starts_at),
        Column("campaign", _l("Campaign"), shown=False, text=lambda line: line.asset.campaign),
        Column("stores", _l("Stores that have it"), number=True, text=lambda line: line.asset.stores),
        Column("used_by", _l("Stores that took it"), number=True, text=lambda line: line.asset.used_by),
        Column("pulls", _l("Taken"), number=True, shown=False, text=lambda line: line.asset.pulls),
        Column(
            "week",
            _l("Taken in 7 days"),
            number=True,
            sort=_GALLERY.week,
            descending=True,
            text=lambda line: line.asset.week,
        ),
        Column("author", _l("Author"), sort=AssetVersion.author, text=lambda line: line.asset.author),
        Column(
            "changed",
            _l("Changed last"),
            when=True,
            sort=AssetVersion.created_at,
            descending=True,
            text=lambda line: line.asset.changed_at,
        ),
    ),
    filters=(
        Choice("kind", _l("Kind"), [(kind.value, later(f"kind.{kind}")) for kind in Kind], Asset.kind.in_, many=True),
        Choice("show", _l("State"), [(name, _PLACES[name]) for name in SHOWS], _GALLERY.stands),
        InCampaign(Asset.campaign_id),
        Dates("changed", _l("Changed last"), AssetVersion.created_at),
    ),
    search=Search(_l("Title, text or author"), words=fits),
    views=(View("all", _l("All")), *(View(name, _PLACES[name], f"show={name}") for name in SHOWS)),
    acts=(
        Act(
            "archive",
            _l("Put into the archive"),
            endpoint="content.archive_many",
            permission=Permission.CONTENT_APPROVE,
        ),
    ),
    empty=(
        _l("No content yet"),
        _l("Write a text, add a picture, approve it and publish it: every store gets it with its own name and code."),
    ),
)
