"""One sign-up in 500 that cannot be decided, met by the real `hq.qualify`."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

import hq.qualification.jobs  # noqa: F401 (declares the drain)
from hq.qualification.books import balance
from shared.db.session import now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.signups.models import Signup, SignupPayload
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.signups.submission import ImportedRow, Submission
from shared.work import queries, service
from shared.work.drains import find
from shared.work.place import Place, at_work
from shared.work.runs import run
from tests.factories import network, people
from tests.factories.counting import NOW, RING, phone_number

SIZE = 500


@pytest.fixture
def signups(rows: Session) -> list[UUID]:
    """500 people who agreed to be called, received and not decided yet."""
    campaign = people.campaign(rows)
    share = people.share_text(rows, campaign, [network.store(rows)])
    sent = [
        ImportedRow(
            submission=Submission(occurred_at=NOW, name="陈小明", phone=phone_number(), phone_verified="wechat"),
            campaign_id=campaign.campaign_id,
            row=number,
            share_text_id=share.text_id,
        )
        for number in range(SIZE)
    ]
    made = insert_many(rows, sent, import_id=new_id(NOW), sealer=Sealer(RING), now=NOW)
    rows.commit()
    return made


@pytest.fixture
def place(settings: Settings):
    with at_work(settings.worker(), now=NOW) as here:
        yield here


def test_499_are_done_and_one_is_put_aside_with_its_reason_and_can_be_tried_again(
    place: Place, signups: list[UUID], rows: Session, hq_engine: Engine
):
    poison = signups[250]
    sealed = _exchange(rows, poison, b"not what was sealed")
    ran = run(place, find("hq.qualify"))
    assert (ran.rows, ran.batches, ran.aside) == (SIZE, 1, 1)
    assert _states(rows) == {("decided", False): SIZE - 1, ("received", True): 1}
    with unit_of_work(hq_engine) as session:
        (trouble,) = queries.put_aside(session)
        assert (trouble.drain, trouble.row_id, trouble.error) == ("hq.qualify", poison, "Unreadable")
        assert balance(session).places["aside"] == 1

    _exchange(rows, poison, sealed)
    with unit_of_work(hq_engine) as session:
        service.again(session, drain="hq.qualify", row_ids=[poison], actor=system("test"), now=now_of(session))
    assert run(place, find("hq.qualify")).rows == 1
    assert _states(rows) == {("decided", False): SIZE}
    with unit_of_work(hq_engine) as session:
        assert queries.put_aside(session) == []


def test_500_sign_ups_are_decided_in_at_most_50_statements(place: Place, signups: list[UUID]):
    sent: list[str] = []

    @event.listens_for(place.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    run(place, find("hq.qualify"))
    assert len(signups) == SIZE
    assert len(sent) <= 50, "\n".join(sent)


def _exchange(rows: Session, signup_id: UUID, sealed: bytes) -> bytes:
    """Put other bytes in the place of what a person sent; gives what was there."""
    before = rows.execute(select(SignupPayload.sealed).where(SignupPayload.signup_id == signup_id)).scalar_one()
    rows.execute(update(SignupPayload).where(SignupPayload.signup_id == signup_id).values(sealed=sealed))
    rows.commit()
    return before


def _states(rows: Session) -> dict[tuple[str, bool], int]:
    rows.rollback()
    aside = Signup.aside_at.is_not(None)
    found = rows.execute(select(Signup.state, aside, func.count()).group_by(Signup.state, aside)).all()
    return {(state, put): number for state, put, number in found}
