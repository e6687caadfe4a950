"""All reads of `route`: a handful of statements, whatever the size of the batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from hq.routing.alarms import Alarm
from hq.routing.deadlines import Planned
from hq.routing.facts import LeadsFacts, Phone, Sightings, WaitingLead, WasWith
from hq.routing.network import Network
from hq.routing.policy import UNLIMITED, Room, StoreFacts
from hq.routing.rules import Counts, RoutingRules
from hq.rules.queries import in_force, of_kind
from shared.campaigns.models import Campaign
from shared.contacts.models import Consent, Contact
from shared.db.batch import Rows
from shared.leads.ending import Live
from shared.leads.models import Assignment, Lead
from shared.platform.clock import beijing_day, day_start, week_of

_WINDOW = 4_000  # rows of a kind that a batch looks at: enough for several workers at once
_COLUMNS = len(WaitingLead._fields)
# A store that lost the lead only because the person was taken for another one may have it again.
_HAD = text(
    """
    SELECT lead_id, store_id, stage,
           stage = 'declined' AND due_kind IS NULL AND offer -> 'why' ->> 'code' IS DISTINCT FROM 'pool'
    FROM assignments
    WHERE lead_id = ANY(:leads) AND end_reason ->> 'code' IS DISTINCT FROM 'merged'
    """
)
_SCOPES = text("SELECT scope_id, array_agg(dealer_id) FROM scopes WHERE scope_id = ANY(:scopes) GROUP BY scope_id")
# A checked number before an unchecked one, then the latest.
_PHONES = text(
    """
    SELECT contact_id, phone_bidx, sealed, masked FROM contact_phones WHERE contact_id = ANY(:contacts)
    ORDER BY contact_id, verified = 'none', created_at DESC, phone_bidx
    """
)
_SIGHTINGS = text(
    """
    SELECT lead_id, count(*), max(occurred_at), (array_agg(touchpoint ORDER BY occurred_at DESC))[1]
    FROM signups WHERE lead_id = ANY(:leads) GROUP BY lead_id
    """
)
# Room of today: what was claimed, what is open, and what was let go today (so that a store is offered at most its
# daily number), unless the rules let only claims count. An offer that another store took or that was recalled costs
# nothing. Of a week only what was claimed and what is open counts.
_USED = text(
    """
    SELECT store_id, max(cap), bool_or(day_open), sum(taken), sum(offers), max(turn), max(week_left), sum(open)
    FROM (
        SELECT store_id, cap, true AS day_open, taken, 0 AS offers, NULL::float8 AS turn,
               NULL::integer AS week_left, 0 AS open
        FROM store_days WHERE day = :day
        UNION ALL
        SELECT store_id, NULL, false, 0, 0, NULL, cap - taken, 0 FROM store_weeks WHERE week = :week
        UNION ALL
        SELECT store_id, NULL, false, 0,
               count(*) FILTER (WHERE ended_at IS NULL AND stage = 'offered'
                                   OR :let_go AND stage IN ('declined', 'expired')),
               NULL, NULL, count(*) FILTER (WHERE ended_at IS NULL AND stage = 'offered')
        FROM assignments
        WHERE offered_at >= :midnight OR (stage = 'offered' AND ended_at IS NULL)
        GROUP BY store_id
        UNION ALL
        SELECT store_id, NULL, false, 0, 0, turn, NULL, 0 FROM store_turns
    ) AS used
    GROUP BY store_id
    """
)
_TURNS = Rows({"store_id": "uuid", "turn": "float8"})
_KEEP_TURNS = text(
    f"""
    INSERT INTO store_turns ({_TURNS.names}) SELECT {_TURNS.names} FROM {_TURNS.source} ORDER BY store_id
    ON CONFLICT (store_id) DO UPDATE SET turn = EXCLUDED.turn
    """  # noqa: S608 (names of this module)
)
# The store that last worked for the same person, on another lead.
_WAS_WITH = text(
    """
    SELECT DISTINCT ON (l.contact_id) l.contact_id, a.dealer_id, a.store_id
    FROM unnest(CAST(:leads AS uuid[])) AS t (lead_id)
    JOIN leads l ON l.lead_id = t.lead_id
    JOIN leads before ON before.contact_id = l.contact_id AND before.lead_id <> l.lead_id
    JOIN assignments a ON a.lead_id = before.lead_id
    WHERE a.stage IN ('claimed', 'contacted', 'appointment', 'visited', 'won', 'lost') AND a.moved_at >= :since
    ORDER BY l.contact_id, a.moved_at DESC, a.assignment_id
    """
)


def waiting(now: datetime) -> Select[Any]:
    """The leads that are due, the best first and of equally good ones the oldest."""
    return (
        lead_rows()
        .where(Lead.state == "waiting", Lead.aside_at.is_(None), Lead.due_at <= now)
        .order_by(Lead.grade, Lead.opened_at, Lead.lead_id)
    )


def lead_rows() -> Select[Any]:
    """Leads with the columns of `WaitingLead`."""
    own = (getattr(Lead, name) for name in WaitingLead._fields[: _COLUMNS - 4])
    return (
        select(
            *own,
            Contact.name,
            Campaign.name.label("campaign"),
            Campaign.code,
            Consent.scope_id.is_not(None).label("consented"),
        )
        .join(Contact, Contact.contact_id == Lead.contact_id)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .outerjoin(Consent, (Consent.contact_id == Lead.contact_id) & (Consent.scope_id == Lead.scope_id))
    )


def as_lead(row: Row[Any]) -> WaitingLead:
    """A row of `lead_rows`, as facts."""
    return WaitingLead._make(row)


def facts_of(session: Session, leads: Sequence[WaitingLead], *, protected_since: datetime | None = None) -> LeadsFacts:
    """What is known around the leads (four statements, five where people go back to the dealer they were with).

    Args:
        protected_since: somebody who was with a dealer after this moment goes back there; None: nobody does.
    """
    ids = [lead.lead_id for lead in leads]
    had: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    sent_back: dict[UUID, set[UUID]] = defaultdict(set)
    for lead_id, store_id, stage, unclaimed in session.execute(_HAD, {"leads": ids}):
        had[lead_id][store_id] = stage
        if unclaimed:
            sent_back[lead_id].add(store_id)
    scopes = scopes_of(session, {lead.scope_id for lead in leads})
    phones: dict[UUID, list[Phone]] = defaultdict(list)
    for contact_id, *phone in session.execute(_PHONES, {"contacts": sorted({lead.contact_id for lead in leads})}):
        phones[contact_id].append(Phone(*phone))
    sightings = session.execute(_SIGHTINGS, {"leads": ids})
    was_with: Sequence[Row[Any]] = ()
    if protected_since is not None:
        was_with = session.execute(_WAS_WITH, {"leads": ids, "since": protected_since}).all()
    return LeadsFacts(
        had,
        scopes,
        {contact_id: tuple(numbers) for contact_id, numbers in phones.items()},
        {lead_id: Sightings(*rest) for lead_id, *rest in sightings},
        {row.contact_id: WasWith(row.dealer_id, row.store_id) for row in was_with},
        sent_back,
    )


def scopes_of(session: Session, scopes: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """Per consent scope the dealers it names (one statement)."""
    rows = session.execute(_SCOPES, {"scopes": sorted(scopes)})
    return {scope_id: frozenset(dealers) for scope_id, dealers in rows}


def room_of(
    session: Session,
    network: Network,
    rules: RoutingRules,
    *,
    now: datetime,
    raised: Mapping[UUID, int] = MappingProxyType({}),
) -> Room:
    """What every store can still be offered today, its week regarded, and whose turn it is (one statement).

    Args:
        rules: say whether what a store let go today counts.
        raised: by store, so many more than its limit of the day says.
    """
    day = beijing_day(now)
    room = Room.of([network.capacity.get(store_id, 0) for store_id in network.stores])
    counted = {"day": day, "week": week_of(day), "midnight": day_start(day), "let_go": rules.counts == Counts.OFFERS}
    used = session.execute(_USED, counted)
    for store_id, cap, day_open, taken, offers, turn, week_left, open_now in used:
        store = network.stores.get(store_id)
        if store is None:
            continue
        if turn is not None:
            room.turns[store.position] = turn
        if store_id in network.capacity:
            most = cap if day_open else network.capacity[store_id]
            today = UNLIMITED if most is None else int(most + raised.get(store_id, 0) - taken - offers)
            room.left[store.position] = today if week_left is None else min(today, int(week_left - open_now))
    return room


_LIMITS = text("SELECT store_id, cap FROM store_days WHERE day = :day")


def limits_of(session: Session, network: Network, *, now: datetime) -> dict[UUID, int | None]:
    """By store how many leads it takes today; None: without a limit; active stores only (one statement)."""
    opened = {row.store_id: row.cap for row in session.execute(_LIMITS, {"day": beijing_day(now)})}
    return {store_id: opened.get(store_id, most) for store_id, most in network.capacity.items()}


def keep_turns(session: Session, room: Room, stores: Iterable[StoreFacts]) -> None:
    """Write down how far the stores that were offered something have come (one statement). `hq.route` is the only
    writer, one batch at a time."""
    rows = {store.store_id: room.turns[store.position] for store in stores}
    if rows:
        session.execute(_KEEP_TURNS, _TURNS.parameters(rows.items()))


def rules_in_force(session: Session) -> tuple[RoutingRules, int]:
    """The routing rules and their version."""
    rules = of_kind(in_force(session), "routing")
    return RoutingRules.parse(rules.body or {}), rules.version


def unsettled(now: datetime) -> Select[Any]:
    """The leads of which a store moved an assignment, an offer ran out, a hold was not worked, or headquarters is to
    be told: of each kind those that wait longest, so that a batch costs the same however many there are.
    """
    live, moved, until = Assignment.ended_at.is_(None), Assignment.moved_at, Assignment.deadline_at
    due = union_all(
        _longest(moved, Assignment.settled_at.is_distinct_from(moved), Assignment.aside_at.is_(None)),
        _longest(until, Assignment.stage == "offered", live, until <= now),
        _longest(Assignment.recycle_at, live, Assignment.recycle_at <= now),
        _longest(Assignment.hq_at, live, Assignment.hq_at <= now, Assignment.breached_at.is_not(None)),
    ).subquery()
    columns: tuple[Any, ...] = (Lead.lead_id, Lead.state, Lead.hops, Lead.state_reason["code"].astext, Campaign.code)
    return (
        select(*columns)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .where(Lead.lead_id.in_(select(due.c.lead_id)), Lead.aside_at.is_(None))
        .order_by(Lead.lead_id)
    )


def _longest(since: InstrumentedAttribute[Any], *due: ColumnElement[bool]) -> Select[Any]:
    """The leads of the assignments that are due longest; a lead that was put aside takes nobody's place."""
    rows = select(Assignment.lead_id).join(Lead, Lead.lead_id == Assignment.lead_id)
    window = rows.where(*due, Lead.aside_at.is_(None)).order_by(since).limit(_WINDOW).subquery()
    return select(window.c.lead_id)


