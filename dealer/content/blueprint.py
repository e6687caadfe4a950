"""The blueprint that the stores' content pages share."""

from __future__ import annotations

from flask import Blueprint, current_app

from content_library.files import files
from shared.platform.storage import Storage

bp = Blueprint("content", __name__, url_prefix="/content")


def storage() -> Storage:
    """Where pictures, videos and posters lie."""
    return files(current_app.extensions["koi_settings"].var)
