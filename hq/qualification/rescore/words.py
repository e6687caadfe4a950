"""Words for scoring anew: causes, states, refusals."""

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

for _code, _text in {
    "activated": _l("another scorecard"),
    "thresholds": _l("other thresholds"),
    "aged": _l("every night"),
    "asked": _l("asked for"),
}.items():
    tell(f"rescore_cause.{_code}", _text)
for _code, _text in {
    "running": _l("Under way"),
    "stopped": _l("Stopped"),
    "superseded": _l("Another began"),
    "done": _l("Done"),
}.items():
    tell(f"rescore_state.{_code}", _text)
