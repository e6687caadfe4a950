"""A unionid is one person in all of a company's apps: it names as an openid does, and crowds as one does."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, delete, select, text, update

from hq.qualification.matching.crowding import MOST_PHONES
from hq.qualification.matching.models import ContactMerge, CrowdedAccount
from shared.contacts.models import ContactPhone, Identity
from shared.db import migrate
from shared.work.drains import find
from shared.work.runs import run
from tests.integration.pipeline.test_partings import everything, part, the_merge  # noqa: F401 (a fixture)
from tests.integration.pipeline.test_races import drain_at_once, people_of
from tests.integration.pipeline.test_rings import reason_of, whole
from tests.working import at_work


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(cap=50))


def test_the_same_unionid_is_the_same_person_whatever_the_app_and_the_number(world):
    one = world.sign_up(phone="13800000001", openid="mini", unionid="u")
    world.run("hq.qualify")
    other = world.sign_up(phone="13800000002", openid="official", unionid="u", minutes=1)
    world.run("hq.qualify")
    assert world.signup(one).contact_id == world.signup(other).contact_id
    assert set(world.rows.scalars(select(Identity.kind))) == {"phone", "openid", "unionid"}
    whole(world)


def test_a_unionid_with_five_numbers_over_several_apps_is_a_ring(world):
    early = [world.sign_up(phone=f"1380000000{n}", openid=f"app{n}", unionid="u", minutes=n) for n in range(4)]
    world.run("hq.qualify")
    assert len({world.signup(key).contact_id for key in early}) == 1
    world.later(minutes=9)
    late = world.sign_up(phone="13800000009", openid="app9", unionid="u")
    for _ in range(2):
        world.run("hq.qualify")
        world.later(minutes=1)
    assert len({world.signup(key).contact_id for key in (*early, late)}) == 5
    assert reason_of(world, early[0])["phones"] == 5
    assert set(world.rows.scalars(select(CrowdedAccount.kind))) == {"unionid"}
    whole(world)


def test_undoing_what_a_unionid_joined_gives_both_back_exactly(world, part):  # noqa: F811 (the fixture)
    world.sign_up(phone="13800000001", openid="mini", unionid="u")
    world.run("hq.qualify")
    world.later(minutes=1)
    second = world.sign_up(phone="13800000002", openid="official")
    world.run("hq.qualify")
    leaving = world.signup(second).contact_id
    before = everything(world, leaving)
    world.later(minutes=1)
    joint = world.sign_up(phone="13800000001", openid="official", unionid="u")
    world.run("hq.qualify")
    assert the_merge(world).loser == leaving
    part()
    assert everything(world, leaving) == before
    later = world.sign_up(phone="13800000002", openid="official", unionid="u", minutes=1)
    world.run("hq.qualify")  # kept apart: the number decides
    assert world.signup(later).contact_id == leaving != world.signup(joint).contact_id


def said(rnd, people):
    """A number, an openid and a unionid, of which an openid has one."""
    openid = rnd.randrange(people)
    return rnd.randrange(people), openid, openid // 3


def closure(keys):
    """Who is who by chains of equal keys; an account with many numbers joins nobody."""
    groups = []
    for signup_id, (phone, *accounts) in keys.items():
        members, shared = {signup_id}, {("phone", phone)}
        for place, account in enumerate(accounts, start=1):
            if len({other[0] for other in keys.values() if other[place] == account}) <= MOST_PHONES:
                shared |= {(place, account)}
        for other in [group for group in groups if group[1] & shared]:
            groups.remove(other)
            members, shared = members | other[0], shared | other[1]
        groups.append((members, shared))
    return sorted(sorted(members) for members, _ in groups)


def signed_up(world, rnd, count, people):
    """`count` sign-ups: id → keys."""
    keys = [said(rnd, people) for _ in range(count)]
    return {
        world.sign_up(phone=f"1380000{p:04}", openid=f"o{o}", unionid=f"u{u}", minutes=n / 50): (p, o, u)
        for n, (p, o, u) in enumerate(keys)
    }


@pytest.mark.parametrize("seed", range(3))
def test_who_is_who_does_not_hang_on_order_or_batches(world, seed):
    rnd = random.Random(seed)
    made = signed_up(world, rnd, 36, 22)
    small = replace(find("hq.qualify"), batch=rnd.choice((1, 3, 36)))
    for _ in range(3):
        with at_work(world.settings.worker(), now=world.now) as place:
            assert run(place, small).last_error is None
        world.later(minutes=1)
    assert people_of(world.rows) == closure(made)
    whole(world)


def test_workers_at_once_agree(world, race):
    made = signed_up(world, random.Random(7), 80, 45)
    drain_at_once(world, race)
    assert people_of(world.rows) == closure(made)
    whole(world)


def test_old_unionids_become_keys_and_nobody_is_joined_by_it(world, superuser_url):
    pairs = [("13800000001", "a"), ("13800000002", "a"), *((f"1380000001{n}", "ring") for n in range(5))]
    old = [world.sign_up(phone=phone, minutes=n) for n, (phone, _unionid) in enumerate(pairs)]
    world.run("hq.qualify")
    contacts = [world.signup(key).contact_id for key in old]
    for key, (_phone, unionid) in zip(old, pairs, strict=True):
        world.signup(key).unionid_bidx = unionid.encode()
    world.rows.execute(delete(CrowdedAccount))
    world.rows.execute(update(ContactPhone).values(verified="none"))
    world.rows.commit()
    step = ScriptDirectory(str(migrate._MIGRATIONS)).get_revision("0028_unionids").module
    engine = create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.execute(text(step._KEYS))
        connection.execute(text(step._CROWDS))
        connection.execute(text(step._VERIFIED))
    engine.dispose()
    world.rows.expire_all()
    keys = select(Identity.value_bidx, Identity.contact_id).where(Identity.kind == "unionid")
    assert {bytes(value): contact for value, contact in world.rows.execute(keys)} == {
        b"a": contacts[0],
        b"ring": contacts[2],
    }
    assert {bytes(each.value_bidx) for each in world.rows.scalars(select(CrowdedAccount))} == {b"ring"}
    assert [world.signup(key).contact_id for key in old] == contacts
    assert world.rows.scalars(select(ContactMerge)).all() == []
    assert set(world.rows.scalars(select(ContactPhone.verified))) == {"wechat"}  # as the sign-ups say
