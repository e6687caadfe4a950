"""Asking for an import to be undone: of sign-ups a worker does it batch by batch, of stores it is done at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports import undo_effects
from hq.intake.imports.drafts import lock
from hq.intake.imports.models import Import
from hq.intake.imports.store_values import NOW_VALUES, SET_BACK
from hq.intake.imports.upload import UNDO
from shared.audit import service as audit
from shared.contacts.hiding import with_masked_phones
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid
from shared.work.doorbell import ring_after_commit

REASONS = ("wrong_file", "wrong_campaign", "no_consent", "complaint", "mistake")
NOTE_LIMIT = 300

_SAME = f"{NOW_VALUES} = c.after AND s.status <> 'closed'"
_SET_BACK = text(
    f"""
    UPDATE stores SET {SET_BACK}, changed_at = :now
    FROM import_changes c, stores s JOIN dealers d USING (dealer_id)
    WHERE c.import_id = :import_id AND c.before IS NOT NULL AND s.store_id = c.store_id
      AND stores.dealer_id = s.dealer_id AND stores.store_id = s.store_id AND {_SAME}
    """  # noqa: S608 (column names of this package)
)
_SET_BACK_DEALERS = text(
    """
    UPDATE dealers d SET name = c.before ->> 'dealer_name'
    FROM import_changes c JOIN stores s USING (store_id)
    WHERE c.import_id = :import_id AND c.before IS NOT NULL AND d.dealer_id = s.dealer_id
      AND d.name = c.after ->> 'dealer_name' AND c.before ->> 'dealer_name' <> c.after ->> 'dealer_name'
    """
)
_CLOSE = text(
    f"""
    WITH gone AS (
        SELECT s.dealer_id, s.store_id FROM import_changes c JOIN stores s USING (store_id) JOIN dealers d
               USING (dealer_id)
        WHERE c.import_id = :import_id AND c.before IS NULL AND {_SAME}
          AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.dealer_id = s.dealer_id AND a.store_id = s.store_id)
          AND NOT EXISTS (SELECT 1 FROM staff_stores w JOIN staff p USING (dealer_id, user_id)
                          WHERE w.dealer_id = s.dealer_id AND w.store_id = s.store_id AND p.status = 'active')
        ORDER BY s.dealer_id, s.store_id FOR NO KEY UPDATE OF s
    ), noted AS (
        UPDATE import_changes c SET closed_at = :now FROM gone WHERE c.import_id = :import_id
        AND c.store_id = gone.store_id
    )
    UPDATE stores s SET status = 'closed', changed_at = :now FROM gone
    WHERE s.dealer_id = gone.dealer_id AND s.store_id = gone.store_id
    """  # noqa: S608 (column names of this package)
)


class SeenMeanwhile(Conflict):
    """A store has seen a lead of the import since the page was shown: it would be a recall now."""

    code = "import_seen_meanwhile"


def undo_signups(
    session: Session, *, import_id: UUID, as_recall: bool, reason: str, note: str, actor: Actor, now: datetime
) -> Import:
    """Undo a sign-up list; asking twice undoes it once.

    Args:
        as_recall: the person was told that stores have seen leads of it, and what they lose.
        reason: one of `REASONS`; needed for a recall.

    Raises:
        Missing, NotNow: it was not imported, or is running.
        SeenMeanwhile: it became a recall while the page was open.
        Invalid: a recall without a reason, or a note that is too long.
    """
    row = lock(session, import_id, "done", "cancelled", "undoing", "undone")
    if row.state in ("undoing", "undone"):
        return row
    effects = undo_effects.of_signups(session, import_id)
    if effects.seen and not as_recall:
        raise SeenMeanwhile
    if effects.seen and reason not in REASONS:
        raise Invalid(field="reason")
    if len(note) > NOTE_LIMIT:
        raise Invalid(field="note", limit=NOTE_LIMIT)
    kind = "recall" if effects.seen else "undo"
    why = {"reason": reason or None, "note": with_masked_phones(note.strip())}
    row.state, row.undo = "undoing", {"by": actor.name, "at": now.isoformat(), "kind": kind, **why}
    _log(session, actor, f"import:{kind}", import_id, {**why, **asdict(effects)}, now)
    ring_after_commit(session, UNDO)
    return row


def undo_stores(session: Session, *, import_id: UUID, actor: Actor, now: datetime) -> Import:
    """Undo a dealer list: what it changed and nobody changed since gets its former words, what it brought and nothing
    refers to is closed. Asking twice undoes it once.

    Raises:
        Missing, NotNow: it was not imported, or is running.
    """
    row = lock(session, import_id, "done", "cancelled", "undone")
    if row.state == "undone":
        return row
    effects = undo_effects.of_stores(session, import_id)
    values = {"import_id": import_id, "now": now}
    session.execute(_CLOSE, values)
    session.execute(_SET_BACK, values)
    session.execute(_SET_BACK_DEALERS, values)
    counts = asdict(effects)
    row.state, row.undo = "undone", {"by": actor.name, "at": now.isoformat(), "kind": "undo", **counts}
    _log(session, actor, "import:undo", import_id, counts, now)
    return row


def _log(
    session: Session, actor: Actor, action: str, import_id: UUID, details: Mapping[str, Any], now: datetime
) -> None:
    audit.record(session, actor, action, import_id, at=now, details=details)
