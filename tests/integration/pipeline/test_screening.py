"""The rules of screening on real sign-ups: invitations, lists, staff, owners, returns, and looking again."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select, text

from hq.qualification import jobs, queries, service
from hq.qualification.books import balance
from hq.qualification.decide import decide_all
from hq.qualification.decisions import Geography
from hq.qualification.lists import service as lists
from hq.qualification.lists.models import Listed
from hq.qualification.lists.reading import read
from hq.qualification.models import SignupDecision
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads.models import FollowUp, Lead
from shared.platform.ids import new_id, next_id
from shared.work.drains import find
from shared.work.taking import take
from tests import factories as make
from tests.waiting import until

HQ = Actor(kind=ActorKind.HQ, name="总部小王")


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(km=1), store(km=2))


@pytest.fixture
def by_hq(engines, world):
    """`by_hq(call, …)`: headquarters acts, in a transaction of its own, at the world's time."""

    def act(call, *arguments, **named):
        with unit_of_work(engines["hq"]) as session:
            return call(session, *arguments, actor=HQ, **{"now": world.now, **named})

    return act


def listed(by_hq, text, *, what="auto", purpose="blocked", expires_at=None):
    entries = read(enumerate(text.splitlines(), start=1), what).entries
    return by_hq(
        lists.add,
        entries,
        purpose=purpose,
        why="sold codes",
        expires_at=expires_at,
        file_name="",
        blind_key=make.RING.blind,
    )


def reasons(world, key):
    query = select(SignupDecision).where(SignupDecision.signup_id == key).order_by(SignupDecision.run.desc()).limit(1)
    return [reason["code"] for reason in world.rows.scalars(query).one().steps["screening"]["reasons"]]


def friend(world, n, inviter, *, draws=1, minutes=0.0):
    return world.sign_up(
        phone=f"138001380{n:02}", openid=f"o{n}", invited_by=f"o{inviter}", actions={"draws": draws}, minutes=minutes
    )


def test_people_who_invited_each_other_are_a_circle_and_the_first_are_looked_at_again(world):
    early = [friend(world, n, n - 1 if n else 4) for n in range(4)]
    world.run("hq.qualify")
    assert set(world.outcomes(*early)) == {"in_lead"}
    last = friend(world, 4, 3)
    world.run("hq.qualify")
    assert set(world.outcomes(*early, last)) == {"quarantined"}
    assert reasons(world, early[0]) == reasons(world, last) == ["invite_circle"]


def test_a_circle_within_one_batch_is_seen_too(world):
    keys = [friend(world, n, (n - 1) % 3) for n in range(3)]
    world.run("hq.qualify")
    assert set(world.outcomes(*keys)) == {"quarantined"}


def test_a_chain_of_friends_is_no_circle(world):
    keys = [friend(world, n, n - 1) for n in range(1, 9)]
    world.run("hq.qualify")
    assert set(world.outcomes(*keys)) == {"in_lead"}


def test_many_invited_by_one_are_a_crowd_only_when_they_all_draw_a_lot(world):
    honest = [friend(world, n, 90, draws=1) for n in range(8)]
    zealous = [friend(world, n, 91, draws=6) for n in range(10, 18)]
    world.run("hq.qualify")
    assert set(world.outcomes(*honest)) == {"in_lead"}
    assert set(world.outcomes(*zealous)) == {"quarantined"}
    assert "invite_crowd" in reasons(world, zealous[0])


def test_a_number_on_the_blocklist_is_turned_away_with_who_says_why(world, by_hq):
    listed(by_hq, "138 0013 8000")
    key = world.sign_up(phone="+8613800138000")
    world.run("hq.qualify")
    assert world.outcomes(key) == ["rejected"]
    assert reasons(world, key) == ["blocked"]


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        ("address", "203.0.113.0/24", {"ip": "203.0.113.77"}),
        ("openid", "oThief0001", {"openid": "oThief0001"}),
        ("device", "device-0001", {"device_id": "device-0001"}),
    ],
)
def test_addresses_openids_and_devices_can_be_blocked(world, by_hq, what, text, said):
    listed(by_hq, text, what=what)
    key, other = world.sign_up(phone="13800138000", **said), world.sign_up(phone="13900139000", ip="198.51.100.4")
    world.run("hq.qualify")
    assert world.outcomes(key, other) == ["rejected", "in_lead"]


