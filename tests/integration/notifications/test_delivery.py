"""Out of the portal: to whom, when, as one message, once, and never with a number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import unit_of_work
from shared.dealers.models import Store
from shared.identity.models import StaffSession
from shared.identity.permissions import Role
from shared.mail.models import MailMessage
from shared.notifications.brand import Choices, Pace, Quiet
from shared.notifications.jobs import COMPOSE
from shared.notifications.kinds import KINDS
from shared.notifications.models import Delivery
from shared.notifications.notices import SPREAD, Notice, notify
from shared.platform.ids import new_id
from tests.factories import leads, network
from tests.factories.counting import NOW
from tests.fakes.mail_server import MailServer
from tests.fakes.sms_gateway import Gateway
from tests.integration.notifications.conftest import Ways, reached

PHONE, MAIL = "+8613800138000", "wu@example.com"
LATER = NOW + timedelta(minutes=4)
AT_ONCE = Choices(pace=Pace.AT_ONCE)


def tell(engine: Any, *notices: Notice, now: datetime = NOW) -> None:
    with unit_of_work(engine) as session:
        notify(session, notices, now=now)


def offers(rows: Session, store: Store, grades: str, *, minutes: float = 30) -> list[Notice]:
    """Waiting offers and the notices of them."""
    found = []
    for number, grade in enumerate(grades):
        (given,) = leads.offered(rows, store, minutes=minutes + number, grade=grade)
        details = {"grade": grade, "deadline": given.deadline_at.isoformat()}
        found.append(Notice("offered", given.dealer_id, given.store_id, given.assignment_id, details))
    rows.commit()
    return found


def states(rows: Session) -> list[tuple[str, str, str | None]]:
    rows.rollback()
    found = rows.execute(select(Delivery.channel, Delivery.state, Delivery.why)).all()
    return sorted((channel, state, why) for channel, state, why in found)


def texts(gateway: Gateway) -> list[str]:
    return [each["text"] for each in gateway.sent.values()]


def test_many_new_leads_are_one_message_with_the_first_deadline(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), phone=PHONE)
    tell(hq_engine, *offers(rows, store, "ABAC"))
    ways.run()
    assert texts(gateway) == []  # whoever looks at the portal needs none
    ways.run(LATER)
    (text,) = texts(gateway)
    assert text.startswith("3 条新线索，最早 10:30 前要领取。")
    assert PHONE not in text


def test_who_has_looked_at_the_portal_gets_no_message_of_a_new_lead(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    person = network.staff(rows, [store])
    reached(rows, person, phone=PHONE)
    tell(hq_engine, *offers(rows, store, "A"))
    ways.run()
    at = NOW + timedelta(minutes=1)
    rows.add(
        StaffSession(
            dealer_id=store.dealer_id,
            session_id=new_id(NOW),
            user_id=person.user_id,
            secret_hash=b"",
            created_at=NOW,
            seen_at=at,
            expires_at=at + timedelta(days=1),
            ended_at=None,
            address="",
            agent="",
        )
    )
    rows.commit()
    ways.run(LATER)
    assert (texts(gateway), states(rows)) == ([], [("sms", "dropped", "seen")])


def test_a_lead_that_is_claimed_meanwhile_is_not_told(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), phone=PHONE)
    tell(hq_engine, *offers(rows, store, "A", minutes=2))
    ways.run()
    ways.run(LATER)
    assert (texts(gateway), states(rows)) == ([], [("sms", "dropped", "over")])


def test_messages_keep_their_distance_unless_it_is_urgent(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), phone=PHONE)
    rows.commit()
    about = (store.dealer_id, store.store_id)
    for minute in range(3):
        now = NOW + timedelta(minutes=minute)
        tell(hq_engine, Notice("contact_late", *about, new_id(now)), now=now)
        ways.run(now)
    assert len(gateway.sent) == 1
    tell(hq_engine, Notice("escalated", *about, new_id(NOW)), now=LATER)
    ways.run(LATER)
    assert len(gateway.sent) == 2
    assert "2 位客户没按时联系；1 条逾期线索已上报" in texts(gateway)[1]


def test_quiet_hours_are_kept_and_urgent_things_pass(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    own = Choices(quiet=Quiet.OWN, quiet_span=(9 * 60, 12 * 60))
    reached(rows, network.staff(rows, [store]), phone=PHONE, choices=own)
    rows.commit()
    tell(hq_engine, Notice("contact_late", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run()
    assert texts(gateway) == []
    ways.run(NOW + timedelta(hours=2))
    assert len(gateway.sent) == 1
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run(NOW + timedelta(minutes=1))
    assert len(gateway.sent) == 2


def test_store_owner_and_headquarters_each_get_their_own(
    ways: Ways, rows: Session, store: Store, post: MailServer, hq_engine: Any
) -> None:
    owner = network.staff(rows, rows.get(network.Dealer, store.dealer_id), Role.DEALER_OWNER)
    people = {
        "manager": network.staff(rows, [store]),
        "owner": owner,
        "elsewhere": network.staff(rows, [network.store(rows)]),
        "operator": network.hq_user(rows, Role.OPERATOR, locale="en"),
        "analyst": network.hq_user(rows, Role.ANALYST),
    }
    for name, who in people.items():
        reached(rows, who, mail=f"{name}@example.com", choices=AT_ONCE)
    rows.commit()
    about = (store.dealer_id, store.store_id, new_id(NOW))
    tell(hq_engine, Notice("contact_late", *about), Notice("escalated", *about, to="owner"))
    tell(hq_engine, Notice("escalated", *about, to="hq"))
    ways.run()
    said = {message["To"]: message["Subject"] for message in post.came}
    assert said == {
        "manager@example.com": "1 位客户没按时联系",
        "owner@example.com": "1 条逾期线索已上报",
        "operator@example.com": "1 late lead escalated",
    }


def test_a_store_without_people_of_its_own_is_its_owners(
    ways: Ways, rows: Session, store: Store, post: MailServer, hq_engine: Any
) -> None:
    owner = network.staff(rows, rows.get(network.Dealer, store.dealer_id), Role.DEALER_OWNER)
    reached(rows, owner, mail=MAIL, choices=AT_ONCE)
    rows.commit()
    tell(hq_engine, Notice("recalled", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run()
    assert [message["To"] for message in post.came] == [MAIL]


def test_the_daily_mail_tells_of_everything_at_once(
    ways: Ways, rows: Session, store: Store, post: MailServer, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), mail=MAIL)
    rows.commit()
    about = (store.dealer_id, store.store_id)
    tell(hq_engine, *(Notice(kind, *about, new_id(NOW)) for kind in ("expired", "recalled", "recalled")))
    ways.run()
    assert post.came == []
    ways.run(NOW + timedelta(hours=22, minutes=30))
    (message,) = post.came
    assert "· 1 条线索没领，过时了\n· 总部撤回了 2 条线索\n" in message.get_content()
    assert message["Message-ID"].startswith("<notice.")


def test_without_any_way_out_notices_stay_in_the_portal(
    ways: Ways, rows: Session, store: Store, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), phone=PHONE, mail=MAIL)
    rows.commit()
    ways.sms = ways.mail = ""
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run()
    assert states(rows) == []


def test_what_a_gateway_cannot_take_now_is_taken_later(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), phone=PHONE)
    rows.commit()
    gateway.fail_with = [503, 0]
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    for seconds in (0, 5, 30):
        ways.run(NOW + timedelta(seconds=seconds))
    assert (gateway.requests, len(gateway.sent)) == (3, 1)


class Killed(BaseException):
    """A worker that dies: nothing of ours catches it."""


@pytest.mark.parametrize(
    ("dies", "state", "came"),
    [("before its answer is noted", "uncertain", 1), ("after its answer is noted", "sent", 1)],
    ids=["unknown", "known"],
)
def test_a_mail_whose_worker_died_is_not_sent_twice(
    ways: Ways,
    rows: Session,
    store: Store,
    post: MailServer,
    hq_engine: Any,
    monkeypatch: Any,
    dies: str,
    state: str,
    came: int,
) -> None:
    import shared.mail.jobs as jobs

    reached(rows, network.staff(rows, [store]), mail=MAIL)
    rows.commit()
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run(NOW, SPREAD, COMPOSE)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "Jsonb" if dies.startswith("before") else "_outcome", die)
        with pytest.raises(Killed):
            ways.run(NOW, "shared.send_mail")
    ways.run(NOW + timedelta(minutes=1), "shared.send_mail")
    rows.rollback()
    assert (rows.scalars(select(MailMessage.state)).one(), len(post.came)) == (state, came)


def test_a_text_message_whose_worker_died_is_asked_for_again_with_its_key(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any, monkeypatch: Any
) -> None:
    import shared.sms.jobs as jobs

    reached(rows, network.staff(rows, [store]), phone=PHONE)
    rows.commit()
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run(NOW, SPREAD, COMPOSE)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_outcome", die)
        with pytest.raises(Killed):
            ways.run(NOW, "shared.send_sms")
    ways.run(NOW + timedelta(minutes=1), "shared.send_sms")
    assert (gateway.requests, len(gateway.sent)) == (2, 1)


def test_a_server_that_hangs_up_with_the_message_in_hand_leaves_it_uncertain(
    ways: Ways, rows: Session, store: Store, post: MailServer, hq_engine: Any
) -> None:
    reached(rows, network.staff(rows, [store]), mail=MAIL)
    rows.commit()
    post.data_answers = [0]
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run()
    rows.rollback()
    assert rows.scalars(select(MailMessage.state)).one() == "uncertain"


@pytest.mark.parametrize(("answer", "state"), [(550, "failed"), (451, "due")])
def test_a_refused_address_is_final_and_a_busy_server_is_not(
    ways: Ways, rows: Session, store: Store, post: MailServer, hq_engine: Any, answer: int, state: str
) -> None:
    reached(rows, network.staff(rows, [store]), mail=MAIL)
    rows.commit()
    post.rcpt_answers = [answer]
    tell(hq_engine, Notice("escalated", store.dealer_id, store.store_id, new_id(NOW)))
    ways.run()
    rows.rollback()
    found = rows.scalars(select(MailMessage)).one()
    assert (found.state, found.answer) == (state, {"code": answer})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_message_of_any_kind_holds_a_number_or_a_name(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, post: MailServer, hq_engine: Any, language: str
) -> None:
    everything = {kind: {"sms": True, "mail": True} for kind in KINDS}
    choices = Choices(ways=everything, pace=Pace.AT_ONCE, quiet=Quiet.NEVER)
    manager = network.staff(rows, [store], locale=language)
    owner = network.staff(rows, rows.get(network.Dealer, store.dealer_id), Role.DEALER_OWNER, locale=language)
    operator = network.hq_user(rows, Role.OPERATOR, locale=language)
    for number, who in enumerate((manager, owner, operator)):
        reached(rows, who, phone=PHONE, mail=f"p{number}@example.com", choices=choices)
    rows.commit()
    bad = {"grade": "13900139000", "name": "欧阳锋", "phone": "13900139000", "deadline": LATER.isoformat()}
    about = (store.dealer_id, store.store_id)
    every = [(kind, to) for kind, one in KINDS.items() for to in one.to]
    tell(hq_engine, *(Notice(kind, *about, new_id(NOW), bad, to=to) for kind, to in every))
    ways.run()
    ways.run(LATER + timedelta(hours=1))
    said = texts(gateway) + [f"{each['Subject']}\n{each.get_content()}" for each in post.came]
    assert len(said) == 6
    for text in said:
        plain = text.replace(str(ways.settings.base_url), "")
        assert not re.search(r"\d{5,}|欧阳锋", plain), text


def work_on(rows: Session, store: Store, person: Any, kind: str) -> tuple[Any, Notice]:
    """A lead that the person works on, and a notice of it to them alone."""
    held = leads.claimed(rows, store, assignee=person.user_id)
    rows.commit()
    return held, Notice(kind, held.dealer_id, held.store_id, held.assignment_id, {"grade": "A"}, user_id=person.user_id)


@pytest.mark.parametrize("kind", ["contact_late", "follow_up_late"])
@pytest.mark.parametrize("what", ["worked", "given on", "lost"])
def test_a_reminder_that_asks_for_nothing_any_more_is_not_sent(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any, kind: str, what: str
) -> None:
    person = network.staff(rows, [store], Role.SALESPERSON)
    reached(rows, person, phone=PHONE, choices=Choices(quiet=Quiet.OWN, quiet_span=(10 * 60, 10 * 60 + 3)))
    held, notice = work_on(rows, store, person, kind)
    tell(hq_engine, notice)
    ways.run()
    assert texts(gateway) == []
    if what == "worked":
        held.moved_at = NOW + timedelta(minutes=1)
    elif what == "given on":
        held.assignee = network.staff(rows, [store], Role.SALESPERSON).user_id
    else:
        held.stage = "lost"
    rows.commit()
    ways.run(LATER)
    assert (texts(gateway), states(rows)) == ([], [("sms", "dropped", "over")])


def test_a_reminder_of_what_nobody_did_is_sent_after_quiet_hours(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    person = network.staff(rows, [store], Role.SALESPERSON)
    reached(rows, person, phone=PHONE, choices=Choices(quiet=Quiet.OWN, quiet_span=(10 * 60, 10 * 60 + 3)))
    tell(hq_engine, work_on(rows, store, person, "contact_late")[1])
    ways.run()
    ways.run(LATER)
    assert len(texts(gateway)) == 1


def test_a_lead_that_was_given_to_somebody_is_told_to_them_alone(
    ways: Ways, rows: Session, store: Store, gateway: Gateway, hq_engine: Any
) -> None:
    person, colleague = (network.staff(rows, [store], Role.SALESPERSON) for _ in range(2))
    reached(rows, person, phone=PHONE)
    reached(rows, colleague, phone="+8613800138001")
    tell(hq_engine, work_on(rows, store, person, "given")[1])
    ways.run(LATER)
    ways.run(LATER + timedelta(minutes=4))
    (text,) = texts(gateway)
    assert text.startswith("1 条 A 级线索交给你了")
