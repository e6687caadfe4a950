"""Words for what scoring anew refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

tell(
    "rescore_running",
    _l("Everybody is being scored with this card already"),
    _l("%(who)s began it. Stop it first if you want to begin again."),
)
tell(
    "rescore_moved",
    _l("This run has moved on"),
    _l("It is over, or somebody stopped or continued it. Look at the page again."),
)