def test_an_entry_that_has_expired_stops_nobody(world, by_hq):
    listed(by_hq, "13800138000", expires_at=world.now + timedelta(days=1))
    world.later(days=2)
    key = world.sign_up(phone="13800138000")
    world.run("hq.qualify")
    assert world.outcomes(key) == ["in_lead"]


def test_blocking_takes_an_offered_lead_back_and_taking_off_gives_it_again(world, by_hq):
    key = world.sign_up(phone="13800138000")
    world.run()
    lead = world.lead_of(key).lead_id
    added = listed(by_hq, "13800138000")
    world.later(minutes=1)
    world.run("hq.qualify")
    assert added.again == 1
    assert (world.outcomes(key), world.stages(lead)) == (["rejected"], ["recalled"])
    by_hq(lists.take_off, lists_of(world), why="a mistake")
    world.later(minutes=1)
    world.run("hq.qualify")
    assert world.outcomes(key) == ["in_lead"]
    with unit_of_work(world.rows.get_bind()) as session:
        assert balance(session).places["in_lead"] == 1


def test_a_batch_that_read_the_lists_before_an_entry_came_is_decided_again(world, by_hq):
    key = world.sign_up(phone="13800138000")
    drain, place = find("hq.qualify"), world.place()
    blocking = Thread(target=lambda: listed(by_hq, "13800138000"))
    with place.transaction() as session:
        rules = jobs.rulebook(session)
        batch = [queries.as_received(row) for row in take(session, drain, now=world.now, limit=9, only=[key])]
        facts = queries.facts_of(session, batch, rules.screening, now=world.now)
        blocking.start()
        waiting = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        until(lambda: session.scalar(waiting), what="the entry to wait for the batch")
        nowhere = Geography(lambda _signups: {}, lambda _place: None)
        decisions = decide_all(facts, rules, nowhere, lambda: next_id(world.now))
        service.write(session, decisions, facts, rules, {}, now=world.now)
    blocking.join(timeout=20)
    world.rows.expire_all()
    assert (world.signup(key).outcome, world.signup(key).state) == ("in_lead", "received")
    world.later(minutes=1)
    world.run("hq.qualify")
    assert world.outcomes(key) == ["rejected"]


def test_a_number_in_a_reason_is_not_kept(world, by_hq):
    entries = read([(1, "13800138000")], "auto").entries
    by_hq(
        lists.add,
        entries,
        purpose="blocked",
        why="他说打 13900139000",
        expires_at=None,
        file_name="13700137000.csv",
        blind_key=make.RING.blind,
    )
    (entry,) = world.rows.scalars(select(Listed))
    assert "139001" not in entry.why
    assert "137001" not in entry.file_name


def lists_of(world):
    return list(world.rows.scalars(select(Listed.entry_id).where(Listed.removed_at.is_(None))))


def test_what_stands_on_a_list_already_is_not_added_again(world, by_hq):
    assert listed(by_hq, "13800138000\n13900139000").added == 2
    again = listed(by_hq, "13900139000\n13700137000", expires_at=world.now + timedelta(days=1))
    assert (again.added, again.already) == (1, 1)


def test_taking_off_twice_changes_nothing_and_can_be_undone(world, by_hq):
    listed(by_hq, "13800138000")
    entries, at = lists_of(world), world.now
    assert by_hq(lists.take_off, entries, why="a mistake") == 1
    assert by_hq(lists.take_off, entries, why="a mistake") == 0
    assert by_hq(lists.put_back, taken_off_at=at) == 1
    world.rows.expire_all()
    assert lists_of(world) == entries


