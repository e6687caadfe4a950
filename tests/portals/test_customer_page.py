"""A customer's page: each key with its strength, and who is near."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hq.contacts.near import near
from hq.contacts.strengths import strength_of
from hq.qualification.matching.models import CrowdedAccount
from shared.contacts.models import Identity
from shared.db.session import unit_of_work
from shared.platform.ids import new_id
from shared.signups.models import Signup
from tests import factories as make
from tests.factories.counting import BLIND
from tests.portals.conftest import sign_in

DEVICE = b"d" * 16


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    return here


@pytest.fixture
def person(rows):
    """`person(name, **sign-up)`: a customer with one sign-up."""
    event = make.campaign(rows)

    def made(name="陈小明", **said):
        contact = make.contact(rows, name=name)
        phone = rows.query(Identity).filter_by(contact_id=contact.contact_id).one()
        signup = make.signup(
            rows, event, contact_id=contact.contact_id, phone_bidx=phone.value_bidx, state="decided",
            outcome="rejected", **said,
        )  # fmt: skip
        phone.signup_id = signup.signup_id
        rows.commit()
        return contact

    return made


def kinds(engine, contact):
    with unit_of_work(engine) as session:
        return {each.contact_id: list(each.kinds) for each in near(session, contact.contact_id, contact.name)}


@pytest.mark.parametrize(
    ("kind", "source", "verified", "strength"),
    [
        ("phone", "api", "wechat", "wechat"),
        ("phone", "page", "sms", "sms"),
        ("phone", "api", "none", "typed"),
        ("phone", "import", "none", "imported"),
        ("phone", "store", "sms", "staff"),
        ("openid", "api", "none", "wechat"),
    ],
)
def test_a_key_is_as_strong_as_its_sign_up_says(kind, source, verified, strength):
    assert strength_of(kind, Signup(source=source, phone_verified=verified)) == strength


def test_who_shares_a_device_an_address_or_name_and_district_is_near(person, hq_engine):
    at = {"ip": "203.0.113.7", "user_agent": "MicroMessenger"}
    one = person(device_bidx=DEVICE, region={"county_code": "330106"}, **at)
    device = person("王芳", device_bidx=DEVICE)
    address = person("李雷", **at)
    both = person("陈小明", device_bidx=DEVICE, region={"county_code": "330106"})
    person("陈小明", region={"county_code": "310101"})
    person("韩梅", ip="203.0.113.7", user_agent="another")
    assert kinds(hq_engine, one) == {
        both.contact_id: ["device", "name"],
        device.contact_id: ["device"],
        address.contact_id: ["address"],
    }


def test_a_stores_tablet_brings_nobody_near(person, hq_engine):
    one = person(device_bidx=DEVICE, touchpoint="store_qr")
    person("王芳", device_bidx=DEVICE, touchpoint="store_qr")
    assert kinds(hq_engine, one) == {}


@pytest.mark.parametrize("kind", ["openid", "unionid"])
def test_the_people_of_a_crowded_account_are_near_each_other(rows, person, hq_engine, kind):
    account = BLIND.of(kind, "farm")
    people = [person(f"客户{n}", **{f"{kind}_bidx": account}) for n in range(4)]
    for each in people:
        phone = rows.query(Identity).filter_by(contact_id=each.contact_id).one().value_bidx
        rows.add(CrowdedAccount(kind=kind, value_bidx=account, phone_bidx=phone, at=make.NOW))
    rows.commit()
    assert kinds(hq_engine, people[0]) == {each.contact_id: ["openid"] for each in people[1:]}


def test_no_more_than_twelve_of_a_kind_are_listed(person, hq_engine):
    one = person(device_bidx=DEVICE)
    for n in range(15):
        person(f"客户{n}", device_bidx=DEVICE, occurred_at=make.NOW - timedelta(minutes=n))
    assert len(kinds(hq_engine, one)) == 12


@pytest.mark.parametrize("kind", ["openid", "unionid"])
def test_the_page_says_how_each_key_was_verified_and_that_a_crowded_one_names_nobody(desk, rows, person, kind):
    account = BLIND.of(kind, "farm")
    one = person(**{f"{kind}_bidx": account}, phone_verified="sms", device_bidx=DEVICE)
    person("王芳", device_bidx=DEVICE)
    rows.add(
        Identity(kind=kind, value_bidx=account, contact_id=one.contact_id, signup_id=new_id(make.NOW),
                 created_at=make.NOW)
    )  # fmt: skip
    for n in range(4):
        rows.add(CrowdedAccount(kind=kind, value_bidx=account, phone_bidx=bytes([n]), at=make.NOW))
    rows.commit()
    page = desk.get(f"/hq/contacts/{one.contact_id}").text
    for words in (f"微信（{kind}）", "短信已验证", "出现过 4 个号码，不代表任何人", "同一台设备", "王*"):
        assert words in page
