"""People who were taken for one are taken apart: each has again what was its own, and they are never joined anew."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from hq.qualification import joinings, partings
from hq.qualification.books import balance
from hq.qualification.matching.models import ContactMerge, KeptApart
from hq.qualification.partings import JoinedSince
from shared.audit.models import AuditEntry
from shared.contacts.models import Consent, ConsentEvent, Contact, ContactPhone, Identity
from shared.db.session import now_of, unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.leads.models import Assignment, Hold, Lead
from shared.leads.withdrawal import withdraw
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import NIL
from shared.signups.models import Signup
from shared.work.drains import find
from shared.work.runs import run
from tests.working import at_work

OPERATOR = Actor(kind=ActorKind.HQ, name="沈清")
PHONE, OTHER, THIRD = "13800138000", "13900139000", "13700137000"
CHANGING = {"changed_at"}


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(cap=50))


@pytest.fixture
def part(world, hq_engine):
    """`part(merge)`: an operator says that they are not the same person; gives the moment."""

    def act(merge=None, why="号码是家里人的"):
        merge = merge or the_merge(world)
        world.later(minutes=1)
        with unit_of_work(hq_engine) as session:
            partings.undo(session, merge_id=merge.merge_id, why=why, actor=OPERATOR, now=world.now)
        world.rows.expire_all()

    return act


@pytest.fixture
def join(world, hq_engine):
    """`join(one, other)`: an operator says that they are one person."""

    def act(one, other, note="同一个人的两个号码"):
        with unit_of_work(hq_engine) as session:
            merge = joinings.join(session, one=one, other=other, note=note, actor=OPERATOR, now=world.now)
        world.rows.expire_all()
        return merge

    return act


def the_merge(world) -> ContactMerge:
    return world.rows.scalars(select(ContactMerge).execution_options(populate_existing=True)).one()


def columns(row, *, without=frozenset()):
    return {name: value for name, value in vars(row).items() if name[0] != "_" and name not in without}


def everything(world, *contacts) -> dict:
    """All rows of these contacts, as they stand."""
    world.rows.expire_all()
    found = {}
    for model in (Contact, Identity, ContactPhone, Consent, ConsentEvent, Signup, Lead, Assignment):
        rows = world.rows.scalars(select(model).where(model.contact_id.in_(contacts))).all()
        for row in rows:
            world.rows.refresh(row)
        found[model.__name__] = sorted((columns(row, without=CHANGING) for row in rows), key=repr)
    return found


def two_people(world):
    """Two contacts with a lead each; nothing joins them yet."""
    world.sign_up(phone=PHONE, openid="o1")
    world.run("hq.qualify")
    world.later(minutes=1)
    world.sign_up(phone=OTHER, openid="o2")
    world.run("hq.qualify")
    world.later(minutes=1)
    old, new = (world.rows.scalars(select(Contact).order_by(Contact.created_at))).all()
    return old.contact_id, new.contact_id


def bridge(world, **said):
    """A sign-up with the number of the one and the openid of the other."""
    key = world.sign_up(**{"phone": PHONE, "openid": "o2", "actions": {"visited_store": True}, **said})
    world.run("hq.qualify")
    return key


def test_both_have_again_what_they_had_and_the_sign_up_that_joined_them_is_its_phones(world, part):
    old, new = two_people(world)
    before = everything(world, new)
    joint = bridge(world)
    assert world.signup(joint).contact_id == old
    part()
    assert everything(world, new) == before
    assert world.signup(joint).contact_id == old
    world.run("hq.qualify")
    assert world.signup(joint).contact_id == old
    assert {identity.contact_id for identity in world.rows.scalars(select(Identity))} == {old, new}
    assert balance(world.rows).difference == balance(world.rows).accepted - 3  # rows without receipts
    assert balance(world.rows).places["in_lead"] == 3


def test_a_bridge_with_the_number_of_the_other_leaves_with_it_and_is_decided_again(world, part):
    old, new = two_people(world)
    before = everything(world, old)
    joint = bridge(world, phone=OTHER, openid="o1")
    part()
    assert everything(world, old) == before
    assert (world.signup(joint).contact_id, world.signup(joint).state) == (new, "received")
    world.run("hq.qualify")
    assert world.lead_of(joint).contact_id == new
    assert world.story(world.lead_of(joint).lead_id)[-3:] == ["parted", "waiting", "strengthened"]


def test_the_key_that_joined_them_joins_them_never_again(world, part):
    old, new = two_people(world)
    bridge(world)
    part()
    world.later(minutes=1)
    mixed = [world.sign_up(phone=PHONE, openid="o2"), world.sign_up(phone=OTHER, openid="o1")]
    fresh = [world.sign_up(phone=THIRD, openid="o2"), world.sign_up(phone=None, openid="o1")]
    world.run("hq.qualify")
    assert [world.signup(key).contact_id for key in mixed] == [old, new]
    assert [world.signup(key).contact_id for key in fresh] == [new, old]
    assert the_merge(world).undone_by == OPERATOR.name
    assert len(world.rows.scalars(select(KeptApart)).all()) == 1


def test_the_lead_of_the_store_stays_and_the_other_waits_for_a_store_of_its_own(world, part):
    _old, new = two_people(world)
    world.run("hq.route")
    kept, lost = [lead.lead_id for lead in world.rows.scalars(select(Lead).order_by(Lead.opened_at))]
    world.claim(world.assignments(kept)[0])
    world.later(minutes=5)
    world.run("hq.settle")
    bridge(world)
    assert world.stages(lost) == ["recalled"]
    part()
    world.rows.expire_all()
    assert world.rows.get(Lead, lost).state == "waiting"
    assert world.rows.get(Lead, lost).contact_id == new
    assert world.stages(kept) == ["claimed"]
    assert world.story(kept)[-1] == "parted"
    world.run("hq.route")
    assert world.stages(lost) == ["recalled", "offered"]
    assert world.rows.scalars(select(Hold.lead_id)).all() == [kept]


def test_what_came_since_goes_where_its_own_keys_say(world, part):
    old, new = two_people(world)
    bridge(world)
    world.later(minutes=1)
    mine = world.sign_up(phone=OTHER, openid="o9")
    theirs = world.sign_up(phone=PHONE, openid="o8")
    unknown = world.sign_up(phone=THIRD, openid="o9")
    world.run("hq.qualify")
    part()
    world.run("hq.qualify")
    assert [world.signup(key).contact_id for key in (mine, theirs, unknown)] == [new, old, new]
    owners = {bytes(each.value_bidx): each.contact_id for each in world.rows.scalars(select(Identity))}
    assert owners[bytes(world.signup(unknown).phone_bidx)] == new
    assert owners[bytes(world.signup(theirs).openid_bidx)] == old


def test_the_score_of_the_lead_that_stayed_rests_on_its_own_sign_ups_again(world, part):
    world.sign_up(phone=PHONE, openid="o1", interest={"purchase_horizon": "3m", "budget": "3500-5000"})
    world.run("hq.qualify")
    world.later(minutes=1)
    world.sign_up(phone=OTHER, openid="o2", interest={"purchase_horizon": "3m", "model": "S1"})
    world.run("hq.qualify")
    world.later(minutes=1)
    joint = bridge(world, interest={"budget": "5000-8000"})
    lead = world.lead_of(joint)
    assert lead.wish["model"] == "S1"
    part()
    lead = world.lead_of(joint)
    assert "model" not in lead.wish
    assert lead.wish == {"purchase_horizon": "3m", "budget": "5000-8000", "visited_store": True}


def test_a_consent_that_was_taken_back_since_is_taken_back_for_both(world, part, hq_engine):
    old, new = two_people(world)
    bridge(world)
    world.later(minutes=1)
    with unit_of_work(hq_engine) as session:
        withdraw(session, contact_id=old, actor=OPERATOR, now=world.now)
    part()
    assert world.rows.scalars(select(Consent)).all() == []
    withdrawn = select(ConsentEvent.contact_id).where(ConsentEvent.what == "withdrawn")
    assert set(world.rows.scalars(withdrawn)) == {old, new}
    world.run("hq.qualify", "hq.route")
    assert {lead.state for lead in world.rows.scalars(select(Lead))} == {"closed"}


def test_a_consent_that_the_joining_took_back_stands_again(world, part, hq_engine):
    old, new = two_people(world)
    with unit_of_work(hq_engine) as session:
        withdraw(session, contact_id=new, actor=OPERATOR, now=world.now)
    world.later(minutes=1)
    before = everything(world, old)["Consent"]
    bridge(world, share=False)
    assert world.rows.scalars(select(Consent)).all() == []
    part()
    assert everything(world, old)["Consent"] == before
    assert everything(world, new)["Consent"] == []
    world.run("hq.qualify")
    assert world.rows.scalars(select(Lead.state).where(Lead.contact_id == old)).all() == ["waiting"]


def test_a_chain_is_undone_from_its_end_and_says_so(world, part):
    old, new = two_people(world)
    bridge(world)
    world.later(minutes=1)
    first = the_merge(world)
    third = world.sign_up(phone=THIRD, openid="o3")
    world.run("hq.qualify", "hq.route")
    world.claim(world.assignments(world.lead_of(third).lead_id)[0])
    world.later(minutes=5)
    world.run("hq.settle")
    before = everything(world, old)
    joint = world.sign_up(phone=THIRD, openid="o1")
    world.run("hq.qualify")
    second = world.rows.scalars(select(ContactMerge).where(ContactMerge.loser == old)).one()
    assert world.rows.get(Contact, new).merged_into == second.survivor
    with pytest.raises(JoinedSince) as refusal:
        part(first)
    assert refusal.value.params["merge"] == str(second.merge_id)
    part(second)
    assert {name: rows for name, rows in everything(world, old).items() if name not in ("Assignment", "Lead")} == {
        name: rows for name, rows in before.items() if name not in ("Assignment", "Lead")
    }
    assert world.rows.get(Contact, new).merged_into == old
    part(first)
    assert world.rows.get(Contact, new).merged_into is None
    assert world.signup(joint).contact_id == second.survivor
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in world.rows.scalars(select(Signup.signup_id))}) == 3


def test_of_two_joined_to_one_either_may_be_taken_out_first(world, part):
    old, new = two_people(world)
    world.sign_up(phone=THIRD, openid="o3")
    world.run("hq.qualify")
    world.later(minutes=1)
    ids = world.rows.scalars(select(Contact.contact_id).order_by(Contact.created_at)).all()
    before = {contact: everything(world, contact) for contact in ids}
    bridge(world)
    bridge(world, openid="o3")
    for merge in world.rows.scalars(select(ContactMerge).order_by(ContactMerge.merge_id)).all():
        part(merge)
    assert {contact: everything(world, contact) for contact in ids[1:]} == {each: before[each] for each in ids[1:]}
    assert (new in ids, old) == (True, ids[0])


def test_saying_it_twice_does_it_once_and_a_foreign_id_is_missing(world, part, hq_engine):
    two_people(world)
    bridge(world)
    part()
    merge, entries = the_merge(world), select(AuditEntry).where(AuditEntry.action == "contact:part")
    undone_at = merge.undone_at
    part(merge)
    assert the_merge(world).undone_at == undone_at
    assert len(world.rows.scalars(entries).all()) == 1
    with unit_of_work(hq_engine) as session, pytest.raises(Missing):
        partings.undo(session, merge_id=NIL, why="", actor=OPERATOR, now=world.now)
    with unit_of_work(hq_engine) as session, pytest.raises(Invalid):
        partings.undo(session, merge_id=merge.merge_id, why="长" * 301, actor=OPERATOR, now=world.now)


def test_those_put_in_quarantine_because_of_the_other_are_judged_on_their_own(world, part):
    old, _new = two_people(world)
    ring = [world.sign_up(phone=f"138000000{n:02}", device_id="farm") for n in range(4)]
    world.sign_up(phone=OTHER, openid="o2", device_id="farm")
    world.later(minutes=1)
    joint = world.sign_up(phone=PHONE, openid="o2", device_id="farm")
    world.run("hq.qualify")
    world.later(minutes=1)
    world.run("hq.qualify")
    first = world.rows.scalars(select(Signup).where(Signup.contact_id == old).order_by(Signup.accepted_at)).first()
    assert world.outcomes(first.signup_id, joint, *ring) == ["quarantined"] * 6
    part()
    assert world.signup(first.signup_id).state == "received"
    world.run("hq.qualify")
    assert {each.state for each in world.rows.scalars(select(Signup))} == {"decided"}


@pytest.mark.parametrize("seed", range(6))
def test_many_random_people_are_as_before(world, part, join, seed):
    rnd = random.Random(seed)
    wishes = [{"purchase_horizon": "now"}, {"purchase_horizon": "none"}, {"model": "S1", "budget": "3500-5000"}]
    for _ in range(rnd.randint(2, 9)):
        person = rnd.choice(("a", "b"))
        phones = {"a": (PHONE, THIRD), "b": (OTHER,)}[person]
        world.sign_up(
            phone=rnd.choice(phones), openid=f"{person}0", share=rnd.random() < 0.7, interest=rnd.choice(wishes)
        )
        world.later(minutes=rnd.choice((1, 1500)))
        if rnd.random() < 0.6:
            world.run("hq.qualify")
    for phone, person in ((PHONE, "a"), (OTHER, "b")):
        world.sign_up(phone=phone, openid=f"{person}0")
    world.run("hq.qualify")
    contacts = world.rows.scalars(select(Contact.contact_id)).all()
    before = everything(world, *contacts)
    world.later(minutes=1)
    join(*contacts)
    assert world.rows.scalar(select(Contact.merged_into).where(Contact.merged_into.is_not(None))) in contacts
    part()
    assert everything(world, *contacts) == before


def test_taking_apart_while_workers_decide_leaves_everybody_with_their_own(world, race, join, hq_engine):
    for n in range(24):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{n}", minutes=n / 50)
    world.run("hq.qualify")
    world.later(minutes=1)
    contacts = world.rows.scalars(select(Contact.contact_id).order_by(Contact.contact_id)).all()
    joined = [join(*pair) for pair in zip(contacts[::2], contacts[1::2], strict=True)]
    merges = world.rows.scalars(select(ContactMerge.merge_id).order_by(ContactMerge.merge_id)).all()
    assert len(merges) == len(joined) == 12
    world.later(minutes=1)
    for n in range(24):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{n ^ (n % 3 > 0)}", actions={"visited_store": True})
    small = replace(find("hq.qualify"), batch=5)

    # by the database's clock: whether somebody was faster shows in the moments at which contacts were changed
    def act(merge_id):
        if merge_id is None:
            with at_work(world.settings.worker()) as place:
                return run(place, small).last_error
        with unit_of_work(hq_engine) as session:
            partings.undo(session, merge_id=merge_id, why="", actor=OPERATOR, now=now_of(session))
        return None

    answers = race(act, [None, *merges[:6], None, *merges[6:]], clients=6)
    assert answers == [None] * len(answers)
    world.later(days=30)
    for _ in range(3):
        world.later(minutes=1)
        world.run("hq.qualify")
    assert balance(world.rows).places["pending"] == 0
    owners = {bytes(each.value_bidx): each.contact_id for each in world.rows.scalars(select(Identity))}
    for signup in world.rows.scalars(select(Signup)):
        assert signup.contact_id == owners[bytes(signup.phone_bidx)]
        if signup.lead_id is not None:
            assert world.rows.get(Lead, signup.lead_id).contact_id == signup.contact_id
    open_leads = select(Lead.contact_id, func.count()).where(Lead.closed_at.is_(None)).group_by(Lead.contact_id)
    assert {count for _, count in world.rows.execute(open_leads)} == {1}


def test_joining_by_hand_while_workers_decide_leaves_one_person_with_one_lead(world, race, hq_engine):
    for n in range(24):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{n}", minutes=n / 50)
    world.run("hq.qualify")
    world.later(minutes=1)
    contacts = world.rows.scalars(select(Contact.contact_id).order_by(Contact.contact_id)).all()
    pairs = list(zip(contacts[::2], contacts[1::2], strict=True))
    for n in range(24):
        world.sign_up(phone=f"1380000{n:04}", openid=f"o{n ^ (n % 3 > 1)}", actions={"visited_store": True})
    small = replace(find("hq.qualify"), batch=5)

    # by the database's clock: whether somebody was faster shows in the moments at which contacts were changed
    def act(pair):
        if pair is None:
            with at_work(world.settings.worker()) as place:
                return run(place, small).last_error
        with unit_of_work(hq_engine) as session:
            joinings.join(session, one=pair[0], other=pair[1], note="", actor=OPERATOR, now=now_of(session))
        return None

    answers = race(act, [None, *pairs[:6], None, *pairs[6:]], clients=6)
    assert answers == [None] * len(answers)
    world.later(days=30)
    world.run("hq.qualify")
    world.rows.expire_all()
    assert balance(world.rows).places["pending"] == 0
    living = world.rows.scalars(select(Contact.contact_id).where(Contact.merged_into.is_(None))).all()
    assert len(living) == 12
    assert set(world.rows.scalars(select(Signup.contact_id))) == set(living)
    open_leads = select(Lead.contact_id, func.count()).where(Lead.closed_at.is_(None)).group_by(Lead.contact_id)
    assert {count for _, count in world.rows.execute(open_leads)} == {1}
