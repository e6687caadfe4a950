"""Headquarters says on a customer's page who is one person and who is not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select

from hq.qualification import joinings
from hq.qualification.matching.models import ContactMerge, KeptApart
from shared.audit.models import AuditEntry
from shared.contacts.models import Contact, ContactPhone
from shared.identity.actor import system
from shared.identity.permissions import Role
from shared.platform.ids import new_id
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.waiting import until


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which somebody of headquarters is signed in."""

    def enter(role=Role.OPERATOR):
        here = browser()
        sign_in(here, "/hq", hq_person(role).login)
        return here

    return enter


@pytest.fixture
def two(rows):
    """Two customers, the older first."""
    older = make.contact(rows, name="陈小明", created_at=make.NOW - timedelta(days=1))
    newer = make.contact(rows, name="欧阳锋")
    rows.commit()
    return older, newer


@pytest.fixture
def joined(as_hq, two):
    """The two as one, joined by hand."""

    def act(session, now):
        one, other = two
        return joinings.join(
            session, one=one.contact_id, other=other.contact_id, note="同一个人", actor=system("test"), now=now
        )

    return as_hq(act)


def merge_of(rows) -> ContactMerge:
    return rows.scalars(select(ContactMerge).execution_options(populate_existing=True)).one()


def test_a_joined_record_is_shown_with_who_joined_it_and_can_be_taken_apart(desk, rows, two, joined):
    here = desk()
    page = here.get(f"/hq/contacts/{joined.survivor}").text
    assert ("欧阳*" in page, "同一个人" in page, "不是同一个人" in page) == (True, True, True)
    answer = here.post(f"/hq/contacts/joinings/{merge_of(rows).merge_id}/part", {"why": "一家人 13800138000"})
    assert (answer.status_code, answer.location) == (303, f"/hq/contacts/{joined.survivor}")
    rows.expire_all()
    assert rows.get(Contact, joined.loser).merged_into is None
    page = here.get(f"/hq/contacts/{joined.survivor}").text
    assert f"/hq/contacts/{joined.loser}" in page
    assert ("一家人 138****8000" in page, "13800138000" in page) == (True, False)


def test_taking_apart_twice_does_it_once(desk, rows, joined):
    here = desk()
    here.get(f"/hq/contacts/{joined.survivor}")
    for _ in range(2):
        assert here.post(f"/hq/contacts/joinings/{merge_of(rows).merge_id}/part").status_code == 303
    assert len(rows.scalars(select(KeptApart)).all()) == 1
    assert len(rows.scalars(select(AuditEntry).where(AuditEntry.action == "contact:part")).all()) == 1


def test_who_may_only_read_sees_no_button_and_is_refused(desk, rows, joined):
    here = desk(Role.ANALYST)
    assert "/part" not in here.get(f"/hq/contacts/{joined.survivor}").text
    assert here.post(f"/hq/contacts/joinings/{merge_of(rows).merge_id}/part").status_code == 403
    assert merge_of(rows).undone_at is None


def test_an_unknown_joining_is_missing(desk, joined):
    here = desk()
    here.get(f"/hq/contacts/{joined.survivor}")
    assert here.post(f"/hq/contacts/joinings/{new_id(make.NOW)}/part").status_code == 404


def test_joining_by_hand_shows_who_did_it_and_why_and_can_be_undone_and_done_again(desk, rows, two):
    here, (older, newer) = desk(), two
    here.get(f"/hq/contacts/{newer.contact_id}")
    for _ in range(2):
        answer = here.post(f"/hq/contacts/{newer.contact_id}/join", {"other": older.contact_id, "why": "换了号码"})
        assert (answer.status_code, answer.location) == (303, f"/hq/contacts/{older.contact_id}")
    merge = merge_of(rows)
    assert (merge.loser, merge.note, merge.signup_id) == (newer.contact_id, "换了号码", None)
    page = here.get(answer.location).text
    assert f"/hq/contacts/joinings/{merge.merge_id}/part" in page
    here.post(f"/hq/contacts/joinings/{merge.merge_id}/part")
    page = here.get(answer.location).text
    assert f"/hq/contacts/{older.contact_id}/join" in page
    assert rows.scalars(select(KeptApart)).all() != []
    here.post(f"/hq/contacts/{older.contact_id}/join", {"other": newer.contact_id})
    rows.expire_all()
    assert rows.scalars(select(KeptApart)).all() == []
    assert rows.get(Contact, newer.contact_id).merged_into == older.contact_id


