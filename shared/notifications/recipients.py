"""Who is to get a notice outside the portal, and what of it is still worth telling: two statements for a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Column, Rows
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.identity.permissions import HQ_ROLES, PERMISSIONS, Permission
from shared.notifications.brand import Brand, Channel, Choices
from shared.platform.ids import NIL

_NOTICES: Final = Rows(
    {
        "notification_id": "uuid",
        "dealer_id": "uuid",
        "store_id": "uuid",
        "audience": "text",
        "person": "uuid",
        "permission": "text",
    }
)
# Driven by those who have given an address: most people never do, and then there is nobody to find.
_AT_DEALERS: Final = text(
    f"""
    SELECT t.notification_id, p.dealer_id, p.user_id, p.choices,
           p.phone_sealed IS NOT NULL AS has_phone, p.mail_sealed IS NOT NULL AS has_mail, o.hours, o.closed_days
    FROM {_NOTICES.source}
    JOIN notice_people p ON p.dealer_id = t.dealer_id AND (p.phone_sealed IS NOT NULL OR p.mail_sealed IS NOT NULL)
    JOIN staff s ON s.dealer_id = p.dealer_id AND s.user_id = p.user_id AND s.status = 'active'
    JOIN dealers b ON b.dealer_id = t.dealer_id AND b.status = 'active'
    JOIN stores o ON o.dealer_id = t.dealer_id AND o.store_id = t.store_id
    WHERE CASE
      WHEN t.person IS NOT NULL THEN s.user_id = t.person
      WHEN t.audience = 'owner' THEN s.role = 'dealer_owner'
      WHEN s.role = 'dealer_owner' THEN NOT EXISTS (
        SELECT 1 FROM staff_stores w JOIN staff c ON c.dealer_id = w.dealer_id AND c.user_id = w.user_id
        WHERE w.dealer_id = t.dealer_id AND w.store_id = t.store_id AND c.status = 'active')
      ELSE EXISTS (
        SELECT 1 FROM staff_stores w
        WHERE w.dealer_id = t.dealer_id AND w.store_id = t.store_id AND w.user_id = s.user_id)
    END
    ORDER BY t.notification_id, p.user_id
    """  # noqa: S608 (names)
)
_BRAND: Final = text("SELECT koi_notice_settings()")
_AT_HQ: Final = text(
    f"""
    SELECT t.notification_id, p.dealer_id, p.user_id, p.choices,
           p.phone_sealed IS NOT NULL AS has_phone, p.mail_sealed IS NOT NULL AS has_mail, h.role, t.permission
    FROM {_NOTICES.source}
    JOIN notice_people p ON p.dealer_id = t.dealer_id AND (p.phone_sealed IS NOT NULL OR p.mail_sealed IS NOT NULL)
    JOIN hq_users h ON h.user_id = p.user_id AND h.status = 'active'
    WHERE t.person IS NULL OR h.user_id = t.person
    ORDER BY t.notification_id, p.user_id
    """  # noqa: S608 (names)
)
_WAITING: Final = text(
    """
    SELECT d.dealer_id, d.delivery_id, d.user_id, d.channel, n.kind, n.details, n.at, p.choices,
           p.phone_sealed, p.mail_sealed, coalesce(s.locale, h.locale) AS locale,
           coalesce(s.status, h.status) AS status, a.stage, a.deadline_at, n.ended_at IS NOT NULL AS is_over,
           coalesce(a.moved_at > n.at, false) AS worked,
           n.user_id IS NOT NULL AND a.assignee IS DISTINCT FROM n.user_id AS with_other,
           coalesce(n.at <= p.seen_until, false) OR EXISTS (
             SELECT 1 FROM notice_reads r WHERE r.dealer_id = d.dealer_id AND r.user_id = d.user_id
             AND r.notification_id = d.notification_id) AS is_read,
           EXISTS (SELECT 1 FROM staff_sessions e WHERE e.dealer_id = d.dealer_id AND e.user_id = d.user_id
             AND e.seen_at >= n.at) AS was_there,
           (SELECT max(l.composed_at) FROM deliveries l
            WHERE l.dealer_id = d.dealer_id AND l.user_id = d.user_id AND l.channel = d.channel) AS last_at
    FROM (SELECT DISTINCT u.dealer_id, u.user_id, u.channel FROM ROWS FROM (
            unnest(CAST(:dealer_id AS uuid[])), unnest(CAST(:user_id AS uuid[])), unnest(CAST(:channel AS text[]))
          ) AS u (dealer_id, user_id, channel)) q
    JOIN deliveries d ON d.dealer_id = q.dealer_id AND d.user_id = q.user_id AND d.channel = q.channel
      AND d.state = 'waiting' AND d.aside_at IS NULL
    JOIN notifications n ON n.dealer_id = d.dealer_id AND n.notification_id = d.notification_id
    JOIN notice_people p ON p.dealer_id = d.dealer_id AND p.user_id = d.user_id
    LEFT JOIN staff s ON s.dealer_id = d.dealer_id AND s.user_id = d.user_id
    LEFT JOIN hq_users h ON h.user_id = d.user_id AND d.dealer_id = :nil
    LEFT JOIN assignments a ON a.dealer_id = d.dealer_id
      AND a.assignment_id = CAST(n.details ->> 'assignment_id' AS uuid)
    ORDER BY d.dealer_id, d.user_id, d.channel, n.at, d.delivery_id
    FOR NO KEY UPDATE OF d SKIP LOCKED
    """
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom a notice concerns and who can be reached by `channels`. `hours`: of the store it is about."""

    notification_id: UUID
    dealer_id: UUID
    user_id: UUID
    choices: Choices
    channels: tuple[Channel, ...]
    hours: WeeklyHours | None