def alarms(now: datetime) -> Select[Any]:
    """The assignments of which somebody is to be reminded or told, in the order in which it was due. What a store
    moved meanwhile is followed first (`unsettled`).
    """
    columns: tuple[Any, ...] = tuple(getattr(Assignment, name) for name in Alarm._fields)
    followed = Assignment.settled_at.is_not_distinct_from(Assignment.moved_at)
    return (
        select(*columns)
        .where(Assignment.alarm_at.is_not(None), Assignment.alarm_at <= now, Assignment.aside_at.is_(None), followed)
        .order_by(Assignment.alarm_at, Assignment.assignment_id)
    )


_PLANNED = text(
    """
    SELECT f.assignment_id, max(f.next_at) FILTER (WHERE NOT visit.booked),
           max(f.next_at) FILTER (WHERE visit.booked), coalesce(bool_or(f.result = 'wecom_added'), false)
    FROM unnest(CAST(:dealers AS uuid[]), CAST(:assignments AS uuid[])) AS t (dealer_id, assignment_id)
    JOIN follow_ups f ON f.dealer_id = t.dealer_id AND f.assignment_id = t.assignment_id
    CROSS JOIN LATERAL (SELECT f.kind = 'appointment' OR f.result IS NOT DISTINCT FROM 'appointment' AS booked) visit
    WHERE f.next_at IS NOT NULL OR f.result = 'wecom_added'
    GROUP BY f.assignment_id
    """
)
_FIRST_REPORTS = text(
    """
    SELECT f.assignment_id, min(f.at)
    FROM unnest(CAST(:dealers AS uuid[]), CAST(:assignments AS uuid[]), CAST(:since AS timestamptz[]))
         AS t (dealer_id, assignment_id, since)
    JOIN follow_ups f ON f.dealer_id = t.dealer_id AND f.assignment_id = t.assignment_id
    WHERE f.at > t.since AND f.kind NOT IN ('claim', 'reveal')
    GROUP BY f.assignment_id
    """
)


def planned(session: Session, lives: Sequence[Live]) -> tuple[dict[UUID, Planned], frozenset[UUID]]:
    """What stores have planned, per assignment; and the assignments whose customer became a WeCom friend of theirs."""
    held = [live for live in lives if live.held]
    rows = session.execute(_PLANNED, _keys(held)).all() if held else []
    return {row[0]: Planned(row[1], row[2]) for row in rows}, frozenset(row[0] for row in rows if row[3])


def first_reports(session: Session, lives: Sequence[Live]) -> dict[UUID, datetime]:
    """Per assignment the first report since its last move was followed."""
    if not lives:
        return {}
    since = [live.settled_at or live.offered_at for live in lives]
    return {row[0]: row[1] for row in session.execute(_FIRST_REPORTS, {**_keys(lives), "since": since})}


def _keys(lives: Sequence[Live]) -> dict[str, Any]:
    return {"dealers": [live.dealer_id for live in lives], "assignments": [live.assignment_id for live in lives]}
