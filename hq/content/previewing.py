"""The form of an asset with its choices, and what it looks like as a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from content_library import copy, staging
from content_library.kinds import Kind
from content_library.places import Box, from_json, name_height
from content_library.poster import WIDTH, poster_height
from content_library.queries import VersionLine
from content_library.staging import File
from content_library.store_values import SampleStore, sample_stores
from content_library.type_setting import unprintable
from hq.content.blueprint import values_for
from hq.content.forms import MAX_COPY, AssetForm
from hq.content.looking import chosen_store, paragraphs
from shared.campaigns.queries import all_campaigns
from shared.platform.errors import DomainError
from shared.web.forms import choices
from shared.web.locale import language


def asset_form(
    session: Session, start: Mapping[str, str] | None = None, *, places: Mapping[str, Any] | None = None
) -> AssetForm:
    """The form with its choices; `start` and `places` are what it shows before anybody writes."""
    form = AssetForm(data={**(start or {}), **_placed(places)})
    form.all_campaigns = all_campaigns(session)
    form.all_stores = sample_stores(session)
    form.campaign.choices = choices(
        ("", _("No campaign")), *((str(each.campaign_id), each.name) for each in form.all_campaigns)
    )
    form.store.choices = choices(*((each.code, store_label(each)) for each in form.all_stores))
    form.store.data = chosen_store(form.all_stores, form.store.data).code
    return form


def _placed(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    found = from_json(stored)
    if found is None:
        return {}
    boxes = {"code": found.code, "name": found.name}
    fields = {
        f"{name}_{side}": getattr(box, side)
        for name, box in boxes.items()
        if box is not None
        for side in ("left", "top", "width")
    }
    return {**fields, "layout": "on", "with_name": found.name is not None}


def store_label(store: SampleStore) -> str:
    """What a store to look as is called, with what makes it a hard case."""
    name = store.values.store
    if store.why == "longest_name":
        return str(
            ngettext(
                "Longest name (%(count)s character): %(name)s",
                "Longest name (%(count)s characters): %(name)s",
                len(name),
                count=len(name),
                name=name,
            )
        )
    if store.why == "no_manager":
        return str(_("Without a manager: %(name)s", name=name))
    if store.why == "longest_address":
        return str(_("Longest address: %(name)s", name=name))
    return name


def seen_as(form: AssetForm, asset_id: UUID | None, newest: VersionLine | None) -> dict[str, Any]:
    """What the preview shows: the copy filled in for the chosen store, and where picture and video come from."""
    store = chosen_store(form.all_stores, form.store.data)
    text = form.copy_text.data or ""
    picture = staging.staged(g.session, form.picture_id, use="picture", actor=g.actor)
    video = staging.staged(g.session, form.video_id, use="video", actor=g.actor)
    kind = form.chosen_kind
    values = values_for(store, campaign_code(form))
    parts = paragraphs(kind, text, values)
    return {
        "kind": kind,
        "paragraphs": parts,
        "filled": sum(len(piece.text) for part in parts for piece in part),
        "most": MAX_COPY,
        "unknown": _problem(text),
        "variables": copy.OFFERED if language() == "zh" else copy.OFFERED_EN,
        "unprintable": unprintable(values.store + values.address) if kind is Kind.POSTER else (),
        "sample": store,
        "picture": picture,
        "video": video,
        "picture_address": _picture_address(form, asset_id, newest, picture),
        "poster_address": _poster_address(form, asset_id, newest, picture, store),
        "video_address": _video_address(form, asset_id, newest, video),
        "shape": _shape(newest, picture),
        "boxes": _boxes(form, _shape(newest, picture)),
    }


def campaign_code(form: AssetForm) -> str | None:
    """The code of the chosen campaign."""
    return next((each.code for each in form.all_campaigns if str(each.campaign_id) == form.campaign.data), None)


def _problem(text: str) -> DomainError | None:
    try:
        copy.check(text)
    except (copy.UnknownVariable, copy.OpenBrace) as problem:
        return problem
    return None


def _picture_address(
    form: AssetForm, asset_id: UUID | None, newest: VersionLine | None, picture: File | None
) -> str | None:
    if picture is not None:
        return url_for("content.staged_file", file_id=form.picture_id)
    if newest is not None and newest.picture_key is not None:
        return url_for("content.thumbnail", asset_id=asset_id, version=newest.version, width=480)
    return None


def _video_address(
    form: AssetForm, asset_id: UUID | None, newest: VersionLine | None, video: File | None
) -> str | None:
    if video is not None:
        return url_for("content.staged_file", file_id=form.video_id)
    if newest is not None and newest.video_key is not None:
        return url_for("content.video", asset_id=asset_id, version=newest.version)
    return None


def _poster_address(
    form: AssetForm, asset_id: UUID | None, newest: VersionLine | None, picture: File | None, store: SampleStore
) -> str | None:
    """Where the poster is drawn as it would be with what stands in the form."""
    if form.chosen_kind is not Kind.POSTER or _picture_address(form, asset_id, newest, picture) is None:
        return None
    asked: dict[str, object] = {"store": store.code, "campaign": form.campaign.data or ""}
    if picture is not None:
        asked["file"] = form.picture_id
    elif newest is not None:
        asked |= {"asset": asset_id, "version": newest.version}
    if form.layout.data == "on":
        asked["layout"] = "on"
        asked |= {name: _shown(form[name].data) for name in ("code_left", "code_top", "code_width")}
        if form.with_name.data:
            asked |= {name: _shown(form[name].data) for name in ("name_left", "name_top", "name_width")}
            asked["with_name"] = "y"
    return f"{url_for('content.preview_poster')}?{urlencode(asked)}"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _shape(newest: VersionLine | None, picture: File | None) -> float | None:
    """Height by width of the picture as it stands on the poster."""
    if picture is not None and picture.width and picture.height:
        return poster_height(picture.width, picture.height) / WIDTH
    if picture is None and newest is not None and newest.width and newest.height:
        return poster_height(newest.width, newest.height) / WIDTH
    return None


def _boxes(form: AssetForm, shape: float | None) -> Sequence[dict[str, Any]]:
    """The places as boxes of a drawing 100 wide and as tall as the picture; only on the picture."""
    if form.chosen_kind is not Kind.POSTER or form.layout.data != "on" or shape is None:
        return ()
    found = []
    for name in ("code", "name") if form.with_name.data else ("code",):
        left, top, width = (form[f"{name}_{side}"].data for side in ("left", "top", "width"))
        if left is None or top is None or width is None:
            continue
        tall = width if name == "code" else name_height(Box(left, top, width))
        found.append({"name": name, "x": left, "y": top * shape, "width": width, "height": tall})
    return found