@pytest.mark.parametrize("other", ["", "nobody", "018f0000-0000-7000-8000-000000000000", "self"])
def test_joining_with_nobody_changes_nothing(desk, rows, two, other):
    here, (older, _) = desk(), two
    here.get(f"/hq/contacts/{older.contact_id}")
    wanted = str(older.contact_id) if other == "self" else other
    assert here.post(f"/hq/contacts/{older.contact_id}/join", {"other": wanted}).status_code == 404
    assert rows.scalars(select(ContactMerge)).all() == []


def test_one_who_became_somebody_elses_meanwhile_is_not_joined(desk, rows, two, joined):
    third = make.contact(rows, name="司马光")
    rows.commit()
    here = desk()
    here.get(f"/hq/contacts/{third.contact_id}")
    assert here.post(f"/hq/contacts/{third.contact_id}/join", {"other": joined.loser}).status_code == 409
    assert len(rows.scalars(select(ContactMerge)).all()) == 1


def test_who_may_only_read_joins_nobody(desk, rows, two):
    here, (older, newer) = desk(Role.ANALYST), two
    here.get(f"/hq/contacts/{older.contact_id}")
    assert here.post(f"/hq/contacts/{older.contact_id}/join", {"other": newer.contact_id}).status_code == 403
    assert rows.scalars(select(ContactMerge)).all() == []


def test_the_other_customer_is_found_by_number_digits_or_name_and_the_effects_are_shown(desk, rows, two):
    here, (older, newer) = desk(), two
    at = f"/hq/contacts/{newer.contact_id}/join"
    here.get(at)
    masked = rows.scalars(select(ContactPhone.masked).where(ContactPhone.contact_id == older.contact_id)).one()
    for words in ("小明", masked[-4:]):
        page = here.post(f"{at}/find", {"words": words}).text
        assert f"{at}?other={older.contact_id}" in page
    assert "没找到" in here.post(f"{at}/find", {"words": "欧阳"}).text
    page = here.get(f"{at}?other={older.contact_id}").text
    assert ("会有什么变化" in page, f'value="{older.contact_id}"' in page) == (True, True)


def test_a_joining_that_overrules_somebody_says_so(desk, rows, joined):
    here = desk()
    here.get(f"/hq/contacts/{joined.survivor}")
    here.post(f"/hq/contacts/joinings/{merge_of(rows).merge_id}/part")
    assert "推翻" in here.get(f"/hq/contacts/{joined.survivor}/join?other={joined.loser}").text


def test_the_page_for_joining_knows_only_living_customers(desk, two, joined):
    here = desk()
    assert here.get(f"/hq/contacts/{joined.loser}/join").status_code == 404
    assert here.get(f"/hq/contacts/{joined.survivor}/join?other={joined.loser}").status_code == 404
    assert here.get(f"/hq/contacts/{new_id(make.NOW)}/join").status_code == 404
    assert desk(Role.ANALYST).get(f"/hq/contacts/{joined.survivor}/join").status_code == 403


_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'koi_hq' AND wait_event_type = 'Lock'"


def in_the_way(url, signup, contact, begun) -> None:
    """Somebody who has locked a sign-up, and wants its contact once the page waits for the sign-up. The database ends
    the page's transaction: this one would look for a circle only after half a minute."""
    lock = "SELECT 1 FROM {} WHERE {} = %s FOR NO KEY UPDATE"
    with psycopg.connect(url) as connection, psycopg.connect(url, autocommit=True) as looking:
        connection.execute("SET LOCAL deadlock_timeout = '30s'")
        connection.execute(lock.format("signups", "signup_id"), (signup.signup_id,))
        begun.set()
        until(lambda: looking.execute(_WAITS).fetchone() != (0,), what="the page to wait for the sign-up")
        connection.execute(lock.format("contacts", "contact_id"), (contact.contact_id,))


def test_a_page_that_the_database_ended_to_let_a_worker_go_on_is_done_again_and_tells_it_once(
    desk, rows, two, superuser_url
):
    here, (older, newer) = desk(), two
    signup = make.signup(rows, make.campaign(rows), contact_id=older.contact_id, state="decided", outcome="rejected")
    rows.commit()
    here.get(f"/hq/contacts/{newer.contact_id}")
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(in_the_way, superuser_url, signup, older, begun)
        assert begun.wait(20)
        answer = here.post(f"/hq/contacts/{newer.contact_id}/join", {"other": older.contact_id})
        other.result(20)
    assert answer.status_code == 303
    assert merge_of(rows).survivor == older.contact_id
    assert here.get(answer.location).text.count("已合并为同一位客户。") == 1
