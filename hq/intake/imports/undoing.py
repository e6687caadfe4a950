"""Undoing an import of sign-ups, batch by batch: the books keep them as undone, and what rested on them alone ends.

Locks are taken in the order sign-up, contact, lead, assignment, each sorted by key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.service import Job, change
from hq.intake.imports.undo_effects import IS_SEEN, LAST_SEEN, LEADS_BY_END
from shared.leads.ending import Ending, Live, end, lock_live, recall, where
from shared.leads.events import Event, tell
from shared.leads.lifecycle import Move, Stage, after, sources
from shared.platform.ids import NIL
from shared.work.doorbell import ring_after_commit

BATCH = 500  # sign-ups per transaction
CODE = "import_undone"

_NEXT = text(
    """
    SELECT signup_id, contact_id FROM signups WHERE import_id = :import_id AND signup_id > :after
    ORDER BY signup_id LIMIT :count
    """
)
# Those of the batch, and what the same people sent otherwise: it may have to be looked at again.
_LOCK_SIGNUPS = text(
    """
    SELECT signup_id, contact_id, lead_id, outcome, import_id FROM signups
    WHERE signup_id = ANY(:ids)
       OR (contact_id = ANY(:contacts) AND import_id IS DISTINCT FROM :import_id
           AND outcome IN ('in_lead', 'duplicate'))
    ORDER BY signup_id FOR NO KEY UPDATE
    """
)
# Qualification compares `changed_at`: who has read a contact before does not write about it after.
_LOCK_CONTACTS = text(
    """
    UPDATE contacts c SET changed_at = :now
    FROM (SELECT contact_id FROM contacts WHERE contact_id = ANY(:contacts) ORDER BY contact_id FOR NO KEY UPDATE) AS l
    WHERE c.contact_id = l.contact_id
    """
)
_LOCK_LEADS = text("SELECT lead_id FROM leads WHERE lead_id = ANY(:leads) ORDER BY lead_id FOR NO KEY UPDATE")
_ENDS = text(f"WITH touched AS (SELECT unnest(CAST(:leads AS uuid[])) AS lead_id) {LEADS_BY_END}")
_SEEN = text(
    f"""
    SELECT a.assignment_id FROM assignments a LEFT JOIN {LAST_SEEN} u USING (dealer_id)
    WHERE a.lead_id = ANY(:leads) AND a.ended_at IS NULL AND {IS_SEEN}
    """  # noqa: S608 (words of `undo_effects`)
)
_CLOSE = text(
    """
    UPDATE leads SET state = 'closed', closed_at = :now, changed_at = :now,
           state_reason = jsonb_build_object('code', CAST(:code AS text), 'import_id', CAST(:import_id AS text))
    WHERE lead_id = ANY(:leads) AND closed_at IS NULL
    RETURNING lead_id
    """
)
# On headquarters' desk it lies beside the leads that screening doubts since: a store has them, a person decides.
_ASK = text(
    """
    UPDATE leads SET changed_at = :now, state_reason = jsonb_build_object(
        'code', 'suspected', 'reason', CAST(:code AS text), 'import_id', CAST(:import_id AS text))
    WHERE lead_id = ANY(:leads) AND state = 'placed' AND state_reason ->> 'code' <> 'suspected'
    RETURNING lead_id
    """
)
_DECIDE = text(
    """
    WITH moved AS (
        UPDATE signups SET state = 'decided', outcome = 'undone', runs = runs + 1, decided_at = :now, aside_at = NULL
        WHERE signup_id = ANY(:ids) RETURNING signup_id, runs, contact_id, lead_id
    )
    INSERT INTO signup_decisions (signup_id, run, outcome, contact_id, lead_id, steps, rules, at)
    SELECT signup_id, runs, 'undone', contact_id, lead_id, '{"import": {"what": "undone"}}', '{}', :now FROM moved
    """
)
_LOOK_AGAIN = text("UPDATE signups SET state = 'received', outcome = NULL, lead_id = NULL WHERE signup_id = ANY(:ids)")
# A consent that somebody gave elsewhere too rests on that from now on.
_REST_ELSEWHERE = text(
    """
    UPDATE consents c SET signup_id = o.signup_id, text_id = o.text_id, given_at = o.given_at
    FROM (
        SELECT DISTINCT ON (c.contact_id, c.scope_id) c.contact_id, c.scope_id, o.signup_id, t.text_id,
               least(o.occurred_at, o.accepted_at) AS given_at
        FROM consents c JOIN signups o USING (contact_id)
        JOIN consent_texts t ON t.text_id = o.share_text_id AND t.scope_id = c.scope_id
        WHERE c.signup_id = ANY(:ids) AND o.import_id IS DISTINCT FROM :import_id
          AND (o.state = 'received' OR o.outcome NOT IN ('rejected', 'no_consent', 'withdrawn', 'undone'))
        ORDER BY c.contact_id, c.scope_id, o.accepted_at, o.signup_id
    ) AS o
    WHERE c.contact_id = o.contact_id AND c.scope_id = o.scope_id
    """
)
_FORGET = text(
    """
    DELETE FROM consents c WHERE c.signup_id = ANY(:ids) AND NOT EXISTS (
        SELECT 1 FROM assignments a
        WHERE a.ended_at IS NULL AND a.live_contact_id = c.contact_id AND a.live_scope_id = c.scope_id)
    """
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The locked sign-ups of a batch, and how the leads that they are in end; `lives` are locked too."""

    mine: Sequence[Any]
    others: Sequence[Any]
    ends: Mapping[UUID, str]
    lives: Sequence[Live]

    def leads(self, ending: str) -> list[UUID]:
        return sorted(lead_id for lead_id, found in self.ends.items() if found == ending)

    @property
    def undone(self) -> list[UUID]:
        """What ends as undone: not what the person took back, nor what is in a lead that stays as it is."""
        return [
            row.signup_id for row in self.mine if row.outcome not in ("withdrawn", "undone") and not self._kept(row)
        ]

    def _kept(self, row: Any) -> bool:
        return row.outcome == "in_lead" and self.ends.get(row.lead_id) in ("over", "contacted")

    @property
    def again(self) -> list[UUID]:
        """What others sent that was a double of, or in a lead with, what is undone."""
        ended = set(self.leads("ends"))
        return [row.signup_id for row in self.others if row.outcome == "duplicate" or row.lead_id in ended]


