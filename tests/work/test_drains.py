"""Batches, poison, races, and what is left of a worker that died."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from shared.db.session import now_of
from shared.platform.settings import Settings
from shared.signups.models import Signup
from shared.work import drains, taking
from shared.work.attempt import WorkStopped, attempt
from shared.work.drains import Drain, UnknownDrain, drain, find
from shared.work.models import Breadcrumb, WorkRun, WorkTry
from shared.work.place import NotAtWork, Place, at_work, settings_of
from shared.work.runs import Pace, run
from tests.work.conftest import NAME, Story, due

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # from Python 3.12
SignUp = Callable[..., list[UUID]]
Counts = Callable[[], dict[str, int]]


def statements(engine: Engine) -> list[str]:
    """What is sent to the database from now on."""
    sent: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    return sent


def test_everything_due_is_done_in_batches(place: Place, the_drain: Drain, story: Story, sign_up: SignUp, counts):
    sign_up(1100)
    ran = run(place, the_drain)
    assert (ran.rows, ran.aside, ran.more) == (1100, 0, False)
    assert story.sizes() == [500, 500, 100]
    assert counts() == {"decided": 1100}


def test_a_run_on_an_empty_table_costs_two_statements(place: Place, the_drain: Drain, settings: Settings):
    sent = statements(place.engine)
    assert run(place, the_drain).rows == 0
    assert len(sent) == 2, sent  # announce, take


def test_a_batch_costs_the_framework_five_statements(place: Place, the_drain: Drain, sign_up: SignUp):
    sign_up(40)
    sent = statements(place.engine)
    attempt(place, the_drain)
    assert len(sent) == 5 + 1, sent  # the one of the drain itself


def test_one_poison_row_in_500_is_put_aside_and_the_others_are_done(
    place: Place, the_drain: Drain, sign_up: SignUp, counts: Counts, rows: Session
):
    sign_up(499, "poison")
    ran = run(place, the_drain)
    assert (ran.rows, ran.aside, ran.batches) == (500, 1, 1)
    assert counts() == {"decided": 499, "aside": 1}
    trouble = rows.execute(select(WorkTry)).scalar_one()
    assert trouble.reason["error"] == "Poisoned"
    assert trouble.reason["message"].startswith("tests/work/conftest.py:")
    assert "138" not in str(trouble.reason)
    assert run(place, the_drain).rows == 0


def test_a_row_that_fails_in_sql_is_found_by_halving_and_put_aside_the_third_time(
    place: Place, the_drain: Drain, story: Story, sign_up: SignUp, counts: Counts, rows: Session
):
    sign_up(499, "sql")
    first = run(place, the_drain)
    assert counts() == {"decided": 499, "received": 1}
    assert len(first.failed) == 1
    assert len(story.batches) < 25
    run(place, the_drain)
    assert counts() == {"decided": 499, "received": 1}
    run(place, the_drain)
    assert counts() == {"decided": 499, "aside": 1}
    trouble = rows.execute(select(WorkTry)).scalar_one()
    assert (trouble.tries, trouble.reason["error"]) == (3, "DivisionByZero")
    assert trouble.reason["message"].startswith("22012, ")
    assert rows.execute(select(Breadcrumb)).first() is None
    assert "DivisionByZero" in (rows.execute(select(WorkRun.last_error)).scalar_one() or "")


def test_a_deadlock_has_the_whole_batch_run_again(place: Place, the_drain: Drain, story: Story, sign_up: SignUp):
    sign_up(20)
    raised: list[int] = []

    def lose_twice(session: Session, _batch: drains.Batch) -> None:
        if len(raised) < 2:
            raised.append(1)
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))

    story.before.append(lose_twice)
    assert run(place, the_drain).rows == 20
    assert story.sizes() == [20, 20, 20]


def test_a_missing_privilege_is_no_rows_fault(place: Place, the_drain: Drain, story: Story, sign_up: SignUp, counts):
    sign_up(3)
    story.before.append(lambda session, _batch: session.execute(text("SELECT * FROM hq_users")))
    with pytest.raises(WorkStopped, match="InsufficientPrivilege"):
        run(place, the_drain)
    assert counts() == {"received": 3}


def test_a_lost_connection_stops_the_run_and_gives_the_rows_back(
    place: Place, the_drain: Drain, story: Story, sign_up: SignUp, counts: Counts, superuser_url: str
):
    sign_up(3)

    def cut(session: Session, _batch: drains.Batch) -> None:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(superuser_url) as connection:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    story.before.append(cut)
    with pytest.raises(WorkStopped):
        run(place, the_drain)
    story.before.clear()
    assert run(place, the_drain).rows == 3
    assert counts() == {"decided": 3}


def test_two_workers_never_have_the_same_row(
    settings: Settings, the_drain: Drain, sign_up: SignUp, story: Story, race, rows: Session
):
    sign_up(3000)

    def work(_number: int) -> int:
        with at_work(settings.worker()) as place:
            return run(place, the_drain).rows

    assert sum(race(work, range(4))) == 3000
    assert rows.execute(select(Signup.runs).distinct()).scalars().all() == [1]


def test_a_single_flight_drain_is_left_to_whoever_runs_it(settings: Settings, story: Story, sign_up: SignUp):
    sign_up(2)
    inside, finish = threading.Event(), threading.Event()
    alone = find(NAME)
    drain("test.alone", due=due, key=Signup.signup_id, single_flight=True)(alone.function)
    story.before.append(lambda *_: (inside.set(), finish.wait(10)))
    with at_work(settings.worker()) as first, at_work(settings.worker()) as second:
        thread = threading.Thread(target=run, args=(first, find("test.alone")))
        thread.start()
        assert inside.wait(10)
        sign_up(1)
        assert run(second, find("test.alone")).rows == 0
        finish.set()
        thread.join(10)
    assert story.sizes() == [2, 1]


def test_a_run_leaves_when_its_slice_is_over_and_says_that_there_is_more(place: Place, the_drain, sign_up: SignUp):
    sign_up(600)
    ran = run(place, the_drain, Pace(slice_s=0.0))
    assert (ran.rows, ran.more) == (500, True)


def test_a_run_calls_for_help_once_when_there_is_more_than_a_batch(place: Place, the_drain: Drain, sign_up: SignUp):
    calls: list[int] = []
    sign_up(1600)
    run(place, the_drain, Pace(call_help=lambda: calls.append(1)))
    assert calls == [1]


def test_a_run_that_lingers_takes_stragglers_too(place: Place, the_drain: Drain, story: Story, sign_up: SignUp):
    sign_up(1)

    def another(_session: Session, _batch: drains.Batch) -> None:
        story.before.clear()
        threading.Timer(0.1, sign_up, [1]).start()

    story.before.append(another)
    assert run(place, the_drain, Pace(linger_s=1.0)).rows == 2


def test_after_a_short_batch_of_a_stream_more_may_gather_before_the_next(
    place: Place, the_drain: Drain, story: Story, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
):
    sign_up(1)
    rests: list[float] = []

    def another(_session: Session, _batch: drains.Batch) -> None:
        story.before.clear()
        sign_up(1)

    def rest(seconds: float) -> None:
        if not rests:
            sign_up(1)
        rests.append(seconds)

    story.before.append(another)
    monkeypatch.setattr("shared.work.runs.time", SimpleNamespace(monotonic=time.monotonic, sleep=rest))
    run(place, the_drain, Pace(linger_s=0.2))
    assert story.sizes() == [1, 2]
    assert rests[0] <= 0.5


def test_the_time_can_be_given(settings: Settings, the_drain: Drain, sign_up: SignUp, rows: Session):
    sign_up(1)
    made = rows.execute(select(Signup.accepted_at)).scalar_one()
    with at_work(settings.worker(), now=made - timedelta(seconds=1)) as early:
        assert run(early, the_drain).rows == 0
    with at_work(settings.worker(), now=made + timedelta(seconds=1)) as later:
        assert run(later, the_drain).rows == 1
    rows.rollback()
    assert rows.execute(select(Signup.decided_at)).scalar_one() == made + timedelta(seconds=1)


def test_a_drain_learns_its_settings_from_its_session_and_nobody_elses(place: Place, rows: Session):
    with place.transaction() as session:
        assert settings_of(session) is place.settings
    with pytest.raises(NotAtWork):
        settings_of(rows)


def test_names_are_checked():
    with pytest.raises(UnknownDrain):
        find("test.nothing")
    with pytest.raises(ValueError, match=r"side\.verb"):
        drain("Nothing", due=due, key=Signup.signup_id)


def test_two_kinds_of_work_cannot_have_one_name(monkeypatch):
    def elsewhere(session, batch, now):
        raise NotImplementedError

    elsewhere.__module__ = "hq.elsewhere"
    monkeypatch.setattr(drains, "_DRAINS", {})
    drain("test.twice", due=due, key=Signup.signup_id)(lambda session, batch, now: None)
    with pytest.raises(ValueError, match=r"test\.twice"):
        drain("test.twice", due=due, key=Signup.signup_id)(elsewhere)


# What is left of a worker that died


def killed_while_running(settings: Settings, name: str) -> None:
    """Run the drain in a process of its own; it is expected to die."""
    child = multiprocessing.get_context("fork").Process(target=_run_in_child, args=(settings, name))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL, child.exitcode


def _run_in_child(settings: Settings, name: str) -> None:
    with at_work(settings.worker()) as place:
        run(place, find(name))
    os._exit(0)


def test_a_row_that_kills_its_worker_is_found_in_halves_and_put_aside(
    settings: Settings, place: Place, the_drain: Drain, sign_up: SignUp, counts: Counts, rows: Session
):
    sign_up(31, "kill")
    for _batch_of in (32, 16, 8, 4, 2, 1, 1, 1):
        assert counts()["received"] >= 1
        killed_while_running(settings, NAME)
    assert rows.execute(select(WorkTry.tries)).scalar_one() == 2
    run(place, the_drain)
    assert counts() == {"decided": 31, "aside": 1}
    trouble = rows.execute(select(WorkTry)).scalar_one()
    assert (trouble.tries, trouble.reason["error"]) == (3, "ProcessDied")
    assert rows.execute(select(Breadcrumb)).first() is None


def test_the_neighbours_of_a_killed_worker_are_simply_done(
    place: Place, the_drain: Drain, story: Story, sign_up: SignUp, counts: Counts, rows: Session
):
    made = sign_up(9)
    rows.add(Breadcrumb(drain=NAME, run_id=made[0], row_ids=[str(one) for one in made[:8]], size=8, at=_now(place)))
    rows.commit()
    assert run(place, the_drain).rows == 9
    assert story.sizes() == [4, 4, 1]
    assert rows.execute(select(Breadcrumb)).first() is None
    assert rows.execute(select(WorkTry)).first() is None


def test_a_breadcrumb_of_a_living_batch_is_left_alone(
    settings: Settings, place: Place, the_drain: Drain, story: Story, sign_up: SignUp, rows: Session
):
    sign_up(1)
    seen: list[object] = []

    def look_from_elsewhere(_session: Session, _batch: drains.Batch) -> None:
        with at_work(settings.worker()) as other:
            seen.append(attempt(other, the_drain))
            seen.append(len(rows.execute(select(Breadcrumb)).all()))

    story.before.append(look_from_elsewhere)
    run(place, the_drain)
    assert seen[0].ids == ()
    assert seen[1] == 1
    rows.rollback()
    assert rows.execute(select(Breadcrumb)).first() is None
    assert rows.execute(select(WorkTry)).first() is None


def test_taking_locks_the_row_and_not_those_that_refer_to_it(place: Place, the_drain: Drain, sign_up, settings):
    sign_up(2)
    with place.transaction() as session, at_work(settings.worker()) as other, other.transaction() as second:
        assert len(taking.take(session, the_drain, now=now_of(session), limit=1)) == 1
        assert len(taking.take(second, the_drain, now=now_of(second), limit=5)) == 1


def _now(place: Place):
    with place.transaction() as session:
        return now_of(session)
