"""The blueprint that headquarters' content pages share."""

from __future__ import annotations

from flask import Blueprint, current_app

from content_library import words  # noqa: F401  teaches the codes
from content_library.copy import StoreValues
from content_library.files import files
from content_library.poster import PosterFacts
from content_library.store_values import OwnValues, SampleStore
from shared.platform.storage import Storage
from shared.web.words import say

bp = Blueprint("content", __name__, url_prefix="/content", template_folder="templates")


def storage() -> Storage:
    """Where pictures and posters lie."""
    return files(current_app.extensions["koi_settings"].var)


def values_for(store: SampleStore, campaign_code: str | None) -> StoreValues:
    """A store's values, with its link to the campaign's page."""
    return OwnValues(code=store.code, values=store.values).linked(current_app.config["KOI_BASE_URL"], campaign_code)


def poster_facts_for(store: SampleStore, campaign_code: str | None) -> PosterFacts:
    """What stands on a store's poster."""
    own = OwnValues(code=store.code, values=store.values)
    return own.on_poster(current_app.config["KOI_BASE_URL"], campaign_code)


@bp.app_template_filter("part_name")
def part_name(part: str) -> str:
    """What a part of a version is called."""
    return say(f"part.{part}")
