"""The quarantine desk as people at headquarters use it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hq.qualification.models import SignupDecision
from hq.qualification.quarantine.models import ScreeningVerdict
from shared.audit.models import AuditEntry
from shared.contacts.models import ContactPhone
from shared.identity.permissions import Role
from shared.platform.ids import new_id
from shared.signups.models import Signup
from tests import factories as make
from tests.portals.conftest import sign_in

DESK = "/hq/quarantine"
_UNDO = re.compile(r'action="(/hq/quarantine/acts/[^"]+/undo)"')


@pytest.fixture
def opened(browser, hq_person):
    """Somebody of a role, signed in."""

    def as_role(role=Role.OPERATOR):
        here = browser()
        sign_in(here, "/hq", hq_person(role).login)
        return here

    return as_role


@pytest.fixture
def here(opened):
    return opened()


@pytest.fixture
def stopped(rows):
    """`stopped(people=4, device=b"d")`: people in quarantine for sharing a device; their sign-ups, in order."""
    campaign = make.campaign(rows)

    def of(people=4, *, device=b"d", code="device_many_people", hours=0):
        keys = []
        for number in range(people):
            at = make.NOW + timedelta(hours=hours, minutes=number)
            person = make.contact(rows, name="陈小明")
            phone = rows.scalars(
                select(ContactPhone.phone_bidx).where(ContactPhone.contact_id == person.contact_id)
            ).one()
            signup = make.signup(
                rows,
                campaign,
                signup_id=new_id(at),
                state="decided",
                outcome="quarantined",
                runs=1,
                decided_at=at,
                occurred_at=at,
                accepted_at=at,
                device_bidx=device,
                contact_id=person.contact_id,
                phone_bidx=phone,
                region={"county_code": "330106"},
                actions={"draws": 2},
            )
            reason = {"code": code, "effect": "quarantine", "people": people, "minutes": 10}
            rows.add(
                SignupDecision(
                    signup_id=signup.signup_id,
                    run=1,
                    outcome="quarantined",
                    contact_id=person.contact_id,
                    lead_id=None,
                    steps={"screening": {"outcome": "quarantine", "reasons": [reason]}},
                    rules={},
                    at=at,
                )
            )
            keys.append(signup.signup_id)
        rows.commit()
        return keys

    return of


def state(rows, keys):
    rows.expire_all()
    return [rows.get(Signup, key).state for key in keys]


def test_an_empty_desk_says_so(here):
    page = here.get(DESK)
    assert page.status_code == 200
    assert "没有待复核的人" in page.text


def test_the_desk_shows_the_largest_ring_with_its_reasons_in_words(here, stopped):
    stopped(2, device=b"e")
    stopped(5, device=b"d")
    page = here.get(DESK)
    assert "2 组，7 条报名" in page.text
    assert "浙江省：5 人，共用 1 台设备" in page.text
    assert "5 人" in page.text
    assert "这台设备上 10 分钟内有 5 人" in page.text
    assert page.text.count("<circle") >= 5


def test_any_sign_up_of_a_ring_leads_to_it(here, stopped):
    keys = stopped(3)
    pages = [here.get(f"{DESK}/{key}").text for key in keys]
    assert all(f'action="{DESK}/{keys[0]}/judge"' in page for page in pages)


def test_numbers_are_masked(here, stopped, rows):
    stopped(2)
    page = here.get(DESK).text
    assert "****" in page
    assert not re.search(r"1[3-9]\d{9}", page)


def test_both_verdicts_are_foreseen_before_one_is_taken(here, stopped):
    stopped(4)
    page = here.get(DESK).text
    assert "拒绝 4 人" in page
    assert "放行 4 人" in page
    assert "抽奖机会" in page


def test_what_would_change_follows_the_ticks(here, stopped):
    keys = stopped(4)
    here.get(DESK)
    told = here.post(f"{DESK}/{keys[0]}/effects", {"person": [str(keys[1])]}, headers={"HX-Request": "true"})
    assert "拒绝 1 人" in told.text
    assert "<html" not in told.text
    nobody = here.post(f"{DESK}/{keys[0]}/effects", {}, headers={"HX-Request": "true"})
    assert "没有勾选任何人" in nobody.text


def test_without_scripts_the_whole_page_shows_what_would_change(here, stopped):
    keys = stopped(4)
    here.get(DESK)
    page = here.post(f"{DESK}/{keys[0]}/effects", {"person": [str(keys[1])]})
    assert "拒绝 1 人" in page.text
    assert page.text.count(" checked") == 1


def test_looking_at_what_would_change_changes_nothing(here, stopped, rows):
    keys = stopped(4)
    here.get(DESK)
    here.post(f"{DESK}/{keys[0]}/effects", {"person": [str(key) for key in keys]})
    assert state(rows, keys) == ["decided"] * 4
    assert rows.scalar(select(func.count()).select_from(ScreeningVerdict)) == 0


def test_who_is_ticked_is_judged_with_a_note_and_it_is_undone_in_one_step(here, stopped, rows):
    keys = stopped(4)
    here.get(DESK)
    form = {"person": [str(key) for key in keys[:3]], "verdict": "fraud", "note": "同一栋楼"}
    answer = here.post(f"{DESK}/{keys[0]}/judge", form)
    assert answer.status_code == 303
    page = here.get(answer.location)
    assert "3 人判为羊毛党" in page.text
    assert state(rows, keys) == ["received"] * 3 + ["decided"]
    assert set(rows.scalars(select(ScreeningVerdict.note))) == {"同一栋楼"}
    here.post(_UNDO.search(page.text)[1])
    rows.expire_all()
    assert rows.scalar(select(func.count()).where(ScreeningVerdict.undone_at.is_(None))) == 0


def test_sent_twice_it_is_judged_once(here, stopped, rows):
    keys = stopped(2)
    here.get(DESK)
    form = {"person": [str(key) for key in keys], "verdict": "genuine"}
    for _time in range(2):
        assert here.post(f"{DESK}/{keys[0]}/judge", form).status_code == 303
    assert rows.scalar(select(func.count()).select_from(ScreeningVerdict)) == 2
    assert rows.scalar(select(func.count()).where(AuditEntry.action == "verdict:genuine")) == 1


@pytest.mark.parametrize("form", [{"verdict": "perhaps"}, {"verdict": "fraud", "note": "x" * 501}])
def test_nonsense_is_refused(here, stopped, form):
    keys = stopped(2)
    here.get(DESK)
    assert here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(keys[0])], **form}).status_code == 422


def test_nobody_ticked_is_refused(here, stopped):
    keys = stopped(2)
    here.get(DESK)
    assert here.post(f"{DESK}/{keys[0]}/judge", {"verdict": "fraud"}).status_code == 422


def test_what_does_not_exist_is_not_found(here, stopped):
    stopped(1)
    here.get(DESK)
    unknown = new_id(make.NOW)
    assert here.get(f"{DESK}/{unknown}").status_code == 404
    assert here.post(f"{DESK}/acts/{unknown}/undo").status_code == 404
    assert here.post(f"{DESK}/{unknown}/judge", {"person": [str(unknown)], "verdict": "fraud"}).status_code == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CONTENT_EDITOR])
def test_who_may_not_decide_sees_nothing_of_it(opened, stopped, role):
    keys = stopped(2)
    here = opened(role)
    here.get("/hq/account")
    assert here.get(DESK).status_code == 403
    assert here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(keys[0])], "verdict": "fraud"}).status_code == 403
    assert DESK not in here.get("/hq/").text


def test_filters_live_in_the_address(here, stopped):
    stopped(3, device=b"d")
    stopped(2, device=b"e", code="address_many_people", hours=1)
    page = here.get(f"{DESK}?reason=address_many_people&sort=newest")
    assert "1 组，2 条报名" in page.text
    assert "reason=address_many_people" in page.text
    assert here.get(f"{DESK}?reason=nothing&province=99&campaign=x&shared=y").status_code == 200


def test_the_sign_up_and_the_customer_lead_to_the_ring(here, stopped, rows):
    (key, *_others) = stopped(2)
    contact_id = rows.get(Signup, key).contact_id
    assert f"{DESK}/{key}" in here.get(f"/hq/signups/{key}").text
    assert f"{DESK}/{key}" in here.get(f"/hq/contacts/{contact_id}").text


def test_what_was_judged_is_listed_with_its_reasons_and_way_back(here, stopped):
    keys = stopped(2)
    here.get(DESK)
    here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(key) for key in keys], "verdict": "fraud"})
    page = here.get(f"{DESK}/verdicts")
    assert page.text.count("撤销这次判定") >= 2
    assert "一台设备多人" in page.text
    assert here.get(f"{DESK}/{keys[1]}").location.endswith(f"/verdicts?ring={keys[1]}")


def test_the_precision_of_each_reason_is_told_with_its_interval(here, stopped):
    keys = stopped(4)
    here.get(DESK)
    here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(key) for key in keys[:3]], "verdict": "fraud"})
    here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(keys[3])], "verdict": "genuine"})
    page = here.get(f"{DESK}/precision")
    assert "75.0%" in page.text
    assert "30.1% – 95.4%" in page.text
    assert "判定太少" in page.text
    file = here.post(f"{DESK}/precision/file", {"since": "all"})
    assert file.mimetype == "text/csv"
    assert ",4,3,1,0.75,0.3006,0.9544" in file.text


def test_a_verdict_taken_back_does_not_count(here, stopped, rows):
    keys = stopped(2)
    here.get(DESK)
    here.post(f"{DESK}/{keys[0]}/judge", {"person": [str(key) for key in keys], "verdict": "fraud"})
    act = rows.scalars(select(ScreeningVerdict.act_id)).first()
    here.post(f"{DESK}/acts/{act}/undo")
    assert "这段时间没有判定" in here.get(f"{DESK}/precision").text
