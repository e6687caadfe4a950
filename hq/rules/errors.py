"""What the life of rules refuses."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid


class DraftMoved(Conflict):
    """Somebody saved, discarded or activated the draft meanwhile; `params`: version, who, at, status."""

    code = "rules_draft_moved"


class ActiveMoved(Conflict):
    """Another version is in force than the one that was looked at; `params`: seen, active, who, at."""

    code = "rules_active_moved"


class NotADraft(Conflict):
    """Only drafts are edited, discarded and activated; `params`: version, status."""

    code = "rules_not_a_draft"


class NothingToGoBackTo(Conflict):
    """The version was never in force, or is in force now; `params`: version, status."""

    code = "rules_not_to_go_back"


class NoteNeeded(Invalid):
    """Nothing is put in force without saying why; `params["field"]` is `note`."""

    code = "rules_note"
