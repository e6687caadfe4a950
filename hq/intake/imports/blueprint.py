"""The blueprint of imports, and what its views share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from hq.intake.imports import texts
from hq.intake.imports.files import ImportFiles
from shared.regions import divisions

bp = Blueprint("imports", __name__, url_prefix="/imports", template_folder="templates")


@bp.app_template_filter("import_words")
def import_words(code: str, family: str, params: dict[str, object] | None = None) -> str:
    """The sentence for a code of an import."""
    return texts.say(family, code, params)


@bp.app_template_filter("import_doubt")
def import_doubt(misfit: dict[str, Any]) -> str:
    """What does not fit about a store's point; the nearest district by its name."""
    params = {**misfit["params"]}
    if "nearest" in params:
        params["nearest"] = "".join(divisions.names_of([params["nearest"]]).values())
    return texts.say("doubt", misfit["code"], params)


@bp.app_template_filter("import_advice")
def import_advice(refusal: dict[str, object]) -> str:
    """What to do about a file that was refused."""
    return texts.advise(str(refusal["code"]), refusal["params"])  # type: ignore[arg-type]  # JSON of our own


def import_files() -> ImportFiles:
    """The installation's files of imports."""
    return ImportFiles.below(current_app.extensions["koi_settings"].var, current_app.extensions["koi_keys"])


@bp.app_template_filter("import_done")
def import_done(code: str) -> str:
    """What was done to a cell, repaired or only remarked."""
    return texts.say("repair" if texts.is_repair(code) else "remark", code)
