"""Sign-ups of a past period as `qualify` would meet them: whole people, with what was known by the period's end.

A fixed number of statements, whatever the size of the step. What is known: who was near, which lists stood and who was
sent back by stores by the end of the period, as the pipeline looks again when such a thing turns up; purchases and open
leads at the person's first sign-up of the period, as what came after may be the work of the rules of then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hq.qualification import near
from hq.qualification.facts import BatchFacts, ContactFacts, Received, Said
from hq.qualification.lists import queries as listed
from hq.qualification.matching.engine import Key, Matching, accounts_of
from hq.qualification.quarantine.standing import words_of
from hq.qualification.queries import OWN
from hq.qualification.screening.rules import ScreeningRules
from hq.replay.people.became import BECAME, STORE
from shared.db.batch import Column
from shared.leads.metrics import REACHED, VISIT
from shared.leads.words import INVALID
from shared.platform.ids import NIL

STEP = 1_000
"""People of one step."""
_MOST = 200
"""Sign-ups of one person that are looked at, the latest; nobody real has more."""

# What was undone never happened; what was put aside or still waits was not decided.
_COUNTS = "s.outcome IS NOT NULL AND s.outcome <> 'undone' AND s.aside_at IS NULL AND s.accepted_at < :until"
COUNT = text(f"SELECT count(*) FROM signups s WHERE s.accepted_at >= :since AND {_COUNTS}")  # noqa: S608 (this module)
_DONE = (
    "EXISTS (SELECT 1 FROM assignments a"
    " JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id"
    " WHERE a.lead_id = o.lead_id AND f.at < p.at AND"
)
# People by their first sign-up of the period, which is asked sign-up by sign-up (LIMIT keeps it a look into the index,
# also where a step is read a thousand times). What became of them: the lead that was won, else the first that was open
# then or later.
_PEOPLE = text(
    f"""
    WITH p AS (
        SELECT s.accepted_at AS at, s.signup_id AS id, s.contact_id, s.campaign_id
        FROM signups s
        WHERE s.accepted_at >= :since AND {_COUNTS}
          AND (s.accepted_at, s.signup_id) > (:after_at, CAST(:after_id AS uuid))
          AND (SELECT true FROM signups e
               WHERE e.contact_id = s.contact_id AND e.accepted_at >= :since
                 AND e.outcome IS NOT NULL AND e.outcome <> 'undone' AND e.aside_at IS NULL
                 AND (e.accepted_at, e.signup_id) < (s.accepted_at, s.signup_id) LIMIT 1) IS NULL
        ORDER BY s.accepted_at, s.signup_id LIMIT :step
    )
    SELECT p.at, p.id, p.contact_id, l.lead_id, {BECAME} AS became, {STORE} AS store, c.name AS campaign
    FROM p JOIN campaigns c USING (campaign_id)
    LEFT JOIN LATERAL (
        SELECT n.lead_id, n.state FROM leads n
        WHERE n.contact_id = p.contact_id AND (n.closed_at IS NULL OR n.closed_at >= p.at)
        ORDER BY n.state = 'won' DESC, n.opened_at, n.lead_id LIMIT 1
    ) AS l ON true
    ORDER BY p.at, p.id
    """  # noqa: S608 (text of this module)
)
_SAID = ", ".join(f"s.{name}" for name in (*Said._fields, *OWN))
_SIGNUPS = text(
    f"""
    SELECT {_SAID}, host(s.ip), t.scope_id, NULL
    FROM (
        SELECT s.* FROM unnest(CAST(:contacts AS uuid[])) AS c (contact_id)
        CROSS JOIN LATERAL (
            SELECT * FROM signups s WHERE s.contact_id = c.contact_id AND {_COUNTS}
            ORDER BY s.accepted_at DESC, s.signup_id DESC LIMIT {_MOST}
        ) AS s
        UNION ALL
        SELECT s.* FROM signups s WHERE s.signup_id = ANY(CAST(:alone AS uuid[]))
    ) AS s
    LEFT JOIN consent_texts t ON t.text_id = s.share_text_id
    ORDER BY s.accepted_at, s.signup_id
    """  # noqa: S608 (names of this module)
)
_CONTACTS = text(
    f"""
    SELECT c.contact_id, c.created_at, c.changed_at, o.lead_id, o.state, o.points,
           CASE WHEN o.lead_id IS NULL THEN NULL WHEN {_DONE} {VISIT}) THEN 'visited'
                WHEN {_DONE} {REACHED}) THEN 'contacted' END AS stage,
           (SELECT max(w.closed_at) FROM leads w
            WHERE w.contact_id = c.contact_id AND w.state = 'won' AND w.closed_at < p.at) AS bought_at,
           (SELECT count(DISTINCT b.store_id) FROM leads r JOIN assignments b ON b.lead_id = r.lead_id
            JOIN follow_ups f ON f.dealer_id = b.dealer_id AND f.assignment_id = b.assignment_id
            WHERE r.contact_id = c.contact_id AND f.kind IN ('decline', 'lost') AND f.result = ANY(:invalid)
              AND f.at < :until) AS returns
    FROM unnest(CAST(:contacts AS uuid[]), CAST(:moments AS timestamptz[])) AS p (contact_id, at)
    JOIN contacts c ON c.contact_id = p.contact_id
    LEFT JOIN LATERAL (
        SELECT n.lead_id, n.state, n.points FROM leads n
        WHERE n.contact_id = p.contact_id AND n.opened_at < p.at AND (n.closed_at IS NULL OR n.closed_at >= p.at)
        ORDER BY n.opened_at DESC, n.lead_id LIMIT 1
    ) AS o ON true
    """  # noqa: S608 (text of this module)
)
_CROWDED = text(
    """
    SELECT k.kind, k.value, count(*) FROM unnest(CAST(:kinds AS text[]), CAST(:values AS bytea[])) AS k (kind, value)
    JOIN crowded_accounts c ON c.kind = k.kind AND c.value_bidx = k.value AND c.at < :until GROUP BY k.kind, k.value
    """
)


_AROUND = (
    "device_many_people",
    "address_many_people",
    "bare_address_many_people",
    "many_a_minute",
    "invite_crowd",
    "invite_circle",
)
"""Rules that ask who was near."""


@dataclass(frozen=True, slots=True)
class Past:
    """The next people of a replay.

    Attributes:
        rows: one per person: `at`, `id` (the first sign-up of the period), `contact_id`, `lead_id`, `became`, `store`,
            `campaign`.
        facts: their sign-ups of the period as if nobody had decided about them yet; who was near is left out, as it
            depends on the rules (see `around`).
        matching: whose the sign-ups are.
        stood: the outcomes that were really decided, by sign-up.
        verdicts: headquarters' last word, by contact or else by sign-up.
    """

    rows: Sequence[Row[Any]]
    facts: BatchFacts
    matching: Matching
    stood: Mapping[UUID, str | None]
    verdicts: Mapping[UUID, str]


def read(session: Session, replay: Row[Any]) -> Past:
    """Read a step; seven statements."""
    rows = session.execute(
        _PEOPLE,
        {
            "since": replay.since,
            "until": replay.until,
            "after_at": replay.after_at or replay.since,
            "after_id": replay.after_id or NIL,
            "step": STEP,
            "invalid": sorted(INVALID),
        },
    ).all()
    moments = {row.contact_id: row.at for row in rows if row.contact_id is not None}
    alone = [row.id for row in rows if row.contact_id is None]
    signups = _signups(session, sorted(moments), alone, replay.until)
    received = [each for each in signups if each.said.accepted_at >= replay.since]
    words = words_of(session, moments.keys(), alone)
    facts = BatchFacts(
        tuple(map(_undecided, received)),
        {},
        _contacts(session, moments, replay.until),
        _history(each.said for each in signups if each.said.accepted_at < replay.since),
        (),
        (),
        listed.found_then(session, received, until=replay.until),
        crowded=_crowded(session, received, replay.until),
    )
    return Past(
        rows,
        facts,
        Matching({each.signup_id: each.said.contact_id for each in received if each.said.contact_id}, (), (), ()),
        {each.signup_id: each.said.outcome for each in received},
        {person: word.verdict for person, word in words.items()},
    )


def around(session: Session, facts: BatchFacts, rules: ScreeningRules, *, until: datetime) -> BatchFacts:
    """The facts with who was near, as far as some rules ask for it; two statements."""
    return replace(
        facts,
        neighbours=near.neighbours(session, facts.received, rules, until=until),
        invitations=near.invitations(session, facts.received, rules, until=until),
    )


def same_around(one: ScreeningRules, other: ScreeningRules) -> bool:
    """Whether two sets of rules ask about the same people around."""
    return _reach(one) == _reach(other)


def _reach(rules: ScreeningRules) -> dict[str, int]:
    on = {code: rule for code in _AROUND if (rule := rules.get(code))}
    return {code: rule.values.get("minutes", 1) for code, rule in on.items()}


def _signups(session: Session, contacts: Sequence[UUID], alone: Sequence[UUID], until: datetime) -> list[Received]:
    asked = {"contacts": Column(contacts), "alone": Column(alone), "until": until}
    said = len(Said._fields)
    return [Received(Said(*row[:said]), *row[said:]) for row in session.execute(_SIGNUPS, asked)]


def _undecided(each: Received) -> Received:
    return each._replace(said=each.said._replace(outcome=None, lead_id=None), runs=0)


def _history(signups: Iterable[Said]) -> Mapping[UUID, tuple[Said, ...]]:
    history: dict[UUID, list[Said]] = {}
    for said in signups:
        if said.contact_id is not None:
            history.setdefault(said.contact_id, []).append(said)
    return {contact_id: tuple(earlier) for contact_id, earlier in history.items()}


def _contacts(session: Session, moments: Mapping[UUID, datetime], until: datetime) -> dict[UUID, ContactFacts]:
    asked = {"contacts": Column(moments), "moments": Column(moments.values()), "until": until}
    rows = session.execute(_CONTACTS, {**asked, "invalid": sorted(INVALID)})
    return {row.contact_id: ContactFacts(*row) for row in rows}


def _crowded(session: Session, received: Iterable[Received], until: datetime) -> Mapping[Key, int]:
    accounts = sorted({key for each in received for key in accounts_of(each.said)})
    asked = {"kinds": Column(key.kind for key in accounts), "values": Column(key.value for key in accounts)}
    rows = session.execute(_CROWDED, {**asked, "until": until})
    return {Key(kind, bytes(value)): count for kind, value, count in rows}