def test_who_signs_in_to_koi_is_seen_among_the_sign_ups(world, rows):
    from shared.identity.logins import read_login

    make.hq_user(rows, phone_bidx=read_login("13800138000").phone_index(make.RING.blind))
    rows.commit()
    key, other = world.sign_up(phone="13800138000"), world.sign_up(phone="13900139000")
    world.run("hq.qualify")
    assert world.outcomes(key, other) == ["quarantined", "in_lead"]
    assert reasons(world, key) == ["staff_phone"]


def test_who_has_bought_goes_to_customer_care_and_not_to_a_store(world):
    first = world.sign_up(phone="13800138000")
    world.run()
    lead = world.lead_of(first)
    world.claim(world.assignments(lead.lead_id)[0], "won")
    world.later(minutes=5)
    world.run("hq.settle")
    world.later(days=70)
    again = world.sign_up(phone="13800138000", actions={"draws": 1})
    world.run("hq.qualify")
    assert world.outcomes(again) == ["loyalty"]
    assert balance(world.rows).places["loyalty"] == 1
    assert reasons(world, again) == ["existing_owner"]


def test_a_store_that_called_and_found_nobody_is_evidence(world):
    key = world.sign_up(phone="13800138000")
    world.run()
    lead_id = world.lead_of(key).lead_id
    (assignment,) = world.assignments(lead_id)
    world.claim(assignment)
    world.later(minutes=5)
    world.run("hq.settle")
    world.rows.add(
        FollowUp(
            dealer_id=assignment.dealer_id,
            follow_up_id=new_id(world.now),
            assignment_id=assignment.assignment_id,
            kind="decline",
            result="never_signed_up",
            note="",
            user_id=new_id(world.now),
            at=world.now,
        )
    )
    world.move(assignment, "declined", minutes=1)
    world.later(minutes=5)
    world.run("hq.settle", "hq.qualify")
    assert world.outcomes(key) == ["quarantined"]
    assert reasons(world, key) == ["returned_invalid"]
    assert world.rows.get(Lead, lead_id, populate_existing=True).state_reason["code"] == "screened_out"


def test_a_store_too_far_away_to_go_to_is_no_evidence(world):
    key = world.sign_up(phone="13800138000")
    world.run()
    (assignment,) = world.assignments(world.lead_of(key).lead_id)
    world.move(assignment, "declined")
    world.later(minutes=5)
    world.run("hq.settle", "hq.qualify")
    assert (world.outcomes(key), world.signup(key).runs) == (["in_lead"], 1)


def test_a_program_and_an_act_at_once_and_wechats_own_rank_are_seen(world):
    keys = [
        world.sign_up(phone="13800138001", user_agent="python-requests/2.31.0"),
        world.sign_up(phone="13800138002", actions={"seconds_to_act": 1}),
        world.sign_up(phone="13800138003", actions={"risk_rank": 4}),
        world.sign_up(phone="13800138004", actions={"seconds_to_act": 45, "risk_rank": 1}, user_agent="Mozilla/5.0"),
    ]
    world.run("hq.qualify")
    assert world.outcomes(*keys) == ["quarantined", "quarantined", "quarantined", "in_lead"]
    assert [reasons(world, key) for key in keys[:3]] == [["script_agent"], ["acted_at_once"], ["wechat_risk"]]


def test_screening_again_changes_nothing(world):
    keys = [friend(world, n, (n - 1) % 3) for n in range(3)] + [world.sign_up(phone="13900139000")]
    world.run("hq.qualify")
    before = [(world.signup(key).outcome, reasons(world, key)) for key in keys]
    for key in keys:
        world.signup(key).state = "received"
    world.rows.commit()
    world.run("hq.qualify")
    assert [(world.signup(key).outcome, reasons(world, key)) for key in keys] == before