def brand_of(session: Session) -> Brand:
    """The brand's settings now."""
    return Brand.of(session.execute(_BRAND).scalar_one())


def recipients(session: Session, notices: Sequence[Any]) -> list[Recipient]:
    """Who is to get these; one statement for dealers and one for headquarters, none where there are no notices."""
    found: list[Recipient] = []
    for statement, some in (
        (_AT_DEALERS, [each for each in notices if each.dealer_id != NIL]),
        (_AT_HQ, [each for each in notices if each.dealer_id == NIL]),
    ):
        if some:
            rows = session.execute(statement, _NOTICES.parameters(map(_named, some)))
            found.extend(_recipient(row) for row in rows if some[0].dealer_id != NIL or _may(row))
    return found


def waiting(session: Session, whom: Iterable[tuple[UUID, UUID, str]]) -> Sequence[Any]:
    """All that waits for these (dealer, person, channel), locked, each with what is to be known of it now."""
    columns = list(zip(*sorted(set(whom)), strict=True))
    names = ("dealer_id", "user_id", "channel")
    parameters: Mapping[str, Any] = {name: Column(values) for name, values in zip(names, columns, strict=True)}
    return session.execute(_WAITING, {**parameters, "nil": NIL}).all()


def _named(notice: Any) -> tuple[Any, ...]:
    return (
        notice.notification_id,
        notice.dealer_id,
        notice.store_id,
        notice.audience,
        notice.user_id,
        notice.permission,
    )


def _may(row: Any) -> bool:
    held: Collection[Permission] = next((PERMISSIONS[role] for role in HQ_ROLES if role == row.role), ())
    return row.permission in held


def _recipient(row: Any) -> Recipient:
    reached = ((Channel.SMS, row.has_phone), (Channel.MAIL, row.has_mail))
    return Recipient(
        notification_id=row.notification_id,
        dealer_id=row.dealer_id,
        user_id=row.user_id,
        choices=Choices.of(row.choices),
        channels=tuple(channel for channel, has in reached if has),
        hours=_hours(row) if "hours" in row._fields else None,
    )


def _hours(row: Any) -> WeeklyHours:
    return WeeklyHours.from_json(row.hours, row.closed_days or ()) if row.hours else DEFAULT_HOURS
