"""Words of undone imports: why, and what stands in the story of a lead afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

REASONS: Mapping[str, Any] = {
    "wrong_file": _l("It was the wrong file"),
    "wrong_campaign": _l("It went to the wrong campaign"),
    "no_consent": _l("The people did not agree"),
    "complaint": _l("Somebody complained"),
    "mistake": _l("Another mistake"),
}

for _code, _text in REASONS.items():
    tell(f"undo_reason.{_code}", _text)
tell("why.import_undone", _l("The import that it came from was undone"))
tell(
    "why.suspected.import_undone",
    _l("The import that it came from was undone"),
    _l("The store has spoken with the person: leave it there, or recall it."),
)
tell("story.suspected.import_undone", _l("The import that it came from was undone; the store keeps it for now"))
tell(
    "import_seen_meanwhile",
    _l("A store has seen a lead of this import meanwhile"),
    _l("It would be a recall now. Look at what it does, say why, and decide again. Nothing was changed."),
)
