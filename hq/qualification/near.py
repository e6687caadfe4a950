"""Who was near the people of a batch: on the same device, at the same address, invited by the same person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.facts import Invitation, Neighbour, Received
from hq.qualification.screening.rules import ScreeningRules
from shared.db.batch import Column

CROWD = 400
"""Sign-ups of one device, address or inviter that are looked at, the latest first."""
_FAR = 64
"""Invitations that are followed from one person; a longer circle is not seen."""
_BY_THEN = "(CAST(:until AS timestamptz) IS NULL OR n.accepted_at < :until)"
_ADDRESS_RULES = ("address_many_people", "bare_address_many_people", "many_a_minute")
_ONE = "n.signup_id, n.contact_id, n.phone_bidx, n.openid_bidx, n.occurred_at, n.outcome"
_DRAWS = (
    "CASE WHEN jsonb_typeof(n.actions -> 'draws') = 'number'"
    " THEN least((n.actions ->> 'draws')::numeric, 100000)::integer END"
)

# Who stands at a store's own tablet is no ring, so sign-ups by a store's code are left out.
_NEIGHBOURS = text(
    f"""
    SELECT 'device', k.device, NULL, NULL, s.*, NULL::integer
    FROM unnest(CAST(:devices AS bytea[]), CAST(:device_from AS timestamptz[]), CAST(:device_to AS timestamptz[]))
         AS k (device, low, high)
    CROSS JOIN LATERAL (
        SELECT {_ONE} FROM signups n
        WHERE n.device_bidx = k.device AND n.occurred_at BETWEEN k.low AND k.high
          AND n.touchpoint IS DISTINCT FROM 'store_qr' AND {_BY_THEN}
        ORDER BY n.occurred_at DESC LIMIT {CROWD}
    ) AS s
    UNION ALL
    SELECT 'address', NULL, host(k.ip), k.agent, s.*
    FROM unnest(CAST(:ips AS inet[]), CAST(:agents AS text[]), CAST(:ip_from AS timestamptz[]),
                CAST(:ip_to AS timestamptz[])) AS k (ip, agent, low, high)
    CROSS JOIN LATERAL (
        SELECT {_ONE}, CASE WHEN k.agent IS NULL THEN {_DRAWS} END FROM signups n
        WHERE n.ip = k.ip AND n.occurred_at BETWEEN k.low AND k.high AND n.user_agent IS NOT DISTINCT FROM k.agent
          AND n.touchpoint IS DISTINCT FROM 'store_qr' AND {_BY_THEN}
        ORDER BY n.occurred_at DESC LIMIT {CROWD}
    ) AS s
    UNION ALL
    SELECT 'inviter', k.inviter, NULL, NULL, s.*
    FROM unnest(CAST(:inviters AS bytea[]), CAST(:inviter_from AS timestamptz[]), CAST(:inviter_to AS timestamptz[]))
         AS k (inviter, low, high)
    CROSS JOIN LATERAL (
        SELECT {_ONE}, {_DRAWS} FROM signups n
        WHERE n.inviter_bidx = k.inviter AND n.occurred_at BETWEEN k.low AND k.high AND {_BY_THEN}
        ORDER BY n.occurred_at DESC LIMIT {CROWD}
    ) AS s
    """  # noqa: S608 (names and numbers of this module)
)
# A circle is closed by somebody who has invited others already: only from there are invitations followed. People
# invite before they are invited, so hardly anybody honest is looked at. UNION keeps each step once.
_INVITATIONS = text(
    f"""
    WITH RECURSIVE batch AS (
        SELECT * FROM unnest(CAST(:openids AS bytea[]), CAST(:inviters AS bytea[])) AS b (openid, inviter)
    ), walk (invited, contact_id, inviter, depth) AS (
        SELECT b.openid, NULL::uuid, b.inviter, 0 FROM batch b
        WHERE EXISTS (SELECT 1 FROM signups n WHERE n.inviter_bidx = b.openid AND {_BY_THEN})
        UNION
        SELECT w.inviter, x.contact_id, x.inviter, w.depth + 1
        FROM walk w CROSS JOIN LATERAL (
            SELECT n.contact_id, n.inviter_bidx
            FROM identities i JOIN signups n ON n.contact_id = i.contact_id AND n.inviter_bidx IS NOT NULL
            WHERE i.kind = 'openid' AND i.value_bidx = w.inviter AND {_BY_THEN}
            UNION ALL
            SELECT NULL, b.inviter FROM batch b WHERE b.openid = w.inviter
        ) AS x (contact_id, inviter)
        WHERE w.depth < {_FAR}
    )
    SELECT DISTINCT invited, contact_id, inviter FROM walk
    """  # noqa: S608 (names and numbers of this module)
)


def neighbours(
    session: Session, batch: Sequence[Received], rules: ScreeningRules, *, until: datetime | None = None
) -> tuple[Neighbour, ...]:
    """The sign-ups near those of a batch, as far as a rule that is on asks for them; one statement.

    Args:
        until: only those accepted before it; None: all.
    """
    watched = [each for each in batch if each.said.touchpoint != "store_qr"]
    device, invited = rules.get("device_many_people"), rules.get("invite_crowd")
    by_address = [rule for code in _ADDRESS_RULES if (rule := rules.get(code))]
    devices = _spans(
        ((each.device_bidx,), each.said.occurred_at) for each in watched if device and each.device_bidx is not None
    )
    addresses = _spans(
        ((each.ip, each.user_agent), each.said.occurred_at) for each in watched if by_address and each.ip is not None
    )
    inviters = _spans(
        ((each.inviter_bidx,), each.said.occurred_at) for each in batch if invited and each.inviter_bidx is not None
    )
    if not devices and not addresses and not inviters:
        return ()
    narrow = max((rule.values.get("minutes", 1) for rule in by_address), default=0)
    found = session.execute(
        _NEIGHBOURS,
        {
            "devices": Column(shared[0] for shared in devices),
            **_window("device", devices, device["minutes"] if device else 0),
            "ips": Column(shared[0] for shared in addresses),
            "agents": Column(shared[1] for shared in addresses),
            **_window("ip", addresses, narrow),
            "inviters": Column(shared[0] for shared in inviters),
            **_window("inviter", inviters, invited["minutes"] if invited else 0),
            "until": until,
        },
    )
    return tuple(_neighbour(*row) for row in found)


def invitations(
    session: Session, batch: Sequence[Received], rules: ScreeningRules, *, until: datetime | None = None
) -> tuple[Invitation, ...]:
    """The chains of invitations that begin in a batch and may close a circle; one statement. `until` as above."""
    if not rules.get("invite_circle"):
        return ()
    invited = [each for each in batch if each.inviter_bidx is not None and each.said.openid_bidx is not None]
    if not invited:
        return ()
    rows = session.execute(
        _INVITATIONS,
        {
            "openids": Column(each.said.openid_bidx for each in invited),
            "inviters": Column(each.inviter_bidx for each in invited),
            "until": until,
        },
    )
    return tuple(Invitation(*row) for row in rows)


def _window(name: str, spans: Mapping[tuple[Any, ...], tuple[datetime, datetime]], minutes: int) -> dict[str, Column]:
    wide = timedelta(minutes=minutes)
    return {
        f"{name}_from": Column(low - wide for low, _ in spans.values()),
        f"{name}_to": Column(high + wide for _, high in spans.values()),
    }


def _neighbour(kind: str, shared: bytes | None, ip: str | None, agent: str | None, *rest: Any) -> Neighbour:
    if kind != "address":
        return Neighbour(kind, (shared,), *rest)
    return Neighbour("address" if agent is not None else "bare_address", (ip, agent), *rest)


def _spans(sightings: Iterable[tuple[tuple[Any, ...], datetime]]) -> dict[tuple[Any, ...], tuple[datetime, datetime]]:
    """The first and the last time of each shared thing."""
    spans: dict[tuple[Any, ...], tuple[datetime, datetime]] = {}
    for shared, at in sightings:
        low, high = spans.get(shared, (at, at))
        spans[shared] = (min(low, at), max(high, at))
    return spans