def step(session: Session, job: Job, *, now: datetime) -> None:
    """Undo the next batch of an import's sign-ups.

    Args:
        job: columns of `imports`, locked by this transaction; `undo` says who asked for it and why.
    """
    values: dict[str, Any] = {"import_id": job.import_id, "now": now, "code": CODE}
    batch = session.execute(_NEXT, {**values, "after": job.undo_after or NIL, "count": BATCH}).all()
    undo = dict(job.undo)
    if batch:
        found = _lock(session, batch, values)
        done = _end_leads(session, found, values, actor=undo["by"])
        _write(session, found, values)
        _add(undo, done, undone=len(found.undone), stayed=len(found.mine) - len(found.undone))
    over = len(batch) < BATCH
    moved: dict[str, Any] = {"undo": undo, "undo_after": batch[-1].signup_id if batch else job.undo_after}
    change(session, job, **moved, **({"state": "undone", "finished_at": now} if over else {}))
    ring_after_commit(session, "hq.qualify")


def _lock(session: Session, batch: Sequence[Any], values: Mapping[str, Any]) -> _Found:
    contacts = sorted({row.contact_id for row in batch if row.contact_id is not None})
    ids = [row.signup_id for row in batch]
    rows = session.execute(_LOCK_SIGNUPS, {**values, "ids": ids, "contacts": contacts}).all()
    met = sorted({row.contact_id for row in rows if row.contact_id is not None})
    if met != contacts:  # what was pending a moment ago has met its person since
        rows = session.execute(_LOCK_SIGNUPS, {**values, "ids": ids, "contacts": met}).all()
    session.execute(_LOCK_CONTACTS, {**values, "contacts": met})
    own = set(ids)
    mine = [row for row in rows if row.signup_id in own]
    leads = sorted({row.lead_id for row in mine if row.lead_id is not None and row.outcome == "in_lead"})
    session.execute(_LOCK_LEADS, {"leads": leads})
    lives = lock_live(session, leads)  # from here on no store can move them: what is read next holds
    ends = {row.lead_id: row.ending for row in session.execute(_ENDS, {**values, "leads": leads})}
    return _Found(mine, [row for row in rows if row.signup_id not in own], ends, lives)


def _end_leads(session: Session, found: _Found, values: dict[str, Any], *, actor: str) -> Mapping[str, Any]:
    """Close what rested on the import alone; ask about what a store has in hand."""
    now, reason = values["now"], {"code": CODE, "import_id": str(values["import_id"])}
    ending, spoken = found.leads("ends"), found.leads("contacted")
    lives = [live for live in found.lives if found.ends.get(live.lead_id) == "ends"]
    seen = set(session.execute(_SEEN, {"leads": ending}).scalars()) if ending else set[UUID]()
    told = [live for live in lives if live.assignment_id in seen]
    recall(session, told, reason, now=now, actor=actor)
    _recall_quietly(session, [live for live in lives if live.assignment_id not in seen], reason, now=now, actor=actor)
    closed = list(session.execute(_CLOSE, {**values, "leads": ending}).scalars())
    asked = list(session.execute(_ASK, {**values, "leads": spoken}).scalars()) if spoken else []
    ask = {**reason, "code": "suspected", "reason": CODE}
    tell(session, (Event(lead_id, "closed", reason) for lead_id in closed), now=now, actor=actor)
    tell(session, (Event(lead_id, "suspected", ask) for lead_id in asked), now=now, actor=actor)
    return {
        "closed": len(closed),
        "recalled": len({live.lead_id for live in told}),
        "asked": len(asked),
        "stores": sorted({str(live.store_id) for live in told}),
    }


def _recall_quietly(
    session: Session, lives: Collection[Live], reason: Mapping[str, Any], *, now: datetime, actor: str
) -> None:
    """End offers that nobody has seen; their stores are told nothing."""
    endings = [Ending(live, _recalled(live.stage), reason, give_back=True) for live in lives]
    end(session, endings, now=now)
    events = (Event(live.lead_id, "recalled", where(live) | dict(reason)) for live in lives)
    tell(session, events, now=now, actor=actor)


def _recalled(stage: Stage) -> Stage:
    return after(stage, Move.RECALL) if stage in sources(Move.RECALL) else stage


def _write(session: Session, found: _Found, values: Mapping[str, Any]) -> None:
    ids, again = found.undone, found.again
    if ids:
        session.execute(_DECIDE, {**values, "ids": ids})
    if again:
        session.execute(_LOOK_AGAIN, {"ids": again})
    if ids:
        session.execute(_REST_ELSEWHERE, {**values, "ids": ids})
        session.execute(_FORGET, {"ids": ids})


def _add(undo: dict[str, Any], done: Mapping[str, Any], **counts: int) -> None:
    for name, count in (*counts.items(), *((name, done[name]) for name in ("closed", "recalled", "asked"))):
        undo[name] = undo.get(name, 0) + count
    undo["stores"] = sorted({*undo.get("stores", ()), *done["stores"]})
