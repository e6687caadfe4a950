"""Messages that did not arrive: what they were, to whom and why, and sending them again. Codes are among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select, true, union_all, update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.models import Dealer
from shared.identity.actor import Actor
from shared.identity.models import HqUser, Staff
from shared.mail import send as mail
from shared.mail.jobs import MOST_TRIES
from shared.mail.models import MailMessage
from shared.notifications.brand import Channel
from shared.notifications.models import Delivery
from shared.platform.ids import NIL
from shared.sms import send as sms
from shared.sms.models import SmsMessage
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Rows

MOST: Final = 200
_GOOD_FOR: Final = timedelta(hours=4)
_AGAIN: Final = "notices"  # a code that comes late is of no use; its owner asks for another one
_STATES: Final = ("failed", "uncertain")
_TABLES: Final[Mapping[Channel, tuple[type[SmsMessage] | type[MailMessage], str]]] = {
    Channel.SMS: (SmsMessage, sms.DRAIN),
    Channel.MAIL: (MailMessage, mail.DRAIN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A message that was given up, or of which nobody knows whether it arrived.

    Attributes:
        about: `notices`, `confirm` or the purpose of a code.
        who, dealer: whom it was for; empty where nobody knows (a code goes to a number).
        reason: the server's status or a word such as `too_late`.
    """

    message_id: UUID
    channel: Channel
    about: str
    state: str
    reason: str
    tries: int
    at: datetime
    who: str
    dealer: str

    @property
    def may_again(self) -> bool:
        """Whether it makes sense to send it again."""
        return self.about == _AGAIN


def failed(session: Session) -> list[Failed]:
    """The latest messages that did not arrive, newest first; they are kept for two days."""
    both = union_all(*(_failed(channel) for channel in Channel)).subquery()
    of_message = select(Delivery.dealer_id, Delivery.user_id).where(Delivery.message_id == both.c.message_id)
    whose = of_message.limit(1).lateral()
    rows = (
        select(both, func.coalesce(Staff.name, HqUser.name, "").label("who"), Dealer.name.label("dealer"))
        .select_from(both)
        .outerjoin(whose, true())
        .outerjoin(Staff, and_(Staff.dealer_id == whose.c.dealer_id, Staff.user_id == whose.c.user_id))
        .outerjoin(HqUser, and_(HqUser.user_id == whose.c.user_id, whose.c.dealer_id == NIL))
        .outerjoin(Dealer, Dealer.dealer_id == Staff.dealer_id)
        .order_by(both.c.answered_at.desc(), both.c.message_id)
        .limit(MOST)
    )
    return [_line(row) for row in session.execute(rows)]


def count_failed(session: Session) -> int:
    """How many there are."""
    counts = [select(func.count()).where(_gave_up(channel)).scalar_subquery() for channel in Channel]
    return sum(session.execute(select(*counts)).one())


def again(session: Session, ids: Collection[UUID] | None, *, actor: Actor, now: datetime) -> int:
    """Send messages again; None: all that may be.

    Returns:
        how many; those that are on their way, or are codes, are left alone.
    """
    total = 0
    for channel, (table, drain) in _TABLES.items():
        chosen = update(table).where(_gave_up(channel), table.template == _AGAIN)
        if ids is not None:
            chosen = chosen.where(table.message_id.in_(sorted(ids)))
        fresh = func.greatest(table.expires_at, now + _GOOD_FOR)
        values = {"state": "due", "tries": _from_anew(channel), "due_at": now, "expires_at": fresh}
        moved = chosen.values(values).returning(table.message_id)
        found = session.execute(moved.execution_options(synchronize_session=False)).all()
        if found:
            total += len(found)
            ring_after_commit(session, drain)
    if total:
        audit.record(session, actor, "message:again", "messages", at=now, count=total)
    return total


def _failed(channel: Channel) -> Rows:
    table, _drain = _TABLES[channel]
    columns = (table.message_id, table.template, table.state, table.answer, table.tries, table.answered_at)
    return select(literal(channel.value).label("channel"), *columns).where(_gave_up(channel))


def _gave_up(channel: Channel) -> ColumnElement[bool]:
    table, _drain = _TABLES[channel]
    return and_(table.state.in_(_STATES), table.aside_at.is_(None))


def _from_anew(channel: Channel) -> Any:
    """Tries of e-mails have numbers that must not come again: the next round begins after the last one."""
    if channel is Channel.SMS:
        return 0
    return (MailMessage.tries + MOST_TRIES - 1) // MOST_TRIES * MOST_TRIES


def _line(row: Any) -> Failed:
    said = row.answer
    return Failed(
        message_id=row.message_id,
        channel=Channel(row.channel),
        about=row.template,
        state=row.state,
        reason=str(said.get("error") or said.get("status") or said.get("code") or ""),
        tries=row.tries,
        at=row.answered_at,
        who=row.who,
        dealer=row.dealer or "",
    )
