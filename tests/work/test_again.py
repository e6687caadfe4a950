"""What HQ sees of the work, having rows tried again, the gauges, and forgetting in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from shared.audit.models import AuditEntry
from shared.db.session import now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.errors import Missing
from shared.platform.settings import Settings
from shared.signups import jobs
from shared.signups.models import Receipt, SignupPayload
from shared.work import doorbell, gauges, queries, service, ticker
from shared.work.drains import Drain, find
from shared.work.models import WorkRun, WorkTry
from shared.work.place import Place, at_work
from shared.work.runs import run
from tests.factories import people
from tests.factories.counting import NOW
from tests.work.conftest import NAME, Story

SignUp = Callable[..., list[UUID]]
Counts = Callable[[], dict[str, int]]


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make the decision able to decide poison."""

    def mend() -> None:
        monkeypatch.setattr("tests.work.conftest.decide", lambda _name: "below_threshold")

    return mend


def test_a_row_put_aside_is_shown_and_can_be_tried_again(
    place: Place, the_drain: Drain, sign_up: SignUp, counts: Counts, hq_engine: Engine, rows: Session, mended
):
    sign_up(3, "poison")
    run(place, the_drain)
    with unit_of_work(hq_engine) as session:
        (trouble,) = queries.put_aside(session, drain=NAME)
        assert (trouble.error, trouble.tries) == ("Poisoned", 1)
        given = service.again(session, drain=NAME, row_ids=[trouble.row_id], actor=system("test"), now=now_of(session))
        assert given == 1
    assert counts() == {"decided": 3, "received": 1}
    mended()
    run(place, the_drain)
    assert counts() == {"decided": 4}
    entry = rows.execute(select(AuditEntry)).scalar_one()
    assert (entry.action, entry.subject) == ("work:retry", f"{NAME}:{trouble.row_id}")


def test_all_rows_of_a_drain_can_be_tried_again_and_nothing_else_is_touched(
    place: Place, the_drain: Drain, sign_up: SignUp, counts: Counts, hq_engine: Engine
):
    sign_up(1, "poison", "poison")
    waiting = sign_up(0, "poison")
    run(place, the_drain)
    with unit_of_work(hq_engine) as session:
        now = now_of(session)
        assert service.again(session, drain=NAME, row_ids=[waiting[0]], actor=system("test"), now=now) == 1
        assert service.again(session, drain=NAME, row_ids=[waiting[0]], actor=system("test"), now=now) == 0
        assert service.again(session, drain=NAME, actor=system("test"), now=now) == 2
    assert counts() == {"decided": 1, "received": 3}


def test_an_unknown_drain_is_missing(hq_engine: Engine):
    with unit_of_work(hq_engine) as session, pytest.raises(Missing):
        service.again(session, drain="test.nothing", actor=system("test"), now=NOW)


def test_trying_again_rings(place, the_drain, sign_up: SignUp, hq_engine: Engine, settings: Settings):
    sign_up(0, "poison")
    run(place, the_drain)
    rung: list[str] = []

    class Listening(doorbell.Doorbell):
        def ring(self, drain: str) -> None:
            rung.append(drain)

    doorbell.install(settings.redis_url, Listening)
    try:
        with unit_of_work(hq_engine) as session:
            service.again(session, drain=NAME, actor=system("test"), now=now_of(session))
            assert rung == []
        assert rung == [NAME]
    finally:
        doorbell.remove()


def test_a_standing_says_what_waits_since_when_and_what_was_done(
    place: Place, the_drain: Drain, sign_up: SignUp, hq_engine: Engine, story: Story
):
    sign_up(4, "poison", "sql")
    run(place, the_drain)
    with unit_of_work(hq_engine) as session:
        standing = next(one for one in queries.standings(session, now=now_of(session)) if one.drain == NAME)
    assert (standing.waiting, standing.retrying, standing.aside, standing.rows) == (1, 1, 1, 5)
    assert standing.oldest_at == NOW
    assert standing.ran_at is not None
    assert "DivisionByZero" in (standing.last_error or "")


def test_the_clock_writes_down_what_waits_and_every_face_may_read_it(
    place: Place, the_drain: Drain, sign_up: SignUp, public_engine: Engine, rows: Session
):
    sign_up(4, "poison")
    run(place, the_drain)
    sign_up(2)
    ticker.measure(place)
    families = {family.name: family for family in gauges.WorkGauges(public_engine.connect).collect()}
    values = {
        name: sample.value
        for name, family in families.items()
        for sample in family.samples
        if NAME in sample.labels.values()
    }
    assert (values["koi_work_waiting"], values["koi_work_aside"], values["koi_work_rows_total"]) == (2, 1, 5)
    looked = rows.execute(select(WorkRun.looked_at).where(WorkRun.drain == NAME)).scalar_one()
    assert values["koi_work_oldest_seconds"] == pytest.approx((looked - NOW).total_seconds())


def test_expired_keys_are_forgotten_and_their_receipts_stay(settings: Settings, sign_up: SignUp, rows: Session):
    sign_up(3)
    expires = rows.execute(select(Receipt.expires_at).limit(1)).scalar_one()
    with at_work(settings.worker(), now=expires - timedelta(seconds=1)) as early:
        assert run(early, find("shared.forget_keys")).rows == 0
    with at_work(settings.worker(), now=expires) as later:
        assert run(later, find("shared.forget_keys")).rows == 3
    rows.rollback()
    assert rows.execute(select(func.count(), func.count(Receipt.key))).one() == (3, 0)


def test_payloads_are_deleted_on_their_date(settings: Settings, rows: Session):
    signup = people.signup(rows, people.campaign(rows))
    rows.add(SignupPayload(signup_id=signup.signup_id, sealed=b"x", purge_at=NOW))
    rows.commit()
    with at_work(settings.worker(), now=NOW - timedelta(seconds=1)) as early:
        assert run(early, find("shared.purge_payloads")).rows == 0
    with at_work(settings.worker(), now=NOW) as later:
        assert run(later, find("shared.purge_payloads")).rows == 1
    rows.rollback()
    assert rows.execute(select(SignupPayload)).first() is None
    assert jobs.purge_payloads is find("shared.purge_payloads").function
    assert rows.execute(select(WorkTry)).first() is None
