"""Drains: find out whom a notice goes to by which way, put what is due into messages, forget what is old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.orm import Session

from shared.db.batch import Rows as Columns
from shared.mail import send as mail
from shared.notifications import plan
from shared.notifications.addresses import open_address
from shared.notifications.brand import Brand, Channel, Choices
from shared.notifications.bundles import Bundle, Waiting, bundle
from shared.notifications.models import Delivery, NoticePerson, NoticeRead, Notification
from shared.notifications.notices import SPREAD
from shared.notifications.people import ASK, CODE_GOOD_FOR, open_asked
from shared.notifications.queries import KEPT, deadline_of
from shared.notifications.recipients import Recipient, brand_of, recipients, waiting
from shared.notifications.texts import Words, confirm, words
from shared.platform.ids import NIL, next_id
from shared.platform.settings import WorkerSettings
from shared.sms import send as sms
from shared.work.aside import NOTHING, Aside
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Batch, Rows, drain
from shared.work.place import settings_of

COMPOSE: Final = "shared.compose"
_OLD_NEWS: Final = timedelta(days=1)  # what nobody spread for so long is told in the portal alone
_GOOD_FOR: Final = {Channel.SMS: timedelta(hours=4), Channel.MAIL: timedelta(hours=24)}

_DELIVERIES: Final = Columns(
    {
        "dealer_id": "uuid",
        "delivery_id": "uuid",
        "notification_id": "uuid",
        "user_id": "uuid",
        "channel": "text",
        "due_at": "timestamptz",
    }
)
_ADD: Final = text(
    f"INSERT INTO deliveries ({_DELIVERIES.names}, state)"  # noqa: S608 (names)
    f" SELECT {_DELIVERIES.names}, 'waiting' FROM {_DELIVERIES.source}"
    " ORDER BY dealer_id, notification_id, user_id, channel ON CONFLICT DO NOTHING"
)
_KEYS: Final = Columns({"dealer_id": "uuid", "notification_id": "uuid"})
_SPREAD: Final = text(
    f"UPDATE notifications n SET spread_at = :now FROM {_KEYS.source}"  # noqa: S608 (names)
    " WHERE n.dealer_id = t.dealer_id AND n.notification_id = t.notification_id"
)
_OUTCOMES: Final = Columns(
    {
        "dealer_id": "uuid",
        "delivery_id": "uuid",
        "state": "text",
        "why": "text",
        "due_at": "timestamptz",
        "message_id": "uuid",
        "composed_at": "timestamptz",
    }
)
_WRITE: Final = text(
    "UPDATE deliveries d SET state = t.state, why = t.why, due_at = greatest(t.due_at, d.due_at),"  # noqa: S608 (names)
    f" message_id = t.message_id, composed_at = t.composed_at FROM {_OUTCOMES.source}"
    " WHERE d.dealer_id = t.dealer_id AND d.delivery_id = t.delivery_id"
)


def untold(now: datetime) -> Rows:
    """Notices that nobody has looked at for whom they go out to."""
    rows = select(
        Notification.dealer_id,
        Notification.notification_id,
        Notification.store_id,
        Notification.audience,
        Notification.user_id,
        Notification.permission,
        Notification.kind,
        Notification.details,
        Notification.at,
    )
    waits = (Notification.spread_at.is_(None), Notification.aside_at.is_(None), Notification.at <= now)
    return rows.where(*waits).order_by(Notification.at, Notification.notification_id)


@drain(SPREAD, due=untold, key=Notification.notification_id, since=Notification.at, batch=1000)
def spread(session: Session, batch: Batch, now: datetime) -> Aside:
    """Write a delivery per notice, person and way out."""
    open_ways = ways_of(settings_of(session))
    fresh = [row for row in batch if row.at > now - _OLD_NEWS]
    if open_ways and fresh and (whom := recipients(session, fresh)):
        rows = list(_deliveries(fresh, whom, open_ways, brand_of(session), now))
        if rows:
            session.execute(_ADD, _DELIVERIES.parameters(rows))
            ring_after_commit(session, COMPOSE)
    keys = [(row.dealer_id, row.notification_id) for row in batch]
    session.execute(_SPREAD, {**_KEYS.parameters(keys), "now": now})
    return NOTHING


def ways_of(settings: WorkerSettings) -> tuple[Channel, ...]:
    """The ways out that this installation has."""
    there = ((Channel.SMS, settings.sms_url), (Channel.MAIL, settings.mail_url))
    return tuple(channel for channel, url in there if url)


def _deliveries(
    notices: Sequence[Any], whom: Iterable[Recipient], ways: Sequence[Channel], brand: Brand, now: datetime
) -> Iterable[tuple[Any, ...]]:
    by_id = {row.notification_id: row for row in notices}
    for one in whom:
        row = by_id[one.notification_id]
        what = plan.Occasion(row.kind, row.details.get("grade"), row.at, one.hours)
        for channel in one.channels:
            at = plan.due_at(what, channel, brand, one.choices, now) if channel in ways else None
            if at is not None:
                yield one.dealer_id, next_id(now), one.notification_id, one.user_id, channel.value, at


def due(now: datetime) -> Rows:
    """Deliveries whose time has come."""
    rows = select(Delivery.dealer_id, Delivery.delivery_id, Delivery.user_id, Delivery.channel, Delivery.due_at)
    waits = (Delivery.state == "waiting", Delivery.aside_at.is_(None), Delivery.due_at <= now)
    return rows.where(*waits).order_by(Delivery.due_at, Delivery.delivery_id)


@drain(COMPOSE, due=due, key=Delivery.delivery_id, since=Delivery.due_at, batch=500, single_flight=True)
def compose(session: Session, batch: Batch, now: datetime) -> Aside:
    """One message for all that waits for a person by a way, also for what would be due later.

    Messages are rows as well, written in this transaction with a key of their own: what is in one is in no other.
    """
    found = waiting(session, ((row.dealer_id, row.user_id, row.channel) for row in batch))
    brand, settings = brand_of(session), settings_of(session)
    outcomes: list[tuple[Any, ...]] = []
    messages: list[_Message] = []
    for (dealer_id, user_id, channel), rows in groupby(found, lambda row: (row.dealer_id, row.user_id, row.channel)):
        some = list(rows)
        one = _bundle(some, Channel(channel), brand, now)
        message = _Message(next_id(now), dealer_id, user_id, Channel(channel), some[0], one) if one.told else None
        outcomes.extend(_outcomes(dealer_id, some, one, message.message_id if message else None, now))
        messages.extend([message] if message else [])
    session.execute(_WRITE, _OUTCOMES.parameters(outcomes))
    _post(session, messages, settings, now)
    return NOTHING


class _Message(NamedTuple):
    message_id: UUID
    dealer_id: UUID
    user_id: UUID
    channel: Channel
    person: Any
    bundle: Bundle


def _bundle(rows: Sequence[Any], channel: Channel, brand: Brand, now: datetime) -> Bundle:
    first = rows[0]
    return bundle(
        (_waiting(row, channel) for row in rows),
        channel,
        brand,
        Choices.of(first.choices),
        last_at=first.last_at,
        now=now,
    )


def _waiting(row: Any, channel: Channel) -> Waiting:
    return Waiting(
        delivery_id=row.delivery_id,
        kind=row.kind,
        grade=row.details.get("grade"),
        deadline=deadline_of(row.details),
        stage=row.stage,
        deadline_at=row.deadline_at,
        is_read=row.is_read,
        was_there=row.was_there,
        is_active=row.status == "active",
        is_over=row.is_over,
        worked=row.worked,
        with_other=row.with_other,
        has_address=(row.phone_sealed if channel is Channel.SMS else row.mail_sealed) is not None,
    )


def _outcomes(
    dealer_id: UUID, rows: Sequence[Any], one: Bundle, message_id: UUID | None, now: datetime
) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        why = one.dropped.get(row.delivery_id)
        if why:
            yield dealer_id, row.delivery_id, "dropped", why, None, None, None
        elif message_id is None:
            yield dealer_id, row.delivery_id, "waiting", None, one.put_off_to, None, None
        else:
            yield dealer_id, row.delivery_id, "composed", None, None, message_id, now


def _post(session: Session, messages: Sequence[_Message], settings: WorkerSettings, now: datetime) -> None:
    keys = settings.keys.sms
    texts = [(each, *_told(each, settings, now)) for each in messages]
    sms.post_many(
        session,
        [
            sms.Intent(each.message_id, _key(each), sms.Message(to, "notices", each.person.locale, said.params))
            for each, to, said in texts
            if each.channel is Channel.SMS
        ],
        good_for=_GOOD_FOR[Channel.SMS],
        keys=keys,
        now=now,
    )
    mails = [
        mail.Intent(
            each.message_id, _key(each), "notices", _mail(to, said, each.person.locale), _GOOD_FOR[Channel.MAIL]
        )
        for each, to, said in texts
        if each.channel is Channel.MAIL
    ]
    mail.post(session, mails, keys=keys, now=now)


class _Said(NamedTuple):
    words: Words
    link: str

    @property
    def params(self) -> dict[str, str]:
        return {"text": self.words.summary, "link": self.link}


def _told(message: _Message, settings: WorkerSettings, now: datetime) -> tuple[str, _Said]:
    """Where to, and what."""
    person = message.person
    sealed = person.phone_sealed if message.channel is Channel.SMS else person.mail_sealed
    way = message.channel.value
    to = open_address(sealed, message.dealer_id, message.user_id, way, settings.keys.sms)
    told = words(message.bundle.items, person.locale, now)
    face = "hq" if message.dealer_id == NIL else "dealer"
    return to, _Said(told, f"{settings.base_url}/{face}/notices")


def _mail(to: str, said: _Said, language: str) -> mail.Mail:
    if language == "en":
        foot = f"Sign in to see more: {said.link}\nWhat you are sent is set under My account, Messages."
    else:
        foot = f"登录查看：{said.link}\n不想收到这类邮件，可在“我的账号 · 消息”里修改。"
    lines = "\n".join(f"· {line}" for line in said.words.lines)
    return mail.Mail(to, said.words.summary, f"{lines}\n\n{foot}\n")


def _key(message: _Message) -> str:
    return f"notice.{message.message_id}"


def asked(now: datetime) -> Rows:
    """New e-mail addresses that no code was sent to yet."""
    rows = select(
        NoticePerson.dealer_id,
        NoticePerson.user_id,
        NoticePerson.mail_asked,
        NoticePerson.mail_asked_at,
    )
    waits = (NoticePerson.mail_asked_at.is_not(None), NoticePerson.mail_told_at.is_(None))
    return rows.where(*waits, NoticePerson.mail_asked_at <= now).order_by(NoticePerson.mail_asked_at)


@drain(ASK, due=asked, key=NoticePerson.user_id, since=NoticePerson.mail_asked_at, batch=100)
def ask_addresses(session: Session, batch: Batch, now: datetime) -> Aside:
    """Put the codes that prove new addresses into messages."""
    keys = settings_of(session).keys.sms
    intents = []
    for row in batch:
        found = open_asked(row.mail_asked, row.dealer_id, row.user_id, keys)
        told = mail.Mail(found["to"], *confirm(found["code"]))
        key = f"confirm.{row.user_id}.{row.mail_asked_at.timestamp()}"
        intents.append(mail.Intent(next_id(now), key, "confirm", told, CODE_GOOD_FOR))
    mail.post(session, intents, keys=keys, now=now)
    people = tuple_(NoticePerson.dealer_id, NoticePerson.user_id).in_([(row.dealer_id, row.user_id) for row in batch])
    told_now = update(NoticePerson).where(people).values(mail_told_at=now)
    session.execute(told_now.execution_options(synchronize_session=False))
    return NOTHING


def old(now: datetime) -> Rows:
    """Notices that nobody looks for any more."""
    rows = select(Notification.dealer_id, Notification.notification_id, Notification.at)
    return rows.where(Notification.at <= now - KEPT).order_by(Notification.at)


@drain("shared.purge_notices", due=old, key=Notification.notification_id, since=Notification.at, batch=2000)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Forget old notices, who read them and how they went out."""
    keys = [(row.dealer_id, row.notification_id) for row in batch]
    for table in (Delivery, NoticeRead, Notification):
        of_notice = tuple_(table.dealer_id, table.notification_id).in_(keys)
        session.execute(delete(table).where(of_notice).execution_options(synchronize_session=False))
    return NOTHING
