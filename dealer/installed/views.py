"""The portal as an app on a phone: its name and icon, its service worker, the page for an address without network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from shared.web.access import public
from shared.web.filters import DIST, static_url
from shared.web.locale import language

bp = Blueprint("installed", __name__)


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What the phone shows of the app (W3C Web Application Manifest)."""
    answer = jsonify(
        name=_("Koi for stores"),
        short_name=_("Koi"),
        lang="zh-CN" if language() == "zh" else "en",
        id=f"{request.script_root}/",
        start_url=f"{url_for('inbox.index')}?source=app",
        scope=f"{request.script_root}/",
        display="standalone",
        background_color="#f5f2ec",
        theme_color="#f5f2ec",
        icons=[_icon(size) for size in (192, 512)],
        shortcuts=[
            {"name": _("To do now"), "url": url_for("inbox.index")},
            {"name": _("Leads"), "url": url_for("leads.index")},
            {"name": _("Content"), "url": url_for("content.index")},
        ],
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/worker.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, at the place whose pages it serves."""
    source = DIST / "worker.js"
    if not source.exists():
        raise NotFound
    return Response(source.read_bytes(), mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """Shown for a page that the phone has not kept; names nobody."""
    return render_template("installed/offline.html")


def _icon(size: int) -> dict[str, str]:
    return {
        "src": static_url(f"icon-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": "any maskable",
    }
