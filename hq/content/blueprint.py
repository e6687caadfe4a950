"""The blueprint that headquarters' content pages share."""

from __future__ import annotations

from flask import Blueprint, current_app

from content_library import words  # noqa: F401  teaches the codes
from content_library.files import files
from content_library.poster import PosterFacts
from content_library.sign_up_link import poster_facts
from content_library.store_values import SampleStore
from shared.platform.storage import Storage

bp = Blueprint("content", __name__, url_prefix="/content", template_folder="templates")


def storage() -> Storage:
    """Where pictures and posters lie."""
    return files(current_app.extensions["koi_settings"].var)


def poster_facts_for(store: SampleStore, campaign_code: str | None) -> PosterFacts:
    """What stands on a store's poster."""
    return poster_facts(
        store=store.values.store,
        address=store.values.address,
        store_code=store.code,
        campaign_code=campaign_code,
        base_url=current_app.config["KOI_BASE_URL"],
    )
